"""Lanes of a deployment: their adapters, secrets, callbacks; who may send beside whom; the shifted clock."""

import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Accepted, Channel, SmsMessage
from channels.email.sendgrid import SendGrid
from channels.email.smtp import Smtp
from channels.letter.print_folder import PrintFolder
from channels.sms.twilio import Twilio
from orchestrator.bootstrap import Deployment
from orchestrator.cli.rehearsal_home import own_deployment
from orchestrator.domain.errors import Conflict, FileError, InputError
from orchestrator.domain.lane import SANDBOX_LANES
from orchestrator.settings import read_settings
from orchestrator.storage import facts
from tests.architecture.repository import ROOT
from tests.deployment.conftest import SECRETS, Site
from tests.stubs.twilio_stub import ACCOUNT_SID, AUTH_TOKEN, TwilioStub

LOCAL_SMS = """
lanes:
  - id: sms
    channel: sms
    provider: twilio
    settings: {account_sid: AC00000000000000000000000000000000, auth_token: {env: TWILIO_AUTH_TOKEN}}
"""


# ------------------------------------------------------------------------------------------------ adapters


def test_without_a_file_every_channel_is_the_sandbox_and_writes_to_the_outbox(site: Site) -> None:
    place = site.deployment()
    assert place.lanes == SANDBOX_LANES
    assert place.real_lanes == ()
    message = SmsMessage(attempt_id="a1", to="+33644631234", sender="ACME", text="Bonjour")
    place.adapters["sandbox-sms"].send(message)
    assert [path.suffix for path in place.settings.outbox.rglob("*") if path.is_file()] == [".txt"]


def test_a_file_that_cannot_be_read_is_never_the_sandbox(site: Site) -> None:
    for lanes in ("/nowhere/lanes.yaml", site.lanes("lanes: []\n")):
        with pytest.raises(FileError):
            _ = site.deployment(LANES=lanes).lanes


def test_the_example_gives_an_adapter_for_each_lane(site: Site) -> None:
    place = site.deployment(LANES=site.example(), PUBLIC_URL="https://relance.acme.example")
    assert {name: type(adapter) for name, adapter in place.adapters.items()} == {
        "twilio-fr": Twilio,
        "sendgrid": SendGrid,
        "smtp": Smtp,
        "print": PrintFolder,
    }
    assert place.real_lanes == ("twilio-fr", "sendgrid", "smtp", "print")
    assert [adapter.channel for adapter in place.adapters.values()] == [lane.channel for lane in place.lanes]


def test_what_decides_knows_the_lanes_and_their_prices(site: Site) -> None:
    path = site.example()
    dearer = Path(path).read_text("utf-8").replace("cost: 0.06 EUR", "cost: 0.07 EUR").replace("1.35 EUR", "1.52 EUR")
    place = site.deployment(LANES=site.lanes(dearer))
    strategy = place.strategy()
    assert strategy.lanes == place.lanes == place.post().lanes
    assert strategy.costs_cents == {"sms": 7, "email": 0, "letter": 152, "registered": 574}
    assert place.strategy(is_rehearsal=True).lanes == SANDBOX_LANES


def test_a_secret_without_value_is_named_by_its_variable_only(site: Site) -> None:
    place = site.deployment(LANES=site.lanes(LOCAL_SMS))
    place.environ = {}
    with pytest.raises(InputError) as caught:
        _ = place.adapters
    assert caught.value.code == "lane_secret_missing"
    assert (caught.value.where, "TWILIO_AUTH_TOKEN" in caught.value.message) == ("lane sms", True)


def test_what_a_provider_refuses_is_told_of_its_lane_without_the_value(site: Site) -> None:
    lanes = site.lanes(LOCAL_SMS.replace("AC00000000000000000000000000000000", "hush"))
    with pytest.raises(InputError) as caught:
        _ = site.deployment(LANES=lanes).adapters
    assert (caught.value.code, caught.value.where) == ("lane_unusable", "lane sms, account_sid")
    assert "hush" not in str(caught.value)


def test_an_address_of_ours_replaces_the_provider_s_and_makes_the_lane_local(site: Site) -> None:
    lanes = site.lanes(LOCAL_SMS)
    assert site.deployment(LANES=lanes).real_lanes == ("sms",)
    assert site.deployment(LANES=lanes, TWILIO_BASE_URL="https://api.dublin.twilio.example").real_lanes == ("sms",)
    assert site.deployment(LANES=lanes, TWILIO_BASE_URL="http://127.0.0.1:4010").real_lanes == ()
    assert site.deployment(LANES=lanes, TWILIO_BASE_URL="http://127.0.0.1:4010").adapters["sms"].name == "twilio"


