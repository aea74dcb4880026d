"""`relance check` on lanes: each fault by its id, where it is and what to do; none calls a provider."""

import shutil

import pytest

from orchestrator.checks import Fault, check
from orchestrator.settings import shipped
from tests.deployment.conftest import PUBLIC, SECRETS, Site

SMS = "{id: sms, channel: sms, provider: twilio, settings: {account_sid: AC" + "0" * 32 + ", auth_token: {env: T}}%s}"
SMTP = "{id: mail, channel: email, provider: smtp, settings: {host: smtp.acme.example}%s}"
LETTER = "{id: post, channel: letter, provider: sandbox}"


def faults(site: Site, *lanes: str, public_url: str = PUBLIC, **given: str) -> list[Fault]:
    """What is found with these lanes in the file."""
    path = site.lanes("lanes: [" + ", ".join(lanes) + "]\n")
    place = site.deployment(LANES=path, PUBLIC_URL=public_url, **given)
    place.environ = {**place.environ, "T": "hush"}
    return check(place)


def ids(found: list[Fault], *, severity: str = "error") -> list[str]:
    return [fault.id for fault in found if fault.severity == severity]


def test_the_shipped_configuration_and_the_sandbox_are_fine(site: Site) -> None:
    assert check(site.deployment()) == []


def test_the_example_is_fine_once_its_secrets_and_its_public_address_are_there(site: Site) -> None:
    found = check(site.deployment(LANES=site.example(), PUBLIC_URL=PUBLIC))
    assert ids(found) == []


def test_every_fault_of_a_lanes_file_is_told_with_its_place(site: Site) -> None:
    found = faults(site, "{id: a, channel: sms, provider: twillio}", "{id: a, channel: fax, provider: smtp}")
    said = [fault for fault in found if fault.id == "invalid_file"]
    assert len({fault.where for fault in said}) == len(said) == 2
    assert "did you mean" in said[0].hint
    assert all("lanes.yaml:1:" in fault.where for fault in said)


def test_a_variable_without_value_is_an_error_and_no_secret_is_shown(site: Site) -> None:
    place = site.deployment(LANES=site.example(), PUBLIC_URL=PUBLIC)
    place.environ = {name: text for name, text in place.environ.items() if name != "SMTP_PASSWORD"}
    (fault,) = [fault for fault in check(place) if fault.severity == "error"]
    assert (fault.id, fault.where) == ("lane_secret_missing", "lane smtp")
    assert "SMTP_PASSWORD" in fault.message
    assert not any(secret in str(fault) for secret in SECRETS.values())


@pytest.mark.parametrize("url", ["", "http://relance.acme.example", "https://localhost", "https://127.0.0.1:8000"])
def test_links_and_ways_out_must_open_for_the_debtor(site: Site, url: str) -> None:
    """D8: no real SMS without a public address."""
    found = [fault for fault in faults(site, SMS % "", SMTP % "", LETTER, public_url=url) if fault.id == "public_url"]
    assert [(fault.severity, fault.where) for fault in found] == [("error", "lane sms"), ("error", "lane mail")]


@pytest.mark.parametrize(
    "url, proxies, expected",
    [
        (PUBLIC, "", True),
        (PUBLIC, "172.18.0.1", False),
        ("http://relance.acme.example", "", False),
        ("https://localhost", "", False),
        ("", "", False),
    ],
)
def test_a_proxy_that_is_not_named_hides_every_visitor(site: Site, url: str, proxies: str, expected: bool) -> None:
    found = check(site.deployment(PUBLIC_URL=url, TRUSTED_PROXIES=proxies))
    assert ("proxies_unnamed" in ids(found, severity="warning")) is expected
    assert ids(found) == []


def test_printed_links_are_a_matter_of_taste(site: Site) -> None:
    path = site.example()
    found = [fault for fault in check(site.deployment(LANES=path)) if fault.id == "public_url"]
    assert found[-1].where == "lane print"
    assert [fault.severity for fault in found] == ["error", "error", "error", "warning"]


def test_a_stand_in_on_this_machine_needs_no_public_address(site: Site) -> None:
    found = faults(site, SMS % "", LETTER, public_url="", TWILIO_BASE_URL="http://127.0.0.1:4010")
    assert "public_url" not in ids(found)


