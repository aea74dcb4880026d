"""The acts on a case as forms: their fields, and the act that each makes of what was typed (`case_typed.py`).

What the act refuses is the flow's to say.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from channels.contract import Channel
from orchestrator.domain import acts
from orchestrator.domain.act_holds import PLACEABLE
from orchestrator.domain.acts import Act
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Fault, PointKind, PostalAddress, Role
from orchestrator.web.console.case_typed import Typed

_NO_FAULT = "none"


class Field(msgspec.Struct, frozen=True):
    """One field: `kind` is text, day, amount, words, tick, documents, choice (of `codes`, in words `group`_code) or
    known: one of the case's own numbers and addresses, none where it is not required.
    """

    name: str
    kind: str = "text"
    is_required: bool = False
    group: str = ""
    codes: tuple[str, ...] = ()


class ActForm(msgspec.Struct, frozen=True):
    """A form: its fields in order, and the act that they make. `action` is the permission it asks for."""

    fields: tuple[Field, ...]
    make: Callable[[Typed], Act]
    action: str = "cases.act"


_NO_DAY = date.max
_REASONS = ("", *(reason.value for reason in acts.DisputeReason))
_OUTCOMES = tuple(outcome.value for outcome in acts.DisputeOutcome)
_CALLS = tuple(outcome.value for outcome in acts.CallOutcome)
_ENDS = tuple(outcome.value for outcome in acts.CloseOutcome)
_HOLDS = tuple(sorted(kind.value for kind in PLACEABLE))
_KINDS = tuple(kind.value for kind in PointKind)
_FAULTS = (_NO_FAULT, *(fault.value for fault in Fault))
_CHANNELS = tuple(channel.value for channel in Channel)
_ROLES = ("", *(role.value for role in Role))


def _promise(typed: Typed) -> Act:
    return acts.MakePromise(
        on=typed.day("on", needed=True) or _NO_DAY,
        amount_cents=typed.cents(),
        grace_days=typed.number("grace_days"),
        references=typed.documents(),
    )


def _defer(typed: Typed) -> Act:
    return acts.Defer(until=typed.day("until", needed=True) or _NO_DAY, references=typed.documents())


def _paid(typed: Typed) -> Act:
    return acts.ClaimPaid(
        references=typed.documents(),
        amount_cents=typed.cents(),
        by_cheque=typed.has("by_cheque"),
        words=typed.words(),
    )


def _dispute(typed: Typed) -> Act:
    reason = typed.choice("reason", _REASONS)
    return acts.OpenDispute(
        references=typed.documents_or_all("everything"),
        amount_cents=typed.cents(),
        reason=acts.DisputeReason(reason) if reason else None,
        owner=typed.text("owner", most=120),
        words=typed.words(),
    )


def _answer(typed: Typed) -> Act:
    outcome = acts.DisputeOutcome(typed.choice("outcome", _OUTCOMES))
    return acts.AnswerDispute(hold_id=typed.text("hold", needed=True), outcome=outcome, words=typed.words())


def _hold(typed: Typed) -> Act:
    return acts.PlaceHold(
        kind=HoldKind(typed.choice("kind", _HOLDS)),
        until=typed.day("until"),
        review_on=typed.day("review_on"),
        references=typed.documents(),
        blocks_all=typed.has("blocks_all"),
        reason=typed.text("reason"),
        source=typed.text("source"),
    )


def _lift(typed: Typed) -> Act:
    return acts.LiftHold(hold_id=typed.text("hold", needed=True), why=typed.text("why", needed=True))


def _hardship(typed: Typed) -> Act:
    return acts.DeclareHardship(words=typed.words())


def _mark(typed: Typed) -> Act:
    return acts.AddMark(mark=typed.text("mark", most=60, needed=True))


def _unmark(typed: Typed) -> Act:
    return acts.RemoveMark(mark=typed.text("mark", most=60, needed=True))


def _point(typed: Typed) -> Act:
    kind, value = typed.known("which", needed=True) or (PointKind.POST, "")
    fault = typed.choice("fault", _FAULTS)
    return acts.MarkPoint(kind=kind, value=value, fault=None if fault == _NO_FAULT else Fault(fault))


def _contact(typed: Typed) -> Act:
    kind = PointKind(typed.choice("kind", _KINDS))
    role = typed.choice("role", _ROLES)
    return acts.AddPoint(
        kind=kind,
        value=typed.text("value", most=320, needed=kind is not PointKind.POST),
        address=_address(typed) if kind is PointKind.POST else None,
        role=Role(role) if role else None,
        name=typed.text("name", most=120),
        corrects=(typed.known("corrects") or (kind, ""))[1],
        verified=typed.has("verified"),
        given_by_debtor=typed.has("given_by_debtor"),
    )


def _address(typed: Typed) -> PostalAddress:
    lines = tuple(line.strip() for line in typed.words("lines", needed=True).splitlines() if line.strip())
    return PostalAddress(
        lines[:5], typed.text("postcode", most=20), typed.text("city", most=60, needed=True), typed.text("country")
    )


def _stop(typed: Typed) -> Act:
    channel = Channel(typed.choice("channel", _CHANNELS))
    return acts.CloseChannel(channel=channel, point=(typed.known("point") or (None, ""))[1])


def _start(typed: Typed) -> Act:
    channel = Channel(typed.choice("channel", _CHANNELS))
    return acts.OpenChannel(channel=channel, point=(typed.known("point") or (None, ""))[1])


def _note(typed: Typed) -> Act:
    return acts.AddNote(text=typed.words(needed=True))


def _call(typed: Typed) -> Act:
    return acts.NoteCall(outcome=acts.CallOutcome(typed.choice("outcome", _CALLS)), words=typed.words())


def _close(typed: Typed) -> Act:
    outcome = acts.CloseOutcome(typed.choice("outcome", _ENDS))
    return acts.CloseCase(outcome=outcome, words=typed.words(needed=True))


def _reopen(typed: Typed) -> Act:
    return acts.ReopenCase(words=typed.words(needed=True))


_DOCUMENTS = Field("document", "documents")
_AMOUNT = Field("amount", "amount")
_SAID = Field("words", "words")
_WHY = Field("words", "words", is_required=True)

FORMS: Mapping[str, ActForm] = MappingProxyType(
    {
        "note": ActForm((_WHY,), _note),
        "call": ActForm((Field("outcome", "choice", True, "outcome", _CALLS), _SAID), _call),
        "promise": ActForm((Field("on", "day", True), _AMOUNT, Field("grace_days"), _DOCUMENTS), _promise),
        "defer": ActForm((Field("until", "day", True), _DOCUMENTS), _defer),
        "paid": ActForm((_DOCUMENTS, _AMOUNT, Field("by_cheque", "tick"), _SAID), _paid),
        "dispute": ActForm(
            (
                Field("document", "documents", True), Field("everything", "tick"), _AMOUNT,
                Field("reason", "choice", False, "reason", _REASONS), Field("owner"), _SAID,
            ),
            _dispute,
        ),
        "answer": ActForm(
            (Field("hold", "hidden"), Field("outcome", "choice", True, "answer", _OUTCOMES), _SAID), _answer
        ),
        "hardship": ActForm((_SAID,), _hardship),
        "hold": ActForm(
            (
                Field("kind", "choice", True, "hold", _HOLDS), Field("until", "day"), Field("review_on", "day"),
                _DOCUMENTS, Field("blocks_all", "tick"), Field("reason"), Field("source"),
            ),
            _hold,
        ),
        "lift": ActForm((Field("hold", "hidden"), Field("why", "text", True)), _lift),
        "mark": ActForm((Field("mark", "text", True),), _mark),
        "unmark": ActForm((Field("mark", "hidden"),), _unmark),
        "contact": ActForm(
            (
                Field("kind", "choice", True, "point", _KINDS), Field("value"), Field("lines", "words"),
                Field("postcode"), Field("city"),
                Field("country"), Field("role", "choice", False, "role", _ROLES), Field("name"),
                Field("corrects", "known"), Field("verified", "tick"), Field("given_by_debtor", "tick"),
            ),
            _contact,
        ),
        "point": ActForm(
            (
                Field("which", "known", True), Field("fault", "choice", True, "fault_of", _FAULTS),
            ),
            _point,
        ),
        "stop": ActForm((Field("channel", "choice", True, "channel", _CHANNELS), Field("point", "known")), _stop),
        "start": ActForm((Field("channel", "choice", True, "channel", _CHANNELS), Field("point", "known")), _start),
        "close": ActForm((Field("outcome", "choice", True, "end", _ENDS), _WHY), _close, "cases.close"),
        "reopen": ActForm((_WHY,), _reopen, "cases.close"),
    }
)  # fmt: skip
