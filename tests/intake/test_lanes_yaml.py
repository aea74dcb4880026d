"""The lanes file: the example read whole, each newcomer's mistake at its place, no secret in a file or a sentence."""

import re
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel
from channels.registry import PROVIDERS
from orchestrator.domain.campaign import Use
from orchestrator.domain.errors import FileError
from orchestrator.domain.lane import Breaker, DoubtPolicy, Lane, lane_for
from orchestrator.intake.lanes_yaml import lanes_of, load_lanes
from orchestrator.intake.strict_yaml.source import FileErrors, parse

EXAMPLE = Path(__file__).resolve().parents[2] / "campaigns" / "lanes.example.yaml"
SMS = "lanes:\n  - id: sms-fr\n    channel: sms\n    provider: twilio\n"
KNOWN = (
    "known here: id, channel, provider, settings, webhook_secrets, rate, burst, daily_quota, hours, zone, cost,"
    " concurrency, breaker, in_doubt, uses, creditors"
)
AS_VARIABLE = "write {env: NAME}, and give the variable NAME its value outside of this file"


def lanes(text: str) -> tuple[Lane, ...]:
    return lanes_of(parse(text, name="l.yaml"))


def lane(extra: str = "") -> Lane:
    (only,) = lanes(SMS + extra)
    return only


def test_the_example_is_read_whole() -> None:
    twilio, sendgrid, smtp, post = load_lanes(EXAMPLE)
    assert twilio == Lane(
        id="twilio-fr",
        channel=Channel.SMS,
        provider="twilio",
        settings={"account_sid": "AC" + "0" * 32, "validity_period": "240"},
        variables={"auth_token": "TWILIO_AUTH_TOKEN"},
        rate=20.0,
        burst=20,
        daily_quota=20_000,
        hours=((time(8), time(20)),),
        cost_cents={"sms": 6},
        in_doubt=DoubtPolicy.AFTER_TWO_LOOKUPS,
    )
    assert (sendgrid.webhook_secrets, sendgrid.creditors) == (("SENDGRID_WEBHOOK_KEY",), ("acme-telecom",))
    assert (smtp.rate, smtp.concurrency, smtp.settings["port"]) == (10.0, 2, "587")
    assert (post.uses, post.cost_cents) == (
        frozenset({Use.LETTER, Use.REGISTERED}),
        {"letter": 135, "registered": 574},
    )


def test_every_real_provider_has_its_lane_in_the_example() -> None:
    assert {lane.provider for lane in load_lanes(EXAMPLE)} == set(PROVIDERS) - {"sandbox"}


def test_the_order_of_the_file_is_the_order_of_trial() -> None:
    found = load_lanes(EXAMPLE)
    first = lane_for(found, Use.EMAIL, "acme-telecom")
    assert first is not None
    assert first.id == "sendgrid"
    assert [each.id for each in found if each.serves(Use.EMAIL, "syndic-lilas")] == ["smtp"]


def test_three_lines_are_enough() -> None:
    assert lane() == Lane(id="sms-fr", channel=Channel.SMS, provider="twilio")


def test_only_the_sandbox_is_one() -> None:
    assert not lane().is_sandbox
    assert lanes("lanes: [{id: box, channel: letter, provider: sandbox}]\n")[0].is_sandbox


@pytest.mark.parametrize(
    "written, per_second, burst", [("20/s", 20.0, 20), ("90/min", 1.5, 1), ("1800/h", 0.5, 1), ("20 / s", 20.0, 20)]
)
def test_a_rate_is_counted_in_seconds_and_lets_a_second_go_at_once(written: str, per_second: float, burst: int) -> None:
    found = lane(f"    rate: {written}\n")
    assert (found.rate, found.burst) == (per_second, burst)
    assert lane(f"    rate: {written}\n    burst: 3\n").burst == 3


def test_hours_are_put_in_order_and_one_needs_no_list() -> None:
    found = lane('    hours: ["14:00-19:30", "8:00-12:00"]\n')
    assert found.hours == ((time(8), time(12)), (time(14), time(19, 30)))
    assert lane("    hours: 08:00-20:00\n").hours == ((time(8), time(20)),)


def test_a_breaker_and_one_price_for_all_uses() -> None:
    assert lane("    breaker: {rest: 2min}\n").breaker == Breaker(5, 120)
    letters = "lanes: [{id: p, channel: letter, provider: print_folder, settings: {folder: /x}, cost: '1,35 €'}]\n"
    assert lanes(letters)[0].cost_cents == {"letter": 135, "registered": 135}


def test_what_is_no_secret_may_come_from_a_variable_too() -> None:
    found = lane("    settings: {account_sid: {env: TWILIO_SID}, timeout_seconds: 5}\n")
    assert (found.settings, found.variables) == ({"timeout_seconds": "5"}, {"account_sid": "TWILIO_SID"})


def test_while_a_secret_changes_two_of_them_verify() -> None:
    assert lane("    webhook_secrets: [{env: OLD}, {env: NEW}]\n").webhook_secrets == ("OLD", "NEW")