def test_a_provider_that_calls_back_unverified_is_an_error(site: Site) -> None:
    key = "{account_sid: AC" + "0" * 32 + ", api_key_sid: SK" + "0" * 32 + ", api_key_secret: {env: T}}"
    lane = f"{{id: sms, channel: sms, provider: twilio, settings: {key}"
    assert "webhook_unverified" in ids(faults(site, lane + "}", LETTER))
    assert "webhook_unverified" not in ids(faults(site, lane + ", webhook_secrets: [{env: T}]}", LETTER))
    assert "webhook_unverified" not in ids(faults(site, SMTP % "", LETTER)), "SMTP never calls back"


def test_what_the_provider_cannot_do_is_an_error(site: Site) -> None:
    assert "lane_no_ledger" in ids(faults(site, SMTP % ", in_doubt: after_two_lookups", LETTER))
    assert "lane_no_ledger" not in ids(faults(site, SMS % ", in_doubt: after_two_lookups", LETTER))


def test_a_lane_for_nobody_known_is_an_error(site: Site) -> None:
    (fault,) = [f for f in faults(site, SMTP % ", creditors: [acme-telecom, acmee]") if f.id == "creditor_unknown"]
    assert (fault.where, '"acmee"' in fault.message) == ("lane mail", True)


def test_facts_of_a_collector_are_warnings_in_the_sandbox_and_errors_when_people_are_reached(site: Site) -> None:
    campaigns = site.folder / "campaigns"
    shutil.copytree(shipped("campaigns"), campaigns)
    file = campaigns / "creditors" / "syndic-lilas.yaml"
    lines = [line for line in file.read_text("utf-8").splitlines() if "insurance:" not in line]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = {"CAMPAIGNS": str(campaigns)}
    assert ids(check(site.deployment(**given)), severity="warning") == ["collector_insurance"]
    assert "collector_insurance" in ids(faults(site, SMTP % "", LETTER, **given))
    for_others = faults(site, SMTP % ", creditors: [acme-telecom]", LETTER, **given)
    assert "collector_insurance" in ids(for_others, severity="warning")


def test_a_step_that_no_lane_can_carry_is_an_error_and_a_missing_channel_a_warning(site: Site) -> None:
    found = faults(site, SMTP % "", LETTER)
    assert "step_without_lane" not in ids(found)
    assert any("no lane carries sms for acme-telecom" in f.message for f in found if f.id == "channel_without_lane")
    found = faults(site, SMTP % "")
    assert any("has no lane for" in fault.message for fault in found if fault.id == "step_without_lane")


def test_waiting_for_receipts_that_never_come_is_an_error(site: Site) -> None:
    campaigns = site.folder / "campaigns"
    shutil.copytree(shipped("campaigns"), campaigns)
    file = campaigns / "b2c-small.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("{undelivered: true}", "{undelivered: true, unconfirmed_for: 48h}", 1), "utf-8")
    given = {"CAMPAIGNS": str(campaigns)}
    found = [f for f in faults(site, SMS % "", SMTP % "", LETTER, **given) if f.id == "unconfirmed_for"]
    assert [f.where for f in found] == ["b2c-small.yaml"]
    assert "lane mail never gives one" in found[0].message
    last = (
        file.read_text("utf-8")
        .replace("[sms, email, letter]", "[sms, email]")
        .replace("[email, sms, letter]", "[email]")
    )
    file.write_text(last, "utf-8")
    assert "unconfirmed_for" not in ids(faults(site, SMS % "", SMTP % "", LETTER, **given)), "no channel comes after it"
    assert "unconfirmed_for" not in ids(check(site.deployment(**given))), "the sandbox tells of deliveries itself"


def test_a_shifted_clock_beside_a_lane_that_reaches_people_is_an_error(site: Site) -> None:
    assert "staging" in ids(faults(site, SMS % "", LETTER, NOW="2026-03-10T09:00:00+00:00"))


def test_several_processes_need_a_key_and_a_database_that_serves_them(shared: Site) -> None:
    found = check(shared.deployment(REDIS_URL="redis://127.0.0.1:6379"))
    assert [fault.where for fault in found if fault.severity == "error"] == ["RELANCE_SECRET_KEY"]
    is_sqlite = shared.common["DATABASE_URL"].startswith("sqlite")
    assert ("redis_alone" in ids(found, severity="warning")) is is_sqlite
    assert ids(check(shared.deployment(SECRET_KEY="k" * 40))) == []


def test_a_key_that_others_may_read_is_an_error(site: Site) -> None:
    place = site.deployment()
    assert place.secret_key
    (site.folder / "secret_key").chmod(0o644)
    assert ids(check(place)) == ["secret_key_open"]
