"""What each fact changes of a case, one by one. The laws over many facts are test_apply_laws.py."""

from datetime import date

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.apply import apply, apply_all
from orchestrator.domain.campaign import Use
from orchestrator.domain.case import CaseState
from orchestrator.domain.contact import Fault, PointKind
from tests.builders import a_case, a_debt, a_debtor, instant
from tests.domain import facts

CASE = a_case()
MORNING = instant("2026-03-09 08:00")


def planned(message_id: str, *, at: str, step: str = "reminder-1") -> ev.MessagePlanned:
    return ev.MessagePlanned(
        id=f"planned:{message_id}:{at}",
        at=instant(at),
        message_id=message_id,
        step=step,
        cycle=1,
        ordinal=1,
        channel=Channel.EMAIL,
    )


def cancelled(message_id: str, *, at: str, blocks_channel: bool = False) -> ev.MessageCancelled:
    return ev.MessageCancelled(
        id=f"cancelled:{message_id}:{at}",
        at=instant(at),
        message_id=message_id,
        why="held",
        blocks_channel=blocks_channel,
    )


def opened(kind: str, subject: str, *, at: str, cause: str = "") -> ev.TaskOpened:
    return ev.TaskOpened(
        id=f"task:{kind}:{subject}",
        at=instant(at),
        task_id=f"{kind}:{subject}",
        kind=kind,
        subject=subject,
        role="agent",
        due_at=instant("2026-03-20 17:00"),
        cause=cause,
    )


def test_the_latest_word_on_who_owes_wins_whatever_came_in_last() -> None:
    newer = ev.DebtorRecorded(id="d2", at=instant("2026-03-02 08:00"), debtor=a_debtor(name="Jeanne Durand"))
    older = ev.DebtorRecorded(id="d1", at=instant("2026-02-02 08:00"), debtor=a_debtor(name="J. Dupont"))
    assert apply_all(CASE, (newer, older)).debtor.name == "Jeanne Durand"
    assert apply_all(CASE, (older, newer)).debtor.name == "Jeanne Durand"


def test_the_ledger_figure_of_the_latest_day_wins() -> None:
    newer = facts.recorded(a_debt(cents=500, as_of=date(2026, 3, 5)), at="2026-03-05 08:00")
    late_arrival = facts.recorded(a_debt(cents=900, as_of=date(2026, 3, 1)), at="2026-03-06 08:00")
    assert [debt.open_cents for debt in apply_all(CASE, (newer, late_arrival)).debts] == [500]


def test_a_figure_of_the_same_day_said_again_later_wins() -> None:
    first = facts.recorded(a_debt(cents=500, as_of=date(2026, 3, 5)), at="2026-03-05 08:00")
    second = facts.recorded(a_debt(cents=600, as_of=date(2026, 3, 5)), at="2026-03-05 09:00")
    assert [debt.open_cents for debt in apply_all(CASE, (second, first)).debts] == [600]


def test_a_debt_seen_again_after_it_was_missing_is_no_longer_presumed_settled() -> None:
    missing = ev.DebtPresumedSettled(id="gone", at=instant("2026-03-05 08:00"), reference="F-1")
    again = facts.recorded(a_debt(as_of=date(2026, 3, 6)), at="2026-03-06 08:00")
    assert apply(CASE, missing).debts[0].is_presumed_settled
    assert not apply_all(CASE, (missing, again)).debts[0].is_presumed_settled
    assert not apply_all(CASE, (again, missing)).debts[0].is_presumed_settled


def test_a_withdrawn_debt_is_gone_or_back_to_what_it_was() -> None:
    before = a_debt(cents=100)
    gone = ev.DebtWithdrawn(id="w1", at=MORNING, reference="F-1")
    back = ev.DebtWithdrawn(id="w2", at=MORNING, reference="F-1", back_to=before)
    assert apply(CASE, gone).debts == ()
    assert apply(CASE, back).debts == (before,)


def test_a_switch_obeys_the_latest_instant() -> None:
    on, off = facts.marked("good_payer", at="2026-03-05 08:00"), facts.unmarked("good_payer", at="2026-03-06 08:00")
    assert not apply_all(CASE, (on, off)).has_mark("good_payer")
    assert not apply_all(CASE, (off, on)).has_mark("good_payer")


def test_a_stop_and_its_revocation_of_one_instant_are_a_stop() -> None:
    out = facts.opted_out("sms", at="2026-03-05 08:00")
    back_in = ev.OptedIn(id="in", at=out.at, channel=Channel.SMS)
    assert apply_all(CASE, (out, back_in)).opt_outs[0].is_on
    assert apply_all(CASE, (back_in, out)).opt_outs[0].is_on


