"""From a decision to what its message must say: figures, link, dates, references. Writes no word of it."""

from datetime import date

from orchestrator.domain.agreement import Promise
from orchestrator.domain.campaign import DocumentKind, Purpose
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.contact import POINT_OF_CHANNEL
from orchestrator.domain.debt import OpeningHistory, Payment
from orchestrator.domain.decision import Send
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.gates import letter_posted_at
from orchestrator.domain.place import local_date
from orchestrator.domain.policy import Policy
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.situation import Situation
from orchestrator.rendering.brief import Brief

# A restatement gives a new date of its own (semantics B5).
RESTATEMENT_DAYS = 15


def brief_message(
    situation: Situation, policy: Policy, send: Send, *, attempt_id: str, link: str, languages: frozenset[str]
) -> Brief:
    """The brief of one message, as things stand at the situation's instant."""
    case, creditor = situation.case, situation.context.creditor
    person, _ = situation.usable_point(POINT_OF_CHANNEL[send.channel], send.role)
    wanted = (person.language if person else "") or case.debtor.language or creditor.language
    days = send.deadline_days or (RESTATEMENT_DAYS if send.is_restatement else 0)
    letter_on, letter_reference = _letter(situation, send)
    return Brief(
        case_id=case.id,
        attempt_id=attempt_id,
        debtor=case.debtor,
        person=person,
        creditor=creditor,
        send=send,
        statement=reckon(situation, policy, send),
        language=wanted if wanted in languages else creditor.language,
        dated_on=situation.today,
        link=link,
        deadline_on=_deadline_on(situation, send, days),
        letter_reference=letter_reference,
        letter_on=letter_on,
        last_contact_on=_last_contact_on(situation),
        promise=_promise(case, send),
        payment=_payment(case, send),
        marks=_marks(situation),
        sector=case.debtor.sector,
        words=_own_words(case, send),
        country=situation.place.country,
        payee=case.payee,
    )


def _marks(situation: Situation) -> frozenset[str]:
    """The marks that are on; a crisis in scope is one for the words."""
    marks = frozenset(switch.key for switch in situation.case.marks if switch.is_on)
    return marks | {"crisis"} if situation.crises else marks


def _deadline_on(situation: Situation, send: Send, days: int) -> date | None:
    """The date printed: so many days from now, or the last day of the hold that the message is about."""
    if days:
        return shift_date(situation.today, Duration(days, Unit.DAY), situation.place)
    for hold in situation.case.holds:
        if send.step.endswith(f":{hold.id}"):
            return hold.until
    return None


def _letter(situation: Situation, send: Send) -> tuple[date | None, str]:
    if send.kind is DocumentKind.R124_4_LETTER:
        # The letter recalls itself: its own reference and day are printed on it.
        return situation.today, situation.case.id
    reference, posted_on = first_letter(situation) or ("", None)
    return posted_on, reference


def first_letter(situation: Situation) -> tuple[str, date] | None:
    """Reference and day of the first letter of a third party (CPCE R124-4); None while none was posted."""
    posted = letter_posted_at(situation, DocumentKind.R124_4_LETTER)
    if posted is None:
        return None
    imported = next((h.letter_reference for h in _histories(situation.case) if h.letter_reference), "")
    return imported or situation.case.id, local_date(posted, situation.place)


def _histories(case: Case) -> list[OpeningHistory]:
    return [debt.history for debt in case.debts if debt.history is not None]


def _last_contact_on(situation: Situation) -> date | None:
    left = [
        d.at for d in situation.departures if d.purpose is Purpose.DEMAND and d.message_id not in situation.failed_ids
    ]
    if left:
        return local_date(left[-1], situation.place)
    return max((h.last_contact_on for h in _histories(situation.case) if h.last_contact_on), default=None)


def _promise(case: Case, send: Send) -> Promise | None:
    """The promise that the message is about, else the last one made."""
    for promise in case.promises:
        if send.step.endswith(f":{promise.id}"):
            return promise
    return case.promises[-1] if case.promises else None


def _own_words(case: Case, send: Send) -> str:
    answer = case.answer(send.cause) if send.cause else None
    return answer.words if answer else ""


def _payment(case: Case, send: Send) -> Payment | None:
    """The payment that the message answers, else the last one received; one that went back is none."""
    gone = {reversal.id for reversal in case.reversals}
    received = [payment for payment in case.payments if payment.id not in gone]
    for payment in received:
        if send.step.endswith(f":{payment.id}"):
            return payment
    return received[-1] if received else None