@pytest.mark.parametrize(
    "settings, is_real",
    [
        ("host: localhost, port: 1025, security: none", False),
        ("host: 127.0.0.1, port: 8025", False),
        ("host: localhost, security: none", True),  # port 25: a relay to the world
        ("host: 127.0.0.1, port: 587", True),
        ("host: mail.acme.example, port: 1025", True),
        ("host: 127.0.0.1.acme.example, port: 1025", True),
    ],
)
def test_a_mail_server_of_this_machine_is_local_unless_it_is_a_relay(site: Site, settings: str, is_real: bool) -> None:
    lanes = site.lanes(f"lanes: [{{id: m, channel: email, provider: smtp, settings: {{{settings}}}}}]\n")
    assert bool(site.deployment(LANES=lanes).real_lanes) is is_real


def test_printed_letters_reach_people(site: Site) -> None:
    lanes = site.lanes(
        f"lanes: [{{id: p, channel: letter, provider: print_folder, settings: {{folder: {site.folder}}}}}]"
    )
    assert site.deployment(LANES=lanes).real_lanes == ("p",)


def test_what_leaves_bears_the_account_the_secret_and_the_address_to_call_back(site: Site) -> None:
    with TwilioStub() as stub:
        lanes = site.lanes(LOCAL_SMS.replace("AC00000000000000000000000000000000", ACCOUNT_SID))
        place = site.deployment(LANES=lanes, TWILIO_BASE_URL=stub.url, PUBLIC_URL="https://relance.acme.example/r/")
        place.environ = {**place.environ, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
        message = SmsMessage(attempt_id="a1", to="+33644631234", sender="ACME", text="Bonjour")
        assert isinstance(place.adapters["sms"].send(message), Accepted)
        (taken,) = stub.taken
    assert taken.form["StatusCallback"].startswith("https://relance.acme.example/r/webhooks/twilio/status?attempt=a1")
    assert place.webhook_secrets("twilio") == (AUTH_TOKEN,)


# ------------------------------------------------------------------------------------------------ webhooks


def test_webhooks_are_verified_by_the_secret_of_the_lane_or_by_those_it_names(site: Site) -> None:
    place = site.deployment(LANES=site.example())
    assert place.webhook_secrets("twilio") == ("hush-twilio",)
    assert place.webhook_secrets("sendgrid") == (SECRETS["SENDGRID_WEBHOOK_KEY"],)
    assert place.webhook_secrets("smtp") == place.webhook_secrets("sandbox") == ()


def test_two_secrets_verify_while_one_takes_the_place_of_the_other(site: Site) -> None:
    both = LOCAL_SMS.rstrip() + "\n    webhook_secrets: [{env: TWILIO_AUTH_TOKEN}, {env: SMTP_PASSWORD}]\n"
    assert site.deployment(LANES=site.lanes(both)).webhook_secrets("twilio") == ("hush-twilio", "hush-smtp")


def test_a_provider_without_lane_has_no_secret(site: Site) -> None:
    assert site.deployment().webhook_secrets("twilio") == ()


# ------------------------------------------------------------------------------------------------ one way for all


def test_equal_lanes_have_one_digest_and_secrets_are_not_in_it(site: Site) -> None:
    lanes = site.example()
    first, second = site.deployment(LANES=lanes), site.deployment(LANES=lanes)
    second.environ = {**second.environ, "TWILIO_AUTH_TOKEN": "another"}
    assert first.lanes_digest == second.lanes_digest


def test_the_digest_is_the_same_in_every_process(site: Site) -> None:
    """Sets are in another order in each process."""
    code = (
        "from orchestrator.bootstrap import Deployment; from orchestrator.settings import read_settings;"
        "print(Deployment(read_settings()).lanes_digest)"
    )
    given = {"RELANCE_HOME": str(site.folder), "RELANCE_LANES": site.example()}
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=given | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2", "5")
    }
    assert len(told) == 1


def test_whatever_sends_otherwise_has_another_digest(site: Site) -> None:
    lanes = site.lanes(LOCAL_SMS)
    digests = [
        site.deployment(LANES=lanes).lanes_digest,
        site.deployment().lanes_digest,
        site.deployment(LANES=lanes, TWILIO_BASE_URL="http://127.0.0.1:4010").lanes_digest,
        site.deployment(LANES=lanes, PUBLIC_URL="https://other.acme.example").lanes_digest,
        site.deployment(LANES=site.lanes(LOCAL_SMS + "    rate: 3/s\n")).lanes_digest,
        site.deployment(LANES=site.lanes(LOCAL_SMS.replace("TWILIO_AUTH", "OTHER_AUTH"))).lanes_digest,
    ]
    assert len(set(digests)) == len(digests)


