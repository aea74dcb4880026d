"""A letter to look at again: its kept words laid out anew, and whether that is the very letter that left.

The hash of the pages was written before the letter left. Where the pages of today have another one (a brand changed,
the debtor moved), the copy that a sandbox keeps may still have it; else what is shown is said to be made again.
"""

from collections.abc import Callable
from hashlib import sha256

import msgspec

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.contact import ContactPerson
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.domain.home import home_of
from orchestrator.domain.place import local_date
from orchestrator.domain.statement import Statement
from orchestrator.flows.seen_messages import letter_words_of
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.visible_case import visible_case
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Logos, letter_lines, pay_code
from orchestrator.rendering.letter_pdf import LetterRenderer
from orchestrator.rendering.letter_words import letter_content
from orchestrator.rendering.rendered import LetterWords
from orchestrator.storage import attempts, contents, messages
from orchestrator.storage.database import Database
from orchestrator.storage.messages import Message

Kept = Callable[[str], bytes | None]
"""The copy of the letter of an attempt that the machine still has; None where there is none."""


class Remade(msgspec.Struct, frozen=True):
    """A PDF. `is_as_sent`: byte for byte the one that left."""

    pdf: bytes
    is_as_sent: bool


def remake_letter(
    database: Database,
    strategy: Strategy,
    letters: LetterRenderer,
    logos: Logos,
    kept: Kept,
    message_id: str,
    *,
    creditors: frozenset[str] | None,
) -> Remade:
    """The letter of a message. Raises NotFound without words, and for a creditor that may not be seen."""
    with database.read() as conn:
        found = messages.load(conn, [message_id])
        if not found:
            raise NotFound("no message has this id", hint="GET /messages lists them")
        message = found[0]
        case = visible_case(conn, message.case_id, creditors=creditors).case
        content = contents.load(conn, [message.content_hash]).get(message.content_hash)
        tried = attempts.of_messages(conn, [message_id])
    if content is None or message.send.channel.value != "letter":
        raise NotFound("the words of this letter are not there", hint="it was not worded yet, or was erased since")
    names = [attempt.id for attempt in reversed(tried) if attempt.content_hash == message.content_hash] or [""]
    for name in names:
        copy = kept(name) if name else None
        if copy is not None and sha256(copy).hexdigest() == message.content_hash:
            return Remade(copy, True)
    words = letter_words_of(content)
    pdf = _laid_out(case, message, words, strategy, letters, logos, attempt_id=names[0])
    return Remade(pdf, sha256(pdf).hexdigest() == message.content_hash)


def _laid_out(
    case: Case,
    message: Message,
    words: LetterWords,
    strategy: Strategy,
    letters: LetterRenderer,
    logos: Logos,
    *,
    attempt_id: str,
) -> bytes:
    creditor = strategy.creditors.get(case.creditor) or Creditor(id=case.creditor, name=case.creditor)
    brief = _brief(case, message, words, creditor, attempt_id=attempt_id)
    logo = logos(creditor.brand.logo) if creditor.brand.logo else None
    try:
        address = letter_lines(brief)
    except InputError:  # no address is known any more: the words are shown all the same
        address = (case.debtor.name,)
    content = letter_content(brief, words, address_lines=address, pay_code=pay_code(brief), logo_svg=logo)
    return letters.render(content).pdf


def _brief(case: Case, message: Message, words: LetterWords, creditor: Creditor, *, attempt_id: str) -> Brief:
    """As much of the brief as the layout needs; the words are there already."""
    dated_on = local_date(message.left_at or message.planned_at, home_of(case.debtor))
    is_demand = message.send.purpose is Purpose.DEMAND
    person = case.debtor.person(message.send.role) or ContactPerson()
    return Brief(
        case_id=case.id,
        attempt_id=attempt_id,
        debtor=case.debtor,
        person=person,
        creditor=creditor,
        send=message.send,
        statement=Statement(
            currency=case.currency, as_of=dated_on, due=(), total_cents=message.amount_cents if is_demand else 0
        ),
        language=words.language,
        dated_on=dated_on,
        link="",
        payee=case.payee,
    )
