"""Messages as they were sent: the words that are kept, who carried them, what became of them, why they left.

Words are the evidence, named by their hash: what still matches it is what the debtor read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from channels.contract import Channel, DeliveryStatus
from channels.gsm7 import SegmentCount, segments
from orchestrator.domain.decision import Decision, Send
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import DeliveryReported
from orchestrator.domain.masking import masked_destination
from orchestrator.flows.visible_case import visible_case
from orchestrator.rendering.rendered import LetterWords, RenderedEmail
from orchestrator.storage import attempts, cases, contents, journal, messages
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.contents import Content
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.journal import Line


class _EmailParts(msgspec.Struct, frozen=True):
    """An e-mail as its words are kept."""

    html: str
    text: str
    headers: dict[str, str] = {}


_read_email = msgspec.json.Decoder(_EmailParts).decode
_read_letter = msgspec.json.Decoder(LetterWords).decode


class SeenWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the debtor read. `is_intact`: it still has the hash that was kept; None for a letter, whose hash is that of
    its printed pages (`remake_letter`).
    """

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = {}
    segments: SegmentCount | None = None
    is_intact: bool | None = None


class SeenTry(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `destination` is masked for who may not see it, and empty for letters."""

    id: str
    number: int
    lane: str
    state: str
    destination: str
    started_at: datetime
    ended_at: datetime | None
    provider_id: str
    units: int
    reason: str


class SeenReceipt(msgspec.Struct, frozen=True):
    """What a provider said later, in the order in which it was told."""

    at: datetime
    status: DeliveryStatus
    by: str


class SeenMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message in full. `decided` is the decision that planned it, the last one where it was renewed.

    `words` None: not worded yet, or erased since.
    """

    message: messages.Message
    words: SeenWords | None
    tries: tuple[SeenTry, ...]
    receipts: tuple[SeenReceipt, ...]
    decided_at: datetime | None
    decided: Decision | None


def open_message(
    database: Database, message_id: str, *, creditors: frozenset[str] | None, sees_contacts: bool
) -> tuple[cases.Stored, SeenMessage]:
    """One message and its case. Raises NotFound, also for a creditor that may not be seen."""
    with database.read() as conn:
        found = messages.load(conn, [message_id])
        if not found:
            raise NotFound("no message has this id", hint="GET /messages lists them")
        stored = visible_case(conn, found[0].case_id, creditors=creditors)
        lines = journal.read(conn, stored.case.id)
        (seen,) = seen_messages(conn, found, lines, sees_contacts=sees_contacts)
    return stored, seen


def seen_messages(
    conn: Connection, items: Sequence[messages.Message], lines: Iterable[Line], *, sees_contacts: bool
) -> tuple[SeenMessage, ...]:
    """Messages of one case, in their order, with all that its journal says of them."""
    kept = contents.load(conn, {item.content_hash for item in items if item.content_hash})
    tried: dict[str, list[Attempt]] = {}
    for attempt in attempts.of_messages(conn, [item.id for item in items]):
        tried.setdefault(attempt.message_id, []).append(attempt)
    receipts, decided = _told(lines)
    return tuple(
        _seen(item, kept, tried.get(item.id, []), receipts, decided, sees_contacts=sees_contacts) for item in items
    )


Decided = Mapping[tuple[int, str, int], tuple[datetime, Decision]]


def _told(lines: Iterable[Line]) -> tuple[dict[str, list[SeenReceipt]], Decided]:
    receipts: dict[str, list[SeenReceipt]] = {}
    decided: dict[tuple[int, str, int], tuple[datetime, Decision]] = {}
    for line in lines:
        fact = line.fact
        if isinstance(fact, DeliveryReported):
            receipts.setdefault(fact.message_id, []).append(SeenReceipt(line.at, fact.status, fact.by))
        elif isinstance(fact, Decision) and isinstance(fact.act, Send):
            decided[fact.act.key] = (line.at, fact)
    return receipts, decided


def _seen(
    item: messages.Message,
    kept: Mapping[str, Content],
    tried: Sequence[Attempt],
    receipts: Mapping[str, list[SeenReceipt]],
    decided: Decided,
    *,
    sees_contacts: bool,
) -> SeenMessage:
    content = kept.get(item.content_hash)
    at, decision = decided.get(item.send.key, (None, None))
    words = words_of(content, item.send.channel) if content else None
    if words is not None and not sees_contacts:
        words = _without_links(words, [attempt.token for attempt in tried])
    return SeenMessage(
        message=item,
        words=words,
        tries=tuple(_try(attempt, sees_contacts=sees_contacts) for attempt in tried),
        receipts=tuple(receipts.get(item.id, ())),
        decided_at=at,
        decided=decision,
    )


def _without_links(words: SeenWords, tokens: Sequence[str]) -> SeenWords:
    """The debtor's own way in is not for who may only look."""
    text, html = words.text, words.html
    for token in filter(None, tokens):
        text, html = text.replace(token, "•••"), html.replace(token, "•••")
    return msgspec.structs.replace(words, text=text, html=html, headers={})


def _try(attempt: Attempt, *, sees_contacts: bool) -> SeenTry:
    shown = attempt.destination if sees_contacts else masked_destination(attempt.channel, attempt.destination)
    return SeenTry(
        id=attempt.id,
        number=attempt.number,
        lane=attempt.lane,
        state=attempt.state.value,
        destination=shown if attempt.destination else "",
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        provider_id=attempt.provider_id or "",
        units=attempt.units,
        reason=attempt.reason,
    )


def words_of(content: Content, channel: Channel) -> SeenWords:
    """What was kept, as its channel showed it."""
    if channel is Channel.SMS:
        is_intact = sha256(content.text.encode()).hexdigest() == content.hash
        return SeenWords(subject="", text=content.text, segments=segments(content.text), is_intact=is_intact)
    if channel is Channel.EMAIL:
        parts = _read_email(content.text)
        mail = RenderedEmail(subject=content.subject, html=parts.html, text=parts.text, headers=parts.headers)
        return SeenWords(
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            headers=mail.headers,
            is_intact=mail.content_hash == content.hash,
        )
    return SeenWords(subject=content.subject, text=letter_words_of(content).text)


def letter_words_of(content: Content) -> LetterWords:
    """The words of a letter, to lay them out again."""
    return _read_letter(content.text)