def test_a_point_is_marked_with_its_fault_and_cleared_again() -> None:
    bad = ev.PointMarked(id="b", at=MORNING, kind=PointKind.EMAIL, value="a@example.org", fault=Fault.BOUNCED)
    good = ev.PointMarked(
        id="g", at=instant("2026-03-10 08:00"), kind=PointKind.EMAIL, value="a@example.org", fault=None
    )
    assert apply(CASE, bad).points[0].value == "bounced"
    assert not apply_all(CASE, (bad, good)).points[0].is_on


def test_a_hold_lifted_twice_ended_the_first_time() -> None:
    late, early = facts.lifted(at="2026-03-09 08:00"), facts.lifted(at="2026-03-05 08:00")
    assert apply_all(CASE, (late, early)).lifted == apply(CASE, early).lifted


def test_a_hold_may_be_lifted_before_we_learn_of_it() -> None:
    both = (facts.held(since="2026-03-01 08:00"), facts.lifted(at="2026-03-05 08:00"))
    assert apply_all(CASE, both) == apply_all(CASE, reversed(both))


def test_each_payment_asks_for_a_reaction_once() -> None:
    payment = facts.paid(100, on="2026-03-05")
    done = ev.ReactionDone(id="r", at=MORNING, cause=payment.id, part="all")
    assert [p.event for p in apply(CASE, payment).pending] == ["payment.received"]
    assert apply_all(CASE, (payment, done)).pending == ()
    assert apply_all(CASE, (payment, done, payment)).pending == ()


def test_a_reaction_that_is_done_is_not_asked_for_again_by_the_same_fact() -> None:
    """The same letter read twice gets one answer."""
    for fact in (
        facts.wrote("other", at="2026-03-05 08:00"),
        facts.in_hardship(at="2026-03-05 08:00"),
        facts.resolved(at="2026-03-05 08:00"),
        facts.disputed(at="2026-03-05 08:00"),
        facts.promised(500, due="2026-03-20", at="2026-03-05 08:00"),
        facts.bounced(on="2026-03-05"),
    ):
        done = ev.ReactionDone(id="r", at=MORNING, cause=fact.id, part="all")
        after = apply_all(CASE, (fact, done))
        assert after.pending == ()
        assert apply(after, fact) == after


def test_a_reaction_done_in_part_remembers_the_part() -> None:
    dispute = facts.disputed(at="2026-03-05 08:00")
    half = apply_all(CASE, (dispute, opened("answer_dispute", "D-1", at="2026-03-05 09:00", cause=dispute.id)))
    assert half.pending[0].done == ("task",)
    message = facts.gone("dispute.opened:D-1", at="2026-03-05 10:00", cause=dispute.id)
    assert apply(half, message).pending[0].done == ("send", "task")


def test_two_replies_of_one_kind_are_two_subjects() -> None:
    two = apply_all(CASE, (facts.wrote("other", at="2026-03-05 08:00"), facts.wrote("other", at="2026-03-06 08:00")))
    subjects = {pending.subject or pending.cause for pending in two.pending}
    assert len(subjects) == 2


def test_only_some_holds_ask_for_a_reaction() -> None:
    assert apply(CASE, facts.held(HoldKind.VETO, since="2026-03-05 08:00")).pending == ()
    said_paid = apply(CASE, facts.held(HoldKind.ALREADY_PAID, since="2026-03-05 08:00"))
    assert [p.event for p in said_paid.pending] == ["already_paid.claimed"]


def test_hardship_marks_the_case_and_holds_it() -> None:
    case = apply(CASE, facts.in_hardship(at="2026-03-05 08:00"))
    assert case.has_mark("hardship")
    assert [hold.kind for hold in case.holds] == [HoldKind.HARDSHIP]


def test_a_broken_promise_ends_and_asks_for_a_reaction_unless_it_had_ended() -> None:
    made = facts.promised(500, due="2026-03-20", at="2026-03-05 08:00")
    kept = ev.PromiseKept(id="k", at=instant("2026-03-10 08:00"), promise_id="PR-1")
    broken = ev.PromiseBroken(id="b", at=instant("2026-03-24 08:00"), promise_id="PR-1")
    assert [end.value for end in apply_all(CASE, (made, broken)).promise_ends] == ["broken"]
    assert "promise.broken" in [p.event for p in apply_all(CASE, (made, broken)).pending]
    case = apply_all(CASE, (made, kept, broken))
    assert [end.value for end in case.promise_ends] == ["kept"]
    assert "promise.broken" not in [p.event for p in case.pending]


def test_a_planned_message_is_in_hand_until_it_left() -> None:
    message_id = "CASE000001:1:reminder-1:1"
    held = apply(CASE, planned(message_id, at="2026-03-09 08:00"))
    left = apply(held, facts.gone("reminder-1", at="2026-03-09 08:05"))
    assert held.in_hand is not None
    assert held.in_hand.message_id == message_id
    assert left.in_hand is None


