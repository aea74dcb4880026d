"""What people and programs do to a case: promises, disputes, holds, marks, stops, notes. Each is done once.

The name of an act follows from its `Idempotency-Key`, for as long as the case lives; without one every request is new.
"""

from hashlib import blake2b
from typing import Annotated
from uuid import uuid4

import msgspec
from fastapi import APIRouter, Header

from orchestrator.domain import acts
from orchestrator.domain.contact import PostalAddress
from orchestrator.domain.errors import InputError
from orchestrator.domain.money import minor_units
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.check_key import Caller
from orchestrator.storage import cases
from orchestrator.web.api.act_bodies import (
    AlreadyPaidIn,
    AnswerIn,
    CallIn,
    ChannelIn,
    CloseIn,
    ContactIn,
    DeferralIn,
    DisputeIn,
    HardshipIn,
    HoldIn,
    LiftIn,
    MarkIn,
    NoteIn,
    PointIn,
    PromiseIn,
    ReopenIn,
    SummedIn,
)
from orchestrator.web.api.cases import CaseOut, case_out
from orchestrator.web.api.shapes import Given, nothing_named
from orchestrator.web.auth import ByCaller, needs
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/cases", tags=["acts"], dependencies=[needs("agent", "cases:write")])

Key = Annotated[str | None, Header(alias="Idempotency-Key")]
_NAME_BYTES = 10


class ActOut(Given):
    """The events that the act made, and the case after it."""

    events: tuple[str, ...]
    case: CaseOut


