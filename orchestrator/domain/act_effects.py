"""What an act causes: the facts of the case, or a refusal that says what to do instead. Pure.

The facts of agreements, disputes and hardship are those of `declarations.py`, as when the debtor writes them.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from orchestrator.domain import acts
from orchestrator.domain import events as ev
from orchestrator.domain.act_ends import close_case, reopen_case
from orchestrator.domain.act_holds import declare_hardship, lift_hold, place_hold
from orchestrator.domain.act_points import add_point, mark_point
from orchestrator.domain.acting import (
    Acting,
    close_tasks_about,
    close_tasks_of_kind,
    note,
    nothing_more_to_say,
    require_amount,
    require_documents,
    require_open,
    require_owed,
    require_role,
    require_within_ceiling,
    running_hold,
    task,
)
from orchestrator.domain.agreement import Hold, HoldKind, HoldScope
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.declarations import (
    already_paid,
    disagree,
    more_time,
    promise,
    set_aside_promises,
)
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.errors import Conflict, InputError
from orchestrator.domain.money import Money
from orchestrator.domain.notes import require_decent
from orchestrator.domain.own_words import ask_call, read_reply, write_answer

# A credit note that was decided is in the ledger by then.
CREDIT_WITHIN = Duration(10, Unit.BUSINESS_DAY)
LONGEST_GRACE_DAYS = 15
# Only a manager lets demands begin again where these protected the person.
_REMOVED_BY_MANAGER = frozenset({"deceased", "minor", "guardianship", "self_harm", "vulnerable"})
_MARK = re.compile(r"[a-z][a-z0-9_:.-]{0,59}")


def effects_of(acting: Acting, act: acts.Act) -> tuple[ev.Event, ...]:
    """The facts of an act. Raises InputError, NotFound or Conflict, each with what to do instead."""
    require_role(acting, "agent")
    _require_text(act)
    return tuple(_EFFECTS[type(act)](acting, act))


def _require_text(act: acts.Act) -> None:
    """A terminal hands over bytes that are no text as halves of characters, which no database takes."""
    try:
        msgspec.json.encode(act)
    except UnicodeEncodeError:
        hint = "write it in UTF-8"
        raise InputError("this cannot be read as text", hint=hint, code="invalid_text") from None


# ------------------------------------------------------------------------------------------- agreements


def _promise(acting: Acting, act: acts.MakePromise) -> list[ev.Event]:
    about = _about_what_is_owed(acting, act.references)
    require_within_ceiling(about, act.on)
    require_amount(act.amount_cents)
    grace_days = act.grace_days if act.grace_days is not None else acting.terms.promise.grace.days
    if not 0 <= grace_days <= LONGEST_GRACE_DAYS:
        hint = f"at most {LONGEST_GRACE_DAYS} days: beyond, name a later day"
        raise InputError("the grace of a promise is too long", hint=hint, code="grace_too_long")
    made = promise(about, on=act.on, amount_cents=act.amount_cents, grace_days=grace_days)
    return [*set_aside_promises(about), *made, *close_tasks_of_kind(about, "plan_request", "promise")]


def _defer(acting: Acting, act: acts.Defer) -> list[ev.Event]:
    about = _about_what_is_owed(acting, act.references)
    require_within_ceiling(about, act.until)
    return [*more_time(about, until=act.until), *close_tasks_of_kind(about, "plan_request", "deferral")]


def _claim_paid(acting: Acting, act: acts.ClaimPaid) -> list[ev.Event]:
    about = _about_what_is_owed(acting, act.references)
    require_amount(act.amount_cents)
    facts = already_paid(about, by_cheque=act.by_cheque, amount_cents=act.amount_cents)
    announced = f"announced: {Money(act.amount_cents, acting.case.currency)}" if act.amount_cents else ""
    return [*facts, *note(about, ". ".join(filter(None, (announced, act.words))))]


def _about_what_is_owed(acting: Acting, references: tuple[str, ...]) -> Acting:
    require_open(acting)
    require_documents(acting, references)
    about = acting.about(references)
    require_owed(about)
    return about


# --------------------------------------------------------------------------------------------- disputes


def _dispute(acting: Acting, act: acts.OpenDispute) -> list[ev.Event]:
    about = _about_what_is_owed(acting, act.references)
    disputed = tuple(about.open_references())
    require_amount(act.amount_cents)
    if act.amount_cents is not None:
        _require_part(about, disputed, act.amount_cents)
    about = acting.about(disputed)
    whole = [hold for hold in about.running(HoldKind.DISPUTE) if hold.amount_cents is None]
    if any(hold.scope is not HoldScope.DEBTS or set(disputed) <= set(hold.references) for hold in whole):
        hint = "answer that dispute, or keep the new words as a note"
        raise Conflict("this is in dispute already", hint=hint, code="dispute_open")
    reason = act.reason.value if act.reason else ""
    return disagree(about, words=act.words, amount_cents=act.amount_cents, reason=reason, owner=act.owner)


def _require_part(about: Acting, disputed: tuple[str, ...], cents: int) -> None:
    if len(disputed) != 1:
        hint = "name the document that the amount is part of, and open one dispute for each"
        raise InputError("an amount in dispute is a part of one document", hint=hint, code="amount_of_several")
    open_cents = next(p.open_cents for p in about.positions() if p.debt.reference == disputed[0])
    if cents > open_cents:
        hint = "leave the amount out to dispute all of it"
        raise InputError("more is in dispute than is open on this document", hint=hint, code="amount_too_large")


def _answer_dispute(acting: Acting, act: acts.AnswerDispute) -> list[ev.Event]:
    """Upheld, the debts stay held until the ledger shows the credit; rejected, the ladder goes on from here."""
    hold = running_hold(acting, act.hold_id)
    if hold.kind is not HoldKind.DISPUTE:
        raise Conflict("this hold is no dispute", hint="`relance case lift` ends it", code="hold_not_dispute")
    resolved = ev.DisputeResolved(
        id=acting.name, at=acting.at, by=acting.by, hold_id=hold.id, outcome=act.outcome.value
    )
    facts: list[ev.Event] = [resolved, *nothing_more_to_say(acting, hold)]
    facts += close_tasks_about(acting, hold.id, act.outcome.value)
    facts += note(acting, act.words)
    if act.outcome is acts.DisputeOutcome.UPHELD:
        facts += _await_credit(acting, hold)
    return facts


def _await_credit(acting: Acting, dispute: Hold) -> list[ev.Event]:
    until = shift_date(acting.today, CREDIT_WITHIN, acting.place)
    veto = Hold(
        id=f"veto:{acting.name}", kind=HoldKind.VETO, since=acting.at, scope=dispute.scope,
        references=dispute.references, amount_cents=dispute.amount_cents, source="dispute_upheld", review_on=until,
        reason=dispute.reason, owner=dispute.owner,
    )  # fmt: skip
    placed = ev.HoldPlaced(id=f"{acting.name}:veto", at=acting.at, by=acting.by, hold=veto)
    asked = task(acting, "credit_note", veto.id, CREDIT_WITHIN, amount_cents=dispute.amount_cents or 0)
    return [placed, asked]


# -------------------------------------------------------------------------------------- marks and channels


def _mark(acting: Acting, act: acts.AddMark) -> list[ev.Event]:
    if not _MARK.fullmatch(act.mark):
        hint = "small letters, digits and _, such as good_payer or solvency:fragile"
        raise InputError("this cannot be a mark", hint=hint, code="mark_invalid")
    return [ev.Marked(id=acting.name, at=acting.at, by=acting.by, mark=act.mark)]


def _unmark(acting: Acting, act: acts.RemoveMark) -> list[ev.Event]:
    if not acting.case.has_mark(act.mark):
        raise Conflict("the case has no such mark", hint="`relance case show` lists its marks", code="mark_absent")
    if act.mark in _REMOVED_BY_MANAGER:
        require_role(acting, "manager")
    return [ev.Unmarked(id=acting.name, at=acting.at, by=acting.by, mark=act.mark)]


def _stop(acting: Acting, act: acts.CloseChannel) -> list[ev.Event]:
    if act.point and acting.case.debtor.status.is_individual:
        hint = "leave the address out: the whole channel is closed"
        raise InputError("a person closes a channel, not an address", hint=hint, code="point_of_person")
    return [ev.OptedOut(id=acting.name, at=acting.at, by=acting.by, channel=act.channel, point=act.point)]


def _start(acting: Acting, act: acts.OpenChannel) -> list[ev.Event]:
    closed = [s.key.partition(":")[2] for s in acting.opt_outs if s.key.startswith(f"{act.channel}:")]
    points = [point for point in dict.fromkeys(closed) if act.point in ("", point)]
    if not points:
        raise Conflict("this is not closed", hint="`relance case show` lists what is", code="channel_open")
    return [
        ev.OptedIn(id=f"{acting.name}:{number}", at=acting.at, by=acting.by, channel=act.channel, point=point)
        for number, point in enumerate(points)
    ]


# ----------------------------------------------------------------------------------------- notes and calls


def _note(acting: Acting, act: acts.AddNote) -> list[ev.Event]:
    if not act.text.strip():
        raise InputError("the note is empty", hint="write what is to be kept in mind", code="note_empty")
    require_decent(act.text)
    return [ev.NoteAdded(id=acting.name, at=acting.at, by=acting.by, text=act.text)]


def _call(acting: Acting, act: acts.NoteCall) -> list[ev.Event]:
    made = ev.CallMade(id=acting.name, at=acting.at, by=acting.by, outcome=act.outcome.value)
    facts: list[ev.Event] = [made, *note(acting, act.words)]
    if act.outcome is acts.CallOutcome.REACHED:
        facts += close_tasks_of_kind(acting, "call_back", "reached")
    return facts


_EFFECTS: dict[type, Callable[..., Iterable[ev.Event]]] = {
    acts.MakePromise: _promise,
    acts.Defer: _defer,
    acts.ClaimPaid: _claim_paid,
    acts.OpenDispute: _dispute,
    acts.AnswerDispute: _answer_dispute,
    acts.PlaceHold: place_hold,
    acts.LiftHold: lift_hold,
    acts.DeclareHardship: declare_hardship,
    acts.AddMark: _mark,
    acts.RemoveMark: _unmark,
    acts.MarkPoint: mark_point,
    acts.AddPoint: add_point,
    acts.CloseChannel: _stop,
    acts.OpenChannel: _start,
    acts.AddNote: _note,
    acts.NoteCall: _call,
    acts.WriteAnswer: write_answer,
    acts.AskCall: ask_call,
    acts.ReadReply: read_reply,
    acts.CloseCase: close_case,
    acts.ReopenCase: reopen_case,
}
