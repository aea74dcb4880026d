"""What a debtor wrote, read: `read_reply`. Owns the order of the steps; each step has a module of its own."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from channels.contract import Channel
from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.intake.replies.findings import find_intents
from orchestrator.intake.replies.keywords import Order, keyword_alone
from orchestrator.intake.replies.machines import is_machine, own_subject, without_what_machines_cannot_mean
from orchestrator.intake.replies.matches import Found, Matches
from orchestrator.intake.replies.nets import nets
from orchestrator.intake.replies.normalise import Folded, fold_text
from orchestrator.intake.replies.own_words import own_words
from orchestrator.intake.replies.phrases import Phrase, PhraseBook
from orchestrator.intake.replies.tables import intent_tables, read_table

# The gravest first: who reads a reading sees first what must not wait.
GRAVITY = (
    Intent.DISTRESS, Intent.DECEASED, Intent.STOP, Intent.WRONG_PERSON, Intent.COMPLAINT, Intent.ABUSE,
    Intent.DISPUTE, Intent.CANNOT_PAY,
    Intent.ALREADY_PAID, Intent.PROMISE, Intent.WANTS_PLAN, Intent.WANTS_TIME, Intent.WANTS_CALL, Intent.NOT_RECEIVED,
    Intent.ASKS_INVOICE, Intent.MISSING_ORDER_NUMBER, Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE,
    Intent.WRITE_TO_SOMEONE_ELSE, Intent.OUT_OF_OFFICE, Intent.TICKET_ACKNOWLEDGEMENT, Intent.THANKS, Intent.OTHER,
)  # fmt: skip
_RANK = {intent: rank for rank, intent in enumerate(GRAVITY)}
_ORDERS = {"stop": Order.STOP, "start": Order.RESUME, "help": Order.HELP}
_NOT_UNDERSTOOD = 50
_LONGEST_SUBJECT = 300


def read_reply(
    text: str,
    *,
    channel: Channel,
    today: date,
    subject: str = "",
    html: str = "",
    is_automatic: bool = False,
    opt_out_type: str = "",
    language: str = "",
) -> Reading:
    """What a reply means, the gravest finding first; never empty, never raises for any text.

    `today` is the debtor's local date, from which dates are counted. `html` is read where there is no `text`.
    `opt_out_type` is what the provider made of a keyword (STOP, START, HELP). `language` is what is known of the
    person; the words themselves decide, and both languages are always read.
    """
    is_mail = channel is not Channel.SMS
    subject = _storable(subject[:_LONGEST_SUBJECT]) if is_mail else ""
    own = own_words(_storable(text), html=_storable(html), is_mail=is_mail)
    said_in_subject = own_subject(subject)
    folded = fold_text(f"{said_in_subject}\n\n{own.words}" if said_in_subject else own.words)
    order = _ORDERS.get(opt_out_type.strip().lower()) or _keyword(folded, said_in_subject, own.words)
    if order is not None:
        ordered_by = _finding_of(order, folded.original)
        others = () if not opt_out_type else _read(folded, own.signature, today)
        findings = (ordered_by, *(found for found in others if found.intent is not ordered_by.intent))
    else:
        findings = _read(folded, own.signature, today)
    if is_automatic or is_machine(subject, findings):
        findings = without_what_machines_cannot_mean(findings, subject, is_order=order is not None)
    ordered = tuple(sorted(findings, key=lambda found: (_RANK[found.intent], -found.confidence)))
    ordered = ordered or (
        Finding(intent=Intent.OTHER, confidence=_NOT_UNDERSTOOD, evidence=folded.original[:120].strip()),
    )
    return Reading(findings=ordered, words=own.words, language=_language(folded) or language)


def _not_understood(text: str) -> Finding:
    return Finding(intent=Intent.OTHER, confidence=_NOT_UNDERSTOOD, evidence=text.strip()[:120])


def _storable(text: str) -> str:
    """The text without what no database or JSON document holds: NUL, halves of surrogate pairs."""
    text = text.replace("\0", " ")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def _keyword(folded: Folded, subject: str, words: str) -> Order | None:
    """An order in the whole text, or in a subject or body that is nothing else."""
    found = keyword_alone(folded)
    if found is None and subject:
        found = keyword_alone(fold_text(subject)) or keyword_alone(fold_text(words))
        return found if found is Order.STOP else None
    return found


def _finding_of(order: Order, text: str) -> Finding:
    """The finding of a keyword. HELP asks for nothing that we could do at once: a person reads it."""
    evidence = text.strip()[:120]
    if order is Order.HELP:
        return _not_understood(text)
    return Finding(intent=Intent.STOP, confidence=99, evidence=evidence, is_resume=order is Order.RESUME)


def _read(folded: Folded, signature: str, today: date) -> tuple[Finding, ...]:
    findings = find_intents(_matches(folded), today)
    if signature:
        findings += _from_signature(signature, findings, today)
    return findings


def _from_signature(signature: str, known: Iterable[Finding], today: date) -> tuple[Finding, ...]:
    """A stop or a danger below the closing formula counts too: neither may be missed."""
    below = find_intents(_matches(fold_text(signature)), today)
    already = {found.intent for found in known}
    wanted = [each for each in below if each.is_danger or (each.intent is Intent.STOP and each.confidence >= 90)]
    return tuple(each for each in wanted if each.intent not in already)


def _matches(folded: Folded) -> Matches:
    book, _ = _phrase_book()
    return Matches(
        folded, [Found(phrase.name, phrase.sure, first, last) for phrase, first, last in book.search(folded)]
    )


@cache
def _phrase_book() -> tuple[PhraseBook, int]:
    """Every phrase of the tables, compiled once; a guard bears the name of its intent after "not "."""
    macros = read_table("macros.yaml")
    phrases = []
    for table in intent_tables():
        for name, languages in table.items():
            phrases += [Phrase(f"not {name}", 0, said, macros) for said in languages.get("not", ())]
            for language in ("fr", "en"):
                groups = languages.get(language, {})
                phrases += [Phrase(name, sure, said, macros) for sure, many in groups.items() for said in many]
    phrases += nets().phrases
    return PhraseBook(phrases), len(phrases)


_FRENCH = frozenset(
    "je j vous nous le la les des du un une est et pas ne que qui mon ma mes votre vos pour dans sur avec suis ai sera "
    "merci bonjour facture paye plus svp arretez payer demain oui non au aux en il elle bonsoir salut".split()
)
_ENGLISH = frozenset(
    "i you the a an is are my your we our and not to of on for with this that will have has be was it please thanks hi "
    "hello paid pay do invoice stop me no yes in at am cannot tomorrow sorry remove unsubscribe wrong number".split()
)


def _language(folded: Folded) -> str:
    french = sum(word in _FRENCH for word in folded.words)
    english = sum(word in _ENGLISH for word in folded.words)
    return "" if french == english else "fr" if french > english else "en"
