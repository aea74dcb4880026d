"""What people do to a case by hand: each act once, refused with a remedy, and obeyed before the next message leaves."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from channels.contract import Channel
from orchestrator.domain import acts
from orchestrator.domain.account import account_of, holds_in_force
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Fault, PointKind
from orchestrator.domain.declarations import place_of_debtor
from orchestrator.domain.errors import Conflict, NotFound, RelanceError
from orchestrator.domain.events import DebtRecorded, Event, TaskClosed
from orchestrator.domain.policy import ContactChannel
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.answer_task import answer_task
from orchestrator.storage import cases, contacts, tasks
from tests.flows.conftest import TUESDAY, World, row

_names = count(1)
FRIDAY = date(2026, 3, 20)
DAY = timedelta(days=1)


def do(world: World, act: acts.Act, *, role: str = "agent", now: datetime = TUESDAY, name: str = "") -> list[str]:
    """Acts on the only case; the types of the facts."""
    return [_type(fact) for fact in facts_of(world, act, role=role, now=now, name=name)]


def facts_of(
    world: World, act: acts.Act, *, role: str = "agent", now: datetime = TUESDAY, name: str = "", case_id: str = ""
) -> tuple[Event, ...]:
    return act_on_case(
        world.database, world.strategy(), case_id or world.case().id, act, by="ann", role=role, now=now,
        name=name or f"act:{next(_names)}",
    )  # fmt: skip


def _type(fact: Event) -> str:
    return str(fact.__struct_config__.tag)


def refused(world: World, act: acts.Act, **given: Any) -> str:
    """The code of the refusal; it has a remedy, and changes nothing."""
    before = world.case()
    with pytest.raises(RelanceError) as error:
        do(world, act, **given)
    assert error.value.hint
    assert world.case() == before
    return error.value.code


def held(world: World, now: datetime) -> list[str]:
    """The kinds of the holds in force."""
    case = world.case()
    return [hold.kind.value for hold in holds_in_force(case, now, place_of_debtor(case))]


def demandable(world: World, now: datetime) -> int:
    """What may be demanded now, in cents."""
    case = world.case()
    place = place_of_debtor(case)
    return account_of(case, holds_in_force(case, now, place), now.date()).overdue_cents


def open_kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return sorted(task.kind for task in tasks.search(conn, tasks.Filter(), limit=50))


def only_task(world: World, kind: str) -> tasks.Task:
    with world.database.read() as conn:
        (found,) = tasks.search(conn, tasks.Filter(kind=kind), limit=50)
    return found


def test_a_promise_holds_to_its_day_and_its_grace_and_is_followed_up_when_broken(world: World) -> None:
    world.load(row())
    assert do(world, acts.MakePromise(on=FRIDAY)) == ["promise.made"]
    assert world.case().promises[0].amount_cents == 4200
    last = datetime(2026, 3, 23, 22, 30, tzinfo=TUESDAY.tzinfo)  # 23:30 in Paris, the third day of grace
    for now in (TUESDAY, TUESDAY + 3 * DAY, last):
        world.advance(now)
        assert world.messages() == [], now
    world.advance(datetime(2026, 3, 24, 9, tzinfo=TUESDAY.tzinfo))
    assert [message.send.template for message in world.messages()] == ["promise-broken"]


def test_a_promise_that_is_kept_closes_the_case(world: World) -> None:
    world.load(row())
    do(world, acts.MakePromise(on=FRIDAY, grace_days=0))
    from_friday = datetime(2026, 3, 21, 9, tzinfo=TUESDAY.tzinfo)
    assert held(world, TUESDAY) == ["promise"]
    assert held(world, from_friday) == []


def test_the_same_act_told_twice_is_done_once(world: World) -> None:
    world.load(row())
    first = facts_of(world, acts.MakePromise(on=FRIDAY), name="act:one")
    again = facts_of(world, acts.MakePromise(on=FRIDAY), name="act:one", now=TUESDAY + DAY)
    assert again == first
    assert len(world.case().promises) == 1


def test_another_day_moves_the_promise(world: World) -> None:
    world.load(row())
    do(world, acts.MakePromise(on=FRIDAY))
    assert do(world, acts.MakePromise(on=FRIDAY + DAY)) == ["hold.lifted", "promise.made"]
    assert held(world, TUESDAY) == ["promise"]
    world.advance(TUESDAY + 20 * DAY)
    assert [end.value for end in world.case().promise_ends] == ["broken"]


def test_promises_of_two_documents_stand_side_by_side(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    do(world, acts.MakePromise(on=FRIDAY, references=("F-1",)))
    assert do(world, acts.MakePromise(on=FRIDAY + DAY, references=("F-2",))) == ["promise.made"]
    assert {promise.references: promise.amount_cents for promise in world.case().promises} == {
        ("F-1",): 4200,
        ("F-2",): 1000,
    }


def test_a_day_too_far_asks_for_a_manager(world: World) -> None:
    world.load(row())
    last, beyond = date(2026, 6, 8), date(2026, 6, 9)  # 90 days
    assert refused(world, acts.MakePromise(on=beyond)) == "role_too_low"
    assert refused(world, acts.Defer(until=beyond)) == "role_too_low"
    assert do(world, acts.Defer(until=last)) == ["hold.placed"]
    assert do(world, acts.MakePromise(on=beyond), role="manager") == ["promise.made"]


@pytest.mark.parametrize(
    "act, code",
    [
        (acts.MakePromise(on=date(2026, 3, 9)), "date_past"),
        (acts.Defer(until=date(2026, 3, 9)), "date_past"),
        (acts.MakePromise(on=date(9999, 12, 31)), "date_too_far"),
        (acts.PlaceHold(kind=HoldKind.VETO, review_on=date.max), "date_too_far"),
        (acts.MakePromise(on=FRIDAY, references=("F-9",)), "document_unknown"),
        (acts.ClaimPaid(references=("F-9",)), "document_unknown"),
        (acts.MakePromise(on=FRIDAY, amount_cents=0), "invalid_amount"),
        (acts.MakePromise(on=FRIDAY, grace_days=16), "grace_too_long"),
        (acts.OpenDispute(references=("F-1",), amount_cents=4201), "amount_too_large"),
        (acts.OpenDispute(amount_cents=100), "amount_of_several"),
        (acts.AnswerDispute(hold_id="none", outcome=acts.DisputeOutcome.UPHELD), "not_found"),
        (acts.PlaceHold(kind=HoldKind.PROMISE), "hold_not_placeable"),
        (acts.AddNote(text="C'est un escroc"), "note_forbidden"),
        (acts.NoteCall(outcome=acts.CallOutcome.REACHED, words="En arrêt maladie"), "note_forbidden"),
        (acts.PlaceHold(kind=HoldKind.INSOLVENCY, references=("F-1",)), "hold_of_person"),
        (acts.PlaceHold(kind=HoldKind.VETO, until=date(2026, 3, 9)), "date_past"),
        (acts.PlaceHold(kind=HoldKind.PLAN), "date_missing"),
        (acts.LiftHold(hold_id="none", why="x"), "not_found"),
        (acts.RemoveMark(mark="vulnerable"), "mark_absent"),
        (acts.MarkPoint(kind=PointKind.PHONE, value="+33600000000"), "point_unknown"),
        (acts.CloseChannel(channel=Channel.SMS, point="+33644631234"), "point_of_person"),
        (acts.OpenChannel(channel=Channel.SMS), "channel_open"),
        (acts.AddNote(text="  "), "note_empty"),
        (acts.AddNote(text="half a character \ud800"), "invalid_text"),
    ],
)
def test_what_may_not_be_done_is_refused_with_a_remedy(world: World, act: acts.Act, code: str) -> None:
    world.load(row(), row("F-2"))
    assert refused(world, act) == code


def test_a_viewer_may_do_nothing(world: World) -> None:
    world.load(row())
    assert refused(world, acts.AddNote(text="x"), role="viewer") == "role_too_low"
    assert refused(world, acts.AddNote(text="x"), role="nobody") == "role_too_low"


def test_an_unknown_case_is_named_so(world: World) -> None:
    with pytest.raises(NotFound):
        facts_of(world, acts.AddNote(text="x"), case_id="NONE")


def test_a_deferral_is_respected_to_the_day(world: World) -> None:
    world.load(row(email="jeanne.dupont@example.org"))
    do(world, acts.Defer(until=FRIDAY))
    world.advance()
    assert [message.send.template for message in world.messages()] == ["deferral-granted"]
    world.dispatch()
    world.advance(datetime(2026, 3, 20, 22, 30, tzinfo=TUESDAY.tzinfo))
    assert len(world.messages()) == 1
    world.advance(datetime(2026, 3, 21, 9, tzinfo=TUESDAY.tzinfo))
    assert [message.send.purpose.value for message in world.messages()] == ["answer", "demand"]


def test_a_remittance_advice_holds_just_the_debts_it_names_for_five_business_days(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    assert do(world, acts.ClaimPaid(references=("F-1",), amount_cents=4200)) == ["hold.placed", "note.added"]
    hold = world.case().holds[0]
    assert (hold.references, hold.until) == (("F-1",), date(2026, 3, 17))
    assert demandable(world, TUESDAY) == 1000
    assert demandable(world, TUESDAY + 8 * DAY) == 5200
    world.advance()
    assert "verify_payment" in open_kinds(world)


def test_a_part_announced_leaves_the_rest_to_be_demanded(world: World) -> None:
    world.load(row())
    do(world, acts.ClaimPaid(references=("F-1",), amount_cents=3000))
    assert demandable(world, TUESDAY) == 1200
    do(world, acts.ClaimPaid(references=("F-1",), by_cheque=True))
    assert demandable(world, TUESDAY) == 0
    assert world.case().holds[1].until == date(2026, 3, 24)


def test_a_dispute_by_amount_lets_the_rest_be_chased(world: World) -> None:
    world.load(row())
    act = acts.OpenDispute(
        references=("F-1",), amount_cents=1200, reason=acts.DisputeReason.PRICE, owner="sales", words="two nights"
    )
    assert do(world, act) == ["dispute.opened"]
    hold = world.case().holds[0]
    assert (hold.amount_cents, hold.reason, hold.owner) == (1200, "price", "sales")
    assert demandable(world, TUESDAY) == 3000
    assert do(world, acts.OpenDispute(references=("F-1",))) == ["dispute.opened"]
    assert demandable(world, TUESDAY) == 0
    assert refused(world, acts.OpenDispute(references=("F-1",))) == "dispute_open"


def _disputed(world: World, **given: Any) -> str:
    world.load(row(email="jeanne.dupont@example.org"))
    do(world, acts.OpenDispute(references=("F-1",), **given))
    world.advance()
    world.dispatch()
    assert open_kinds(world) == ["answer_dispute"]
    return world.case().holds[0].id


def test_a_rejected_dispute_lifts_the_hold_and_the_ladder_goes_on(world: World) -> None:
    hold_id = _disputed(world)
    later = TUESDAY + DAY
    act = acts.AnswerDispute(hold_id=hold_id, outcome=acts.DisputeOutcome.REJECTED, words="delivered on the 3rd")
    assert do(world, act, now=later) == ["dispute.resolved", "task.closed", "note.added"]
    assert open_kinds(world) == []
    for days in range(6):
        world.advance(later + days * DAY)
    assert [message.send.purpose.value for message in world.messages()] == ["answer", "demand"]
    assert refused(world, act, now=later) == "hold_over"


def test_an_upheld_dispute_leads_to_no_demand_before_the_credit(world: World) -> None:
    hold_id = _disputed(world, amount_cents=1200)
    later = TUESDAY + DAY
    do(world, acts.AnswerDispute(hold_id=hold_id, outcome=acts.DisputeOutcome.UPHELD), now=later)
    assert held(world, later) == ["veto"]
    assert demandable(world, later) == 3000
    assert demandable(world, later + 60 * DAY) == 3000
    asked = only_task(world, "credit_note")
    assert asked.due_at.date() == date(2026, 3, 25)
    assert open_kinds(world) == ["credit_note"]
    answer_task(world.database, asked.id, answer="done", by="ann", role="agent", now=later + DAY)
    assert demandable(world, later + DAY) == 4200
    assert open_kinds(world) == []


def test_a_credit_note_that_is_refused_leaves_the_hold_to_a_person(world: World) -> None:
    hold_id = _disputed(world)
    do(world, acts.AnswerDispute(hold_id=hold_id, outcome=acts.DisputeOutcome.UPHELD))
    answer_task(
        world.database, only_task(world, "credit_note").id, answer="refuse", by="ann", role="agent", now=TUESDAY
    )
    assert demandable(world, TUESDAY) == 0
    do(world, acts.LiftHold(hold_id=world.case().holds[1].id, why="no credit after all"))
    assert demandable(world, TUESDAY) == 4200


def test_a_dispute_answered_before_anybody_looked_asks_nothing_more(world: World) -> None:
    world.load(row(email="jeanne.dupont@example.org"))
    do(world, acts.OpenDispute())
    hold_id = world.case().holds[0].id
    do(world, acts.AnswerDispute(hold_id=hold_id, outcome=acts.DisputeOutcome.REJECTED))
    world.advance()
    assert open_kinds(world) == []
    assert [message.send.purpose.value for message in world.messages()] == ["demand"]


def test_hardship_listens_and_calls_a_person(world: World) -> None:
    world.load(row(email="jeanne.dupont@example.org"))
    assert do(world, acts.DeclareHardship(words="lost her job")) == ["hardship.declared", "note.added"]
    world.advance()
    assert [message.send.voice.value for message in world.messages()] == ["listening"]
    assert "call_back" in open_kinds(world)
    assert refused(world, acts.DeclareHardship()) == "hardship_known"
    hold_id = world.case().holds[0].id
    facts = facts_of(world, acts.LiftHold(hold_id=hold_id, why="plan agreed"), now=TUESDAY + DAY)
    assert [_type(fact) for fact in facts if not isinstance(fact, TaskClosed)] == [
        "hold.lifted",
        "reaction.done",
        "mark.removed",
    ]
    assert open_kinds(world) == []


def test_vulnerable_stops_demands_and_only_a_manager_ends_it(world: World) -> None:
    world.load(row())
    world.advance()
    assert do(world, acts.AddMark(mark="vulnerable")) == ["mark.added"]
    world.dispatch()
    assert world.sent() == []
    assert "person_decides" in open_kinds(world)
    assert refused(world, acts.RemoveMark(mark="vulnerable")) == "role_too_low"
    assert do(world, acts.RemoveMark(mark="vulnerable"), role="manager") == ["mark.removed"]


def test_a_death_silences_every_case_of_the_debtor_and_a_manager_ends_it(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2"))
    mine, other = sorted(world.cases(), key=lambda case: case.debtor.ref)
    act = acts.PlaceHold(kind=HoldKind.DEATH, source="notary, 9 March")
    facts_of(world, act, case_id=mine.id)
    case = next(each for each in world.cases() if each.id == mine.id)
    assert case.has_mark("deceased")
    assert case.holds[0].blocks.value == "all"
    assert next(each for each in world.cases() if each.id == other.id).holds == ()
    with pytest.raises(Conflict, match="manager"):
        facts_of(world, acts.LiftHold(hold_id=case.holds[0].id, why="a mistake"), case_id=mine.id)


def test_a_hold_of_a_document_is_reviewed_by_somebody(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    do(world, acts.PlaceHold(kind=HoldKind.VETO, references=("F-1",), review_on=FRIDAY, reason="sales asked"))
    assert demandable(world, TUESDAY) == 1000
    asked = only_task(world, "review_hold")
    assert asked.due_at == datetime(2026, 3, 20, 23, tzinfo=TUESDAY.tzinfo)
    do(world, acts.LiftHold(hold_id=asked.subject, why="settled"))
    assert open_kinds(world) == []


def test_a_plan_ends_the_request_for_one(world: World) -> None:
    world.load(row())
    assert do(world, acts.PlaceHold(kind=HoldKind.PLAN, until=date(2026, 5, 31))) == ["hold.placed"]
    assert refused(world, acts.PlaceHold(kind=HoldKind.PLAN, until=date(2026, 8, 31))) == "role_too_low"


def test_a_stop_closes_the_channel_in_every_case_of_the_person(world: World) -> None:
    world.load(row(), row("F-2", debtor="C-2"))
    mine, other = world.cases()
    facts_of(world, acts.CloseChannel(channel=Channel.SMS), case_id=mine.id)
    assert all(any(s.is_on for s in case.opt_outs) for case in world.cases())
    facts_of(world, acts.OpenChannel(channel=Channel.SMS), case_id=other.id, now=TUESDAY + DAY)
    assert not any(s.is_on for case in world.cases() for s in case.opt_outs)


def test_a_faulty_number_is_not_written_to_and_a_good_one_is_again(world: World) -> None:
    world.load(row())
    do(world, acts.MarkPoint(kind=PointKind.PHONE, value="+33 6 44 63 12 34", fault=Fault.NOT_OWNED))
    world.advance()
    assert all(message.send.channel is not Channel.SMS for message in world.messages())
    do(world, acts.MarkPoint(kind=PointKind.PHONE, value="+33644631234"), now=TUESDAY + DAY)
    assert not any(switch.is_on for switch in world.case().points)


def test_nothing_owed_leaves_notes_and_stops(world: World) -> None:
    world.load(row())
    paid = world.case().debts[0]
    world.record(DebtRecorded(id="paid", at=TUESDAY, debt=_settled(paid)), now=TUESDAY)
    assert refused(world, acts.MakePromise(on=FRIDAY)) == "nothing_owed"
    world.advance()
    assert refused(world, acts.Defer(until=FRIDAY)) == "case_closed"
    assert refused(world, acts.DeclareHardship()) == "case_closed"
    for act in (
        acts.AddNote(text="called"),
        acts.CloseChannel(channel=Channel.SMS),
        acts.AddMark(mark="good_payer"),
        acts.NoteCall(outcome=acts.CallOutcome.NO_ANSWER),
        acts.PlaceHold(kind=HoldKind.DEATH),
    ):
        assert do(world, act)


def _settled(debt: Any) -> Any:
    return type(debt)(**{f: getattr(debt, f) for f in debt.__struct_fields__} | {"open_cents": 0, "as_of": FRIDAY})


def test_a_call_counts_in_the_caps_of_the_person(world: World) -> None:
    world.load(row())
    do(world, acts.NoteCall(outcome=acts.CallOutcome.VOICEMAIL), name="act:call")
    with world.database.read() as conn:
        stored = cases.load(conn, [world.case().id])[0]
        (met,) = contacts.of_persons(conn, [stored.person_id], since=TUESDAY - DAY)[stored.person_id]
    assert (met.channel, met.at) == (ContactChannel.CALL, TUESDAY)
    world.advance()
    assert world.messages() == [] or world.messages()[0].not_before > TUESDAY


def test_a_message_that_was_planned_does_not_leave_after_a_promise(world: World) -> None:
    world.load(row())
    world.advance()
    assert len(world.messages()) == 1
    do(world, acts.MakePromise(on=FRIDAY))
    world.dispatch()
    assert world.sent() == []
