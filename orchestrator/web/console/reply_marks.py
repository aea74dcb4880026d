"""How a reply is shown: its words with what was understood of them marked, and its conversation in order."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.reply import Finding
from orchestrator.flows.open_reply import OpenReply


class Piece(msgspec.Struct, frozen=True):
    """A piece of a text; `intent` is what it was understood to mean, empty for the rest."""

    text: str
    intent: str = ""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of the conversation: ours or the debtor's."""

    at: datetime
    is_ours: bool
    channel: str
    subject: str
    text: str


def marked(text: str, findings: Sequence[Finding]) -> tuple[Piece, ...]:
    """The text in pieces, those that show an intent named by it; where two meet, the first keeps the words."""
    spans: list[tuple[int, int, str]] = []
    for finding in findings:
        evidence = finding.evidence.strip()
        start = text.casefold().find(evidence.casefold()) if evidence else -1
        end = start + len(evidence)
        if start >= 0 and len(text.casefold()) == len(text) and all(end <= a or b <= start for a, b, _ in spans):
            spans.append((start, end, finding.intent.value))
    return tuple(_pieces(text, sorted(spans)))


def _pieces(text: str, spans: Iterable[tuple[int, int, str]]) -> Iterable[Piece]:
    at = 0
    for start, end, intent in spans:
        if at < start:
            yield Piece(text[at:start])
        yield Piece(text[start:end], intent)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def conversation(opened: OpenReply) -> tuple[Turn, ...]:
    """What was said before and since, the oldest first."""
    ours = [
        Turn(
            at=message.left_at or message.planned_at,
            is_ours=True,
            channel=message.send.channel.value,
            subject=words.subject if words else "",
            text=words.text if words else "",
        )
        for message, words in opened.said
    ]
    theirs = [
        Turn(at=r.received_at, is_ours=False, channel=r.channel, subject=r.subject, text=r.reading.words or r.text)
        for r in opened.earlier
    ]
    return tuple(sorted((*ours, *theirs), key=lambda turn: turn.at))