def _here(place: str, sentence: str) -> str:
    path, _, words = sentence.partition(": ")
    return f'l.yaml:{place}: lanes[0].{path} ("sms-fr"): {words}'


@pytest.mark.parametrize(
    "extra, sentence",
    [
        ("    rate: 20\n", _here("5:11", 'rate: "20" is not a rate (did you mean "20/s"? s, min and h are known)')),
        ("    rate: 20/sec\n",
         _here("5:11", 'rate: "20/sec" is not a rate (did you mean "20/s"? s, min and h are known)')),
        ("    rate: 600 par minute\n",
         _here("5:11", 'rate: "600 par minute" is not a rate (did you mean "600/min"? s, min and h are known)')),
        ("    rate: 0.5/s\n",
         _here("5:11", 'rate: "0.5/s" is not a rate (write it like 20/s, 600/min or 1000/h, in whole numbers)')),
        ("    rate: 500/day\n",
         _here("5:11", 'rate: "500/day" is not a rate (for a whole day write daily_quota: 500)')),
        ("    rate: 0/s\n",
         _here("5:11", "rate: nothing would ever leave at this rate (delete the lane, or pause it: relance pause)")),
        ("    burst: 0\n", _here("5:12", "burst: found 0, expected at least 1"
                                 " (how many at once; one second's worth when not given)")),
        ("    daily_quota: 20 000\n", _here("5:18", 'daily_quota: found "20 000", expected a whole number'
                                            " (messages (SMS: segments) a day, in the zone)")),
        ("    concurrency: 100\n",
         _here("5:18", "concurrency: found 100, expected at most 64 (calls at the same time)")),
        ("    hours: 8-20\n", _here("5:12", 'hours: "8-20" is not hours of the day (write it like "08:00-20:00")')),
        ('    hours: ["20:00-08:00"]\n',
         _here("5:13", 'hours[0]: "20:00-08:00" ends before it begins (over midnight write two: ["20:00-23:59",'
                       ' "00:00-06:00"]; for all day delete the line)')),
        ('    hours: ["08:00-12:00", "11:59-13:00"]\n',
         _here("5:12", "hours: two of these hours overlap (write them as one)")),
        ("    zone: Europe/Pari\n",
         _here("5:11", 'zone: "Europe/Pari" is not a time zone (did you mean "Europe/Paris"?)')),
        ("    cost: 0.06\n", _here("5:11", 'cost: an amount needs one currency (write it like "15 EUR")')),
        ("    cost: 0.065 EUR\n",
         _here("5:11", 'cost: "0.065 EUR" is finer than a cent (round it up, or delete cost: below half a cent)')),
        ("    cost: 6 USD\n", _here("5:11", 'cost: "6 USD" is not a price in EUR'
                                    " (write it like 0.06 EUR, converted if need be)")),
        ("    cost: {letter: 1 EUR}\n", _here("5:20", "cost.letter: letter is not carried by sms (it carries sms)")),
        ("    breaker: {rest: 60}\n", _here("5:21", "breaker.rest: 60 is not a rest (write it like 60s)")),
        ("    breaker: {failure: 5}\n",
         _here("5:15", 'breaker.failure: this key is not known (did you mean "failures"?)')),
        ("    breaker: {rest: 2h}\n",
         _here("5:21", 'breaker.rest: "2h" is no rest of 1 second to 1 hour (60s is usual)')),
        ("    in_doubt: retry\n", _here("5:15", 'in_doubt: "retry" is not one of person, after_two_lookups')),
        ("    uses: [sms, email]\n", _here("5:17", "uses[1]: email is not carried by sms (it carries sms)")),
        ("    creditors: []\n", _here("5:16", "creditors: the list is empty (name at least one)")),
        ("    rates: 20/s\n", _here("5:5", 'rates: this key is not known (did you mean "rate"?)')),
        ("    auth_token: hush\n", _here("5:5", f"auth_token: this key is not known ({KNOWN})")),
        ("\trate: 20/s\n", "l.yaml:5:1: there is a tab here (indent with spaces)"),
        ("  - {id: sms-fr, channel: letter, provider: sandbox}\n",
         'l.yaml:5:10: lanes[1].id ("sms-fr"): "sms-fr" is already a lane (its counters bear its name: rename one)'),
        ("  - {id: B, channel: sms, provider: sandbox}\n", (
            'l.yaml:5:10: lanes[1].id ("B"): "B" is not a short name'
            " (small letters, digits and dashes, like b2c-small)"
        )),
        ("  - {id: b, channel: sms, provider: twillio}\n",
         'l.yaml:5:37: lanes[1].provider ("b"): "twillio" is not a provider (did you mean "twilio"?)'),
        ("  - {id: b, channel: fax, provider: twilio}\n",
         'l.yaml:5:22: lanes[1].channel ("b"): "fax" is not one of sms, email, letter'),
        ("  - {id: b, channel: letter, provider: smtp}\n",
         'l.yaml:5:22: lanes[1].channel ("b"): smtp does not send letter (it sends email)'),
        ("  - {id: b, provider: smtp}\n",
         'l.yaml:5:5: lanes[1].channel ("b"): this key is missing (one of sms, email, letter)'),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(extra: str, sentence: str) -> None:
    with pytest.raises(FileError) as caught:
        lanes(SMS + extra)
    first = caught.value.errors[0] if isinstance(caught.value, FileErrors) else caught.value
    assert str(first) == sentence


_INLINE = "a secret never stands in a file"
_NAME_IT = (
    "write auth_token: {env: TWILIO_AUTH_TOKEN}, give that variable the value, and change the secret: others may have"
    " read it"
)
_VALUE_AFTER_ENV = "capitals, digits and _ without $, like TWILIO_AUTH_TOKEN; the value itself never stands here"


@pytest.mark.parametrize(
    "written, path, message, hint",
    [
        ("{auth_token: hush}", ".auth_token", _INLINE, _NAME_IT),
        ('{auth_token: "00hush"}', ".auth_token", _INLINE, _NAME_IT),
        ("{auth_tokn: hush}", ".auth_tokn", "twilio has no setting of this name", 'did you mean "auth_token"?'),
        ("{password: hush}", ".password", "twilio has no setting of this name",
         f"known: {', '.join(sorted(PROVIDERS['twilio'].settings))}"),
        ("{auth_token: $hush}", ".auth_token", "variables are not named like this", AS_VARIABLE),
        ("{auth_token: env.hush}", ".auth_token", "variables are not named like this", AS_VARIABLE),
        ("{auth_token: [hush]}", ".auth_token", "expected a text or {env: NAME}", "put the text in quotes"),
        ("{auth_token: {evn: hush}}", ".auth_token", "this is not the name of an environment variable", AS_VARIABLE),
        ("{auth_token: {env: hush}}", ".auth_token", "after env: stands no name of an environment variable",
         _VALUE_AFTER_ENV),
        ("{auth_token: {env: RELANCE_TOKEN}}", ".auth_token",
         "RELANCE_TOKEN would be taken for a setting of Relance", "name it without RELANCE_"),
        ("{callback_url: hush}", ".callback_url", "Relance makes callback_url itself",
         "delete it; it begins with RELANCE_PUBLIC_URL"),
        ("hush", "", "expected a group of `name: value` lines", "settings: {host: smtp.acme.example, port: 587}"),
    ],
)  # fmt: skip
def test_a_secret_in_a_file_is_refused_and_never_shown(written: str, path: str, message: str, hint: str) -> None:
    with pytest.raises(FileErrors) as caught:
        lanes(f"{SMS}    settings: {written}\n")
    (error,) = caught.value.errors
    assert (error.message, error.hint) == (f'lanes[0].settings{path} ("sms-fr"): {message}', hint)
    assert error.where.startswith("l.yaml:5:")
    assert "hush" not in str(error)


def test_every_secret_of_every_provider_is_refused_in_a_file() -> None:
    assert sum(len(provider.secrets) for provider in PROVIDERS.values()) >= 4
    for name, provider in PROVIDERS.items():
        for secret in provider.secrets:
            channel = min(provider.channels).value
            with pytest.raises(FileErrors, match="a secret never stands in a file"):
                lanes(f"lanes: [{{id: x, channel: {channel}, provider: {name}, settings: {{{secret}: hush}}}}]\n")


def test_all_faults_of_all_lanes_are_told_together() -> None:
    with pytest.raises(FileErrors) as caught:
        lanes(SMS + "    rate: 3\n    hours: x\n  - id: other\n    channel: email\n    provider: twilio\n")
    assert [re.sub(r".*yaml:(\d+):.*", r"\1", error.where) for error in caught.value.errors] == ["5", "6", "8"]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("lanes: []\n", "1:1: there is no lane (name one, or unset RELANCE_LANES: every channel is then the sandbox)"),
        ("lane:\n  - id: x\n", '1:1: lane: this key is not known (did you mean "lanes"?)'),
        ("lanes:\n  twilio: {channel: sms}\n",
         "2:3: lanes: found a group of keys, expected a list (a list, each with id, channel and provider)"),
        ("lanes:\n", "1:1: lanes: it is empty (give it a value, or delete the line)"),
        ("", "1:1: the file is empty (compare with the example file)"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_says_which_is_meant(text: str, sentence: str) -> None:
    with pytest.raises(FileError) as caught:
        lanes(text)
    assert str(caught.value) == f"l.yaml:{sentence}"


@given(st.data())
def test_an_example_with_a_line_spoilt_is_read_or_refused(data: st.DataObject) -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    at = data.draw(st.integers(8, len(lines) - 1))
    key = lines[at].partition(":")[0]
    spoilt = data.draw(
        st.sampled_from(["", f"{key}:", f"{key}: []", f"{key}: {{}}", f"{key}: -3", f"{key}: hush", f" {lines[at]}"])
    )
    try:
        lanes("\n".join([*lines[:at], spoilt, *lines[at + 1 :]]) + "\n")
    except FileError as error:
        for each in error.errors if isinstance(error, FileErrors) else (error,):
            assert re.fullmatch(r"l\.yaml:\d+:\d+", each.where)
            assert "pydantic" not in str(each)
