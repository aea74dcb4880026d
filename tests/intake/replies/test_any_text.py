"""Any text at all is read without an error, and in time that grows with its length, not faster."""

import time
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Channel
from orchestrator.domain.reply import Intent
from orchestrator.intake.replies.reader import read_reply
from tests.intake.replies.corpus import examples

_TODAY = date(2026, 3, 10)
_ODD = [
    "\u200b",
    "\u202e",
    "\ud83d",
    "\udc00",
    "\0",
    "👩‍👩‍👧",
    "\u0301" * 9,
    "ﬁ",
    "İ",
    "\x85",
    "\u2028",
    "<",
    "&#0;",
    "@",
    "..",
    "/" * 40,
]
_ANY = st.text(alphabet=st.characters(codec=None), max_size=400)
_PIECES = st.lists(
    st.one_of(st.sampled_from(_ODD), _ANY, st.sampled_from([each.text for each in examples()])), max_size=6
).map(" ".join)


@given(_PIECES, st.sampled_from(Channel), _ANY, _ANY, st.booleans(), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_no_text_is_refused(
    text: str, channel: Channel, subject: str, html: str, is_automatic: bool, today: date
) -> None:
    reading = read_reply(text, channel=channel, today=today, subject=subject, html=html, is_automatic=is_automatic)
    assert reading.findings
    assert all(0 <= found.confidence <= 100 for found in reading.findings)
    encoded = msgspec.json.encode(reading)
    assert b"\\u0000" not in encoded


@given(st.sampled_from(_ODD), st.sampled_from(["STOP", "arrêtez de m'écrire", "unsubscribe"]))
def test_a_stop_among_odd_signs_is_a_stop(odd: str, words: str) -> None:
    reading = read_reply(f"{odd} {words} {odd}", channel=Channel.SMS, today=_TODAY)
    assert Intent.STOP in reading.intents


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 31))
def test_a_day_promised_is_never_past(today: date, day: int) -> None:
    found = read_reply(f"je paierai le {day}", channel=Channel.SMS, today=today).find(Intent.PROMISE)
    assert found is not None
    assert found.on is not None
    assert found.on >= today
    assert found.on.day == day
    assert (found.on - today).days <= 62


_TOO_SHORT_TO_MEASURE = 0.05  # seconds; below, the noise of a machine is larger than the work
_HOSTILE = [
    "a", "je ", "ne ", "1 ", "1.", "1/", "le 15 ", "(", "> ", "\n", "<div>", "a@", "@", "j'", "stop ", "De : x\n",
    "le lun. ", "a écrit :\n", "je vous le ", "vous le la les ", "NUMBER", "pas ", "euros ", "vingt ", "- ", "_",
    "&amp;", "je paye le 15 ", "stop , ", "vos sms plus ", "veux mourir ", "mort de rire ", "s t o p ",
    "laissezmoistop ",
    "<blockquote>", "a.b-c@d.", "in 2 ", "fin de ", "PS : x\n--\n",
]  # fmt: skip


@pytest.mark.parametrize("piece", _HOSTILE)
def test_nothing_backtracks_without_end(piece: str) -> None:
    """Eight times the text takes about eight times the work; what compares all with all takes sixty-four times it.

    The short pair is read to its end, the long one shows what cuts the own words out.
    """
    for length in (1_000, 125_000):
        once, eight_times = _work(piece, length), _work(piece, 8 * length)
        assert eight_times < 40 * once + _TOO_SHORT_TO_MEASURE, f"{length} characters"


def _work(piece: str, length: int) -> float:
    """Seconds of CPU that reading a text of that length takes, the least of two where it is short."""
    text = (piece * (length // len(piece) + 1))[:length]
    taken = []
    for _ in range(2 if length < 10_000 else 1):
        begun = time.process_time()
        for channel in (Channel.SMS, Channel.EMAIL):
            assert read_reply(text, channel=channel, today=_TODAY).findings
        assert read_reply("", channel=Channel.EMAIL, today=_TODAY, html=text).findings
        taken.append(time.process_time() - begun)
    return min(taken)