def test_a_message_that_left_is_not_in_hand_again_by_an_old_plan() -> None:
    plan = planned("CASE000001:1:reminder-1:1", at="2026-03-09 08:00")
    left = facts.gone("reminder-1", at="2026-03-09 08:05")
    assert apply_all(CASE, (plan, left, plan)).in_hand is None
    assert apply_all(CASE, (left, plan)).in_hand is None


def test_another_message_that_leaves_keeps_the_one_in_hand() -> None:
    case = apply_all(CASE, (planned("M-1", at="2026-03-09 08:00"), facts.gone("x", at="2026-03-09 08:05")))
    assert case.in_hand is not None


def test_a_cancelled_message_frees_the_case_and_may_close_its_channel_for_the_step() -> None:
    plan = planned("M-1", at="2026-03-09 08:00")
    free = apply_all(CASE, (plan, cancelled("M-1", at="2026-03-09 08:05")))
    blocked = apply_all(CASE, (plan, cancelled("M-1", at="2026-03-09 08:05", blocks_channel=True)))
    assert (free.in_hand, free.blocked) == (None, ())
    assert [switch.key for switch in blocked.blocked] == ["1:reminder-1:email"]


def test_one_message_leaves_once_at_the_earliest_instant_known() -> None:
    late, early = (facts.gone("reminder-1", at=f"2026-03-09 08:0{minute}") for minute in (9, 5))
    for order in ((late, early), (early, late)):
        assert [d.at for d in apply_all(CASE, order).departures] == [early.at]


def test_receipts_are_a_set() -> None:
    one = facts.reported("M-1", DeliveryStatus.DELIVERED, at="2026-03-09 08:00")
    two = facts.reported("M-1", DeliveryStatus.BOUNCED, at="2026-03-09 09:00")
    assert apply_all(CASE, (one, two, one)).receipts == apply_all(CASE, (two, one)).receipts
    assert len(apply_all(CASE, (one, two, one)).receipts) == 2


def test_a_closed_task_keeps_what_it_was_about() -> None:
    task, answer = opened("call", "step:1", at="2026-03-09 08:00"), facts.closed("call:step:1", at="2026-03-10 08:00")
    for order in ((task, answer), (answer, task), (task, answer, answer), (task, answer, task)):
        case = apply_all(CASE, order)
        done = case.closed_task("call", "step:1")
        assert done is not None
        assert done.outcome == "done"
        assert case.tasks == ()


def test_a_call_passes_its_step_and_a_free_call_passes_none() -> None:
    call = ev.CallMade(id="c1", at=MORNING, step="ring", cycle=1, outcome="reached")
    assert [(p.step, p.why) for p in apply(CASE, call).passed] == [("ring", "call:reached")]
    assert apply(CASE, ev.CallMade(id="c2", at=MORNING)).passed == ()


def test_an_approval_of_another_sum_does_not_undo_the_first() -> None:
    case = apply_all(
        CASE,
        (
            facts.approved("formal", 2000, at="2026-03-09 08:00"),
            facts.approved("formal", 1500, at="2026-03-09 09:00"),
        ),
    )
    assert {given.amount_cents for given in case.approvals} == {2000, 1500}


def test_an_older_cycle_told_again_does_not_come_back() -> None:
    first = facts.entered(at="2026-03-01 08:00")
    second = facts.entered("F-2", at="2026-03-05 08:00", cycle=2)
    assert apply_all(CASE, (first, second, first)).cycle_number == 2


def test_a_closed_case_asks_for_nothing_more_and_may_come_back() -> None:
    payment = facts.paid(2000, on="2026-03-05")
    over = apply_all(CASE, (payment, ev.CaseClosed(id="x", at=MORNING, outcome="paid")))
    assert (over.state, over.outcome, over.pending) == (CaseState.CLOSED, "paid", ())
    assert apply(over, payment) == over
    back = apply(over, ev.CaseReopened(id="y", at=MORNING, why="balance"))
    assert (back.state, back.outcome) == (CaseState.OPEN, "")


def test_a_case_handed_over_says_to_which_stage() -> None:
    case = apply(CASE, ev.HandedOver(id="h", at=MORNING, stage="pre_litigation"))
    assert (case.state, case.outcome) == (CaseState.HANDED_OVER, "pre_litigation")


def test_a_step_is_passed_once_per_cycle() -> None:
    once = ev.StepPassed(id="p1", at=MORNING, step="notice", cycle=1, why="if")
    again = ev.StepPassed(id="p2", at=MORNING, step="notice", cycle=2, why="if")
    assert len(apply_all(CASE, (once, again, once)).passed) == 2


def test_a_departure_keeps_what_it_said() -> None:
    (departure,) = apply(CASE, facts.gone("reminder-1", at="2026-03-09 08:05", use=Use.REGISTERED)).departures
    assert (departure.channel, departure.use, departure.references) == (Channel.LETTER, Use.REGISTERED, ("F-1",))