def test_a_process_whose_lanes_differ_is_refused(shared: Site) -> None:
    lanes = shared.lanes(LOCAL_SMS)
    first = shared.deployment(LANES=lanes)
    first.require_lanes()
    first.require_lanes()
    shared.deployment(LANES=lanes).require_lanes()
    for other in (shared.deployment(), shared.deployment(LANES=lanes, PUBLIC_URL="https://b.example")):
        with pytest.raises(Conflict, match="other lanes than those in force") as caught:
            other.require_lanes()
        assert caught.value.code == "lanes_differ"


def test_new_lanes_are_put_in_force_once_and_stop_the_old_ones(shared: Site) -> None:
    old = shared.deployment()
    old.require_lanes()
    new = shared.deployment(LANES=shared.lanes(LOCAL_SMS))
    new.adopt_lanes()
    new.require_lanes()
    with pytest.raises(Conflict):
        old.require_lanes()


def test_in_a_home_of_its_own_new_lanes_count_at_once(site: Site) -> None:
    site.deployment().require_lanes()
    site.deployment(LANES=site.lanes(LOCAL_SMS)).require_lanes()


# ------------------------------------------------------------------------------------------------ the shifted clock

MARCH = "2026-03-10T09:00:00+00:00"


def _is_march(place: Deployment) -> bool:
    return timedelta(0) <= place.now() - datetime(2026, 3, 10, 9, tzinfo=UTC) < timedelta(minutes=5)


def test_a_clock_runs_on_from_the_instant_that_the_first_process_gave(shared: Site) -> None:
    first = shared.deployment(NOW=MARCH)
    assert _is_march(first)
    assert _is_march(shared.deployment()), "every process of a staging database reads its offset"
    assert _is_march(shared.deployment(NOW="2027-01-01T00:00:00+00:00")), "the first shift stands for ever"


def test_an_ordinary_database_has_the_real_clock(shared: Site) -> None:
    place = shared.deployment()
    assert abs(place.now() - datetime.now(UTC)) < timedelta(minutes=1)
    with place.database.read() as conn:
        assert facts.clock_offset(conn) is None


def test_a_shifted_clock_never_meets_a_lane_that_reaches_people(shared: Site) -> None:
    lanes = shared.lanes(LOCAL_SMS)
    with pytest.raises(Conflict, match=r"RELANCE_NOW: a shifted clock is staging .*: sms\)"):
        shared.deployment(NOW=MARCH, LANES=lanes).now()
    assert not _is_march(shared.deployment()), "a refused shift leaves the database as it was"
    assert _is_march(shared.deployment(NOW=MARCH, LANES=lanes, TWILIO_BASE_URL="http://127.0.0.1:4010"))
    with pytest.raises(Conflict, match="RELANCE_LANES: this database is for staging"):
        shared.deployment(LANES=lanes).require_lanes()
    with pytest.raises(Conflict, match="RELANCE_LANES: this database is for staging"):
        shared.deployment(LANES=lanes).adopt_lanes()


def test_a_database_by_which_people_were_reached_is_never_staging(shared: Site) -> None:
    shared.deployment(LANES=shared.lanes(LOCAL_SMS)).require_lanes()
    with pytest.raises(Conflict, match="real messages have left by this database"):
        shared.deployment(NOW=MARCH).now()


def test_the_clock_of_an_ordinary_database_does_not_need_the_lanes(site: Site) -> None:
    """In a crisis a broken file is no obstacle to a pause."""
    assert site.deployment(LANES="/nowhere").offset == timedelta(0)


def test_a_rehearsal_takes_no_notice_of_lanes_or_of_a_shifted_clock(site: Site) -> None:
    given = {"RELANCE_LANES": "/nowhere", "RELANCE_NOW": MARCH, "RELANCE_REDIS_URL": "redis://127.0.0.1"}
    own = own_deployment(read_settings(given), site.folder / "demo")
    assert own.lanes == SANDBOX_LANES
    assert own.offset == timedelta(0)
    assert own.settings.redis_url == ""
    own.database.close()


# ------------------------------------------------------------------------------------------------ the secret key


def test_a_key_is_made_once_in_the_home_folder_for_its_owner_only(site: Site) -> None:
    key = site.deployment().secret_key
    path = site.folder / "secret_key"
    assert len(key) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert site.deployment().secret_key == key
    assert [each.name for each in site.folder.iterdir()] == ["secret_key"], "nothing half made is left"


def test_a_key_that_is_given_counts(site: Site) -> None:
    given = "k" * 40
    assert site.deployment(SECRET_KEY=given).secret_key == given
    assert not (site.folder / "secret_key").exists()


def test_where_several_processes_work_the_key_must_be_given(shared: Site) -> None:
    with pytest.raises(InputError, match="RELANCE_SECRET_KEY: a secret key is needed"):
        _ = shared.deployment().secret_key
    assert not (shared.folder / "secret_key").exists()


def test_the_sandbox_lanes_have_a_lane_for_every_channel() -> None:
    assert {lane.channel for lane in SANDBOX_LANES} == set(Channel)