@router.post("/{case_id}/promises", status_code=201)
def make_promise(case_id: str, sent: PromiseIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A promise: nothing is demanded until its day and grace are over. It moves an earlier one of the same debts."""
    act = acts.MakePromise(
        on=sent.on,
        amount_cents=_cents(desk, case_id, sent),
        grace_days=sent.grace_days,
        references=tuple(sent.documents),
    )
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/deferrals", status_code=201)
def grant_deferral(case_id: str, sent: DeferralIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A deferral: nothing is demanded until the end of that day."""
    return _do(desk, caller, case_id, acts.Defer(until=sent.until, references=tuple(sent.documents)), key)


@router.post("/{case_id}/already-paid", status_code=201)
def claim_paid(case_id: str, sent: AlreadyPaidIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Money on its way: these documents are held for five business days (a cheque ten), and a person looks for it."""
    act = acts.ClaimPaid(
        references=tuple(sent.documents),
        amount_cents=_cents(desk, case_id, sent),
        by_cheque=sent.by_cheque,
        words=sent.words,
    )
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/disputes", status_code=201)
def open_dispute(case_id: str, sent: DisputeIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A dispute: these documents, or a part of one, are held until it is answered; the rest is chased on."""
    act = acts.OpenDispute(
        references=tuple(sent.documents),
        amount_cents=_cents(desk, case_id, sent),
        reason=sent.reason,
        owner=sent.owner,
        words=sent.words,
    )
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/disputes/{hold_id:path}/answer", status_code=201)
def answer_dispute(
    case_id: str, hold_id: str, sent: AnswerIn, desk: AtDesk, caller: ByCaller, key: Key = None
) -> ActOut:
    """Upheld: held until the ledger shows the credit, for which a task is opened. Rejected: the ladder goes on."""
    act = acts.AnswerDispute(hold_id=hold_id, outcome=sent.outcome, words=sent.words)
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/holds", status_code=201)
def place_hold(case_id: str, sent: HoldIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A hold that is no agreement of the debtor's: a procedure, a death, a veto, a plan."""
    act = acts.PlaceHold(
        kind=sent.kind,
        until=sent.until,
        review_on=sent.review_on,
        references=tuple(sent.documents),
        blocks_all=sent.blocks_all,
        reason=sent.reason,
        source=sent.source,
    )
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/holds/{hold_id:path}/lift", status_code=201)
def lift_hold(case_id: str, hold_id: str, sent: LiftIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Ends a hold or a promise now, with the tasks about it."""
    return _do(desk, caller, case_id, acts.LiftHold(hold_id=hold_id, why=sent.why), key)


@router.post("/{case_id}/hardship", status_code=201)
def declare_hardship(case_id: str, sent: HardshipIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Demands stop, the voice listens, a person calls."""
    return _do(desk, caller, case_id, acts.DeclareHardship(words=sent.words), key)


@router.post("/{case_id}/marks", status_code=201)
def add_mark(case_id: str, sent: MarkIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Adds a mark, to every case of the debtor with this creditor."""
    return _do(desk, caller, case_id, acts.AddMark(mark=sent.mark), key)


@router.post("/{case_id}/marks/{mark}/remove", status_code=201)
def remove_mark(case_id: str, mark: str, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Removes a mark; one that protects the person asks for a manager."""
    return _do(desk, caller, case_id, acts.RemoveMark(mark=mark), key)


@router.post("/{case_id}/points", status_code=201)
def mark_point(case_id: str, sent: PointIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A number or address is faulty, or good again; in every case of the person."""
    return _do(desk, caller, case_id, acts.MarkPoint(kind=sent.kind, value=sent.value, fault=sent.fault), key)


@router.post("/{case_id}/contacts", status_code=201)
def add_point(case_id: str, sent: ContactIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A number or address that the ledger has not, or that is right where the ledger's is wrong; imports keep it."""
    said = sent.address
    address = PostalAddress(tuple(said.lines), said.postcode, said.city, said.country) if said else None
    act = acts.AddPoint(
        kind=sent.kind,
        value=sent.value,
        address=address,
        role=sent.role,
        name=sent.name,
        language=sent.language,
        corrects=sent.corrects,
        verified=sent.verified,
        given_by_debtor=sent.given_by_debtor,
    )
    return _do(desk, caller, case_id, act, key)


@router.post("/{case_id}/close", status_code=201)
def close_case(case_id: str, sent: CloseIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Nothing more is done about what it owes, until a new debt comes; a manager does it, with a reason."""
    return _do(desk, caller, case_id, acts.CloseCase(outcome=sent.outcome, words=sent.words), key)


@router.post("/{case_id}/reopen", status_code=201)
def reopen_case(case_id: str, sent: ReopenIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A closed case is followed again, from where its ladder stood; a manager does it, with a reason."""
    return _do(desk, caller, case_id, acts.ReopenCase(words=sent.words), key)


@router.post("/{case_id}/opt-outs", status_code=201)
def close_channel(case_id: str, sent: ChannelIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Nothing more by this channel, in every case of the person; a firm may close one address."""
    return _do(desk, caller, case_id, acts.CloseChannel(channel=sent.channel, point=sent.point), key)


@router.post("/{case_id}/opt-ins", status_code=201)
def open_channel(case_id: str, sent: ChannelIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """They take the channel, or that address, again."""
    return _do(desk, caller, case_id, acts.OpenChannel(channel=sent.channel, point=sent.point), key)


@router.post("/{case_id}/notes", status_code=201)
def add_note(case_id: str, sent: NoteIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """Keeps something in mind; changes nothing."""
    return _do(desk, caller, case_id, acts.AddNote(text=sent.text), key)


@router.post("/{case_id}/calls", status_code=201)
def note_call(case_id: str, sent: CallIn, desk: AtDesk, caller: ByCaller, key: Key = None) -> ActOut:
    """A call that was dialled: it counts in the caps, and ends the tasks to call back when somebody was reached."""
    return _do(desk, caller, case_id, acts.NoteCall(outcome=sent.outcome, words=sent.words), key)


def _do(desk: Desk, caller: Caller, case_id: str, act: acts.Act, key: str | None) -> ActOut:
    facts = act_on_case(
        desk.database,
        desk.strategy(),
        case_id,
        act,
        by=caller.name,
        role=caller.role,
        now=desk.now(),
        name=_name(caller, case_id, act, key),
    )
    return ActOut(
        events=tuple(fact.id for fact in facts), case=case_out(_stored(desk, case_id), desk.strategy(), desk.now())
    )


def _name(caller: Caller, case_id: str, act: acts.Act, key: str | None) -> str:
    """The same request under the same key is the same act, even once its answer is forgotten."""
    if key is None:
        return f"act:{uuid4().hex}"
    said = "\x1f".join((caller.key_id, key, case_id, msgspec.json.encode(act).decode()))
    return f"act:{blake2b(said.encode(), digest_size=_NAME_BYTES).hexdigest()}"


def _stored(desk: Desk, case_id: str) -> cases.Stored:
    with desk.database.read() as conn:
        found = cases.load(conn, [case_id])
    if not found:
        raise nothing_named("case")
    return found[0]


def _cents(desk: Desk, case_id: str, sent: SummedIn) -> int | None:
    if sent.amount is None:
        return None
    currency = _stored(desk, case_id).case.currency
    if sent.currency not in ("", currency):
        raise InputError(
            f"this case is in {currency}", hint="give the amount in it", where="body.currency", code="currency_other"
        )
    return minor_units(sent.amount, currency)
