"""A case as a person looks at it: whole, true to what was sent, foreseen, and masked for who may only look."""

from datetime import date, timedelta

import msgspec
import pytest

from channels.contract import Channel, DeliveryStatus, Receipt
from orchestrator.domain import acts
from orchestrator.domain.agreement import HoldKind, PromiseState
from orchestrator.domain.campaign import Mode, Purpose
from orchestrator.domain.contact import PointKind
from orchestrator.domain.debt import Payment
from orchestrator.domain.decision import Ask, Close, Decision, Send, Wait
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import PaymentReceived
from orchestrator.flows.case_timeline import LineKind, timeline
from orchestrator.flows.case_view import CaseView, case_view
from orchestrator.flows.foresee_case import foresee_case
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.flows.remake_letter import remake_letter
from orchestrator.flows.seen_messages import open_message
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import journal, messages, tables
from tests.builders import a_book, a_campaign, a_case, a_context, a_debt, a_pack, a_step, frequency_rule, hours_rule
from tests.flows.conftest import TUESDAY, World, row
from tests.flows.test_act_on_case import do
from tests.flows.test_record_replies import a_text, hear

DAY = timedelta(days=1)
PHONE, MAIL = "+33644631234", "jeanne@example.org"


def view(world: World, **given: object) -> CaseView:
    asked = {"now": TUESDAY + DAY, "creditors": None, "sees_contacts": True, "sees_replies": True, **given}
    return case_view(world.database, world.strategy(), world.case().id, **asked)  # type: ignore[arg-type]  # as asked


def reminded(world: World, *rows: str) -> None:
    world.load(*(rows or (row(email=MAIL),)))
    world.advance()
    world.dispatch()


def test_the_account_tells_what_is_demandable_held_disputed_and_paid(world: World) -> None:
    world.load(row(), row("F-2", amount="10,00"))
    do(world, acts.OpenDispute(references=("F-1",), amount_cents=1200))
    world.record(_paid("F-2", 400), now=TUESDAY)
    seen = view(world)
    assert (seen.account.balance_cents, seen.demandable_cents) == (4800, 3600)
    assert (seen.held_cents, seen.disputed_cents, seen.paid_cents) == (1200, 1200, 400)
    first, second = sorted(seen.debts, key=lambda each: each.debt.reference)
    assert (first.open_cents, first.held_cents, first.disputed_cents, first.holds) == (4200, 1200, 1200, ("dispute",))
    assert (second.open_cents, second.paid_cents, second.demandable_cents) == (600, 400, 600)
    assert (first.is_due, first.days_late) == (True, 9)


def _paid(reference: str, cents: int) -> PaymentReceived:
    return PaymentReceived(id="p", at=TUESDAY, payment=Payment("P-1", cents, TUESDAY.date() + DAY, (reference,)))


def test_what_comes_next_is_what_then_leaves(world: World) -> None:
    reminded(world)
    seen = view(world)
    first = seen.foreseen[0]
    assert isinstance(first.decision.act, Send)
    assert [reason.rule for reason in first.waited] == ["STEP"]
    world.advance(first.at)
    world.dispatch(first.at)
    (left,) = [m for m in world.messages() if m.send.step == first.decision.act.step]
    assert (left.left_at, left.send.use) == (first.at, first.decision.act.use)


def test_the_plan_goes_to_the_end_of_the_ladder(world: World) -> None:
    world.load(row(email=MAIL))
    acts_to_come = [type(each.decision.act) for each in view(world, now=TUESDAY).foreseen]
    assert acts_to_come[0] is Send
    assert acts_to_come.count(Send) >= 2
    assert acts_to_come[-1] in (Wait, Ask, Close)
    instants = [each.at for each in view(world, now=TUESDAY).foreseen]
    assert instants == sorted(instants)


def test_a_case_that_is_held_says_until_when_nothing_comes(world: World) -> None:
    world.load(row())
    do(world, acts.Defer(until=date(2026, 3, 20)))
    demand = next(each for each in view(world).foreseen if _is_demand(each.decision))
    assert demand.at.date() == date(2026, 3, 21)
    assert "FR-HOLD-06" in [reason.rule for reason in demand.waited]


def _is_demand(decision: Decision) -> bool:
    return isinstance(decision.act, Send) and decision.act.purpose is Purpose.DEMAND


def test_a_hold_without_end_is_a_plan_that_waits_for_a_person(world: World) -> None:
    world.load(row())
    do(world, acts.PlaceHold(kind=HoldKind.INSOLVENCY))
    foreseen = view(world).foreseen
    assert not any(_is_demand(each.decision) for each in foreseen)
    assert isinstance(foreseen[-1].decision.act, Wait | Ask)


def test_foreseeing_stores_nothing(world: World) -> None:
    world.load(row())
    before = world.case()
    view(world)
    assert world.case() == before
    assert world.messages() == []


def test_promises_and_holds_tell_what_became_of_them(world: World) -> None:
    world.load(row())
    do(world, acts.MakePromise(on=date(2026, 3, 20)))
    do(world, acts.MakePromise(on=date(2026, 3, 25)), now=TUESDAY + timedelta(minutes=1))
    do(world, acts.PlaceHold(kind=HoldKind.VETO, reason="sales"))
    veto = next(each for each in view(world).holds if each.hold.kind is HoldKind.VETO)
    assert veto.is_running
    do(world, acts.LiftHold(hold_id=veto.hold.id, why="agreed"), now=TUESDAY + timedelta(minutes=2))
    seen = view(world)
    assert [each.state for each in seen.promises] == [PromiseState.OPEN, PromiseState.CANCELLED]
    assert seen.promises[0].followed_up_from == date(2026, 3, 29)
    (ended,) = [each for each in seen.holds if each.hold.kind is HoldKind.VETO]
    assert (ended.is_running, ended.why_ended) == (False, "agreed")


# ------------------------------------------------------------------------------------------------- as it was sent


def test_a_message_is_opened_as_it_was_sent_with_its_receipts_in_order(world: World) -> None:
    reminded(world, row())
    (attempt_id,) = [departure.attempt_id for departure in world.case().departures]
    for number, status in enumerate((DeliveryStatus.SENT, DeliveryStatus.DELIVERED)):
        receipt = Receipt(status=status, dedup_key=f"k{number}", attempt_id=attempt_id)
        at = TUESDAY + timedelta(minutes=number)
        record_receipts(world.database, [receipt], now=at, real_now=at)
    _, seen = open_message(world.database, world.messages()[0].id, creditors=None, sees_contacts=True)
    assert seen.words is not None
    (file,) = world.sent()
    assert seen.words.text in file.read_text(encoding="utf-8")
    assert seen.words.is_intact
    assert seen.words.segments is not None
    assert [receipt.status for receipt in seen.receipts] == [DeliveryStatus.SENT, DeliveryStatus.DELIVERED]
    assert [(each.destination, each.provider_id) for each in seen.tries] == [(PHONE, f"sandbox-{attempt_id}")]
    assert seen.decided is not None
    assert {reason.rule for reason in seen.decided.reasons} >= {"STEP", "CHANNEL"}
    (point,) = [p for person in view(world).people for p in person.points if p.kind is PointKind.PHONE]
    assert point.proof is not None
    assert point.proof.status is DeliveryStatus.DELIVERED


def test_words_that_were_changed_since_are_found_out(world: World) -> None:
    reminded(world, row())
    (message,) = world.messages()
    with world.database.begin() as conn:
        conn.execute(tables.contents.update().values(text="Payez, escroc"))
    _, seen = open_message(world.database, message.id, creditors=None, sees_contacts=True)
    assert seen.words is not None
    assert seen.words.is_intact is False


def test_an_email_has_both_its_parts(world: World) -> None:
    reminded(world, row(email=MAIL, phone=""))
    (message,) = world.messages()
    _, seen = open_message(world.database, message.id, creditors=None, sees_contacts=True)
    assert seen.words is not None
    assert seen.words.html.lstrip().startswith("<!")
    assert seen.words.subject
    assert seen.words.is_intact


def test_words_that_were_erased_are_said_to_be_gone(world: World) -> None:
    reminded(world, row())
    with world.database.begin() as conn:
        conn.execute(tables.contents.delete())
    _, seen = open_message(world.database, world.messages()[0].id, creditors=None, sees_contacts=True)
    assert seen.words is None


def _letter(world: World) -> messages.Message:
    reminded(world, row(phone=""))
    (message,) = world.messages()
    assert message.send.channel is Channel.LETTER
    return message


def _remade(
    world: World, message: messages.Message, kept: bytes | None = None, creditors: frozenset[str] | None = None
) -> tuple[bytes, bool]:
    place = world.deployment
    made = remake_letter(
        world.database, world.strategy(), place.letters, place.logo, lambda _: kept, message.id, creditors=creditors
    )
    return made.pdf, made.is_as_sent


def test_a_letter_is_laid_out_again_as_the_very_letter_that_left(world: World) -> None:
    message = _letter(world)
    (file,) = world.sent()
    assert _remade(world, message) == (file.read_bytes(), True)


def test_a_letter_to_an_address_of_before_is_said_to_be_made_again_unless_its_copy_is_kept(world: World) -> None:
    message = _letter(world)
    (file,) = world.sent()
    world.load(row(phone="").replace("1 rue du Lac", "9 quai Neuf"), now=TUESDAY + DAY)
    pdf, is_as_sent = _remade(world, message)
    assert pdf.startswith(b"%PDF")
    assert not is_as_sent
    assert _remade(world, message, file.read_bytes()) == (file.read_bytes(), True)
    assert not _remade(world, message, b"%PDF another")[1], "a copy with another hash proves nothing"


# -------------------------------------------------------------------------------------------------- the timeline


def test_waits_in_a_row_are_told_once_and_the_newest_line_comes_first(world: World) -> None:
    world.load(row())
    do(world, acts.AddMark(mark="good_payer"))
    for days in range(3):
        wait = Decision(Wait(TUESDAY + (days + 5) * DAY))
        with world.database.begin() as conn:
            journal.append(conn, [journal.Entry(world.case().id, TUESDAY + days * DAY, wait)], now=TUESDAY)
    told = view(world).told
    assert (told[0].kind, told[0].times) == (LineKind.DECISIONS, 3)
    assert (told[0].since, told[0].at) == (TUESDAY, TUESDAY + 2 * DAY)
    assert told[1].kind is LineKind.NOTES
    assert [each.at for each in told] == sorted((each.at for each in told), reverse=True)


def test_a_timeline_can_be_of_some_kinds_alone(world: World) -> None:
    reminded(world)
    do(world, acts.AddNote(text="rappelée"))
    with world.database.read() as conn:
        lines = journal.read(conn, world.case().id)
    kinds = {each.kind for each in timeline(lines, kinds=frozenset({LineKind.NOTES, LineKind.LEDGER}))}
    assert kinds == {LineKind.NOTES, LineKind.LEDGER}


# ------------------------------------------------------------------------------------------------ who may see what


def test_a_case_of_another_creditor_does_not_exist(world: World) -> None:
    reminded(world)
    others = frozenset({"another"})
    with pytest.raises(NotFound):
        view(world, creditors=others)
    with pytest.raises(NotFound):
        open_message(world.database, world.messages()[0].id, creditors=others, sees_contacts=True)
    with pytest.raises(NotFound):
        _remade(world, world.messages()[0], creditors=others)
    assert view(world, creditors=frozenset({"acme-telecom"})).case.id == world.case().id


def test_who_may_only_look_sees_no_number_no_address_and_no_link(world: World) -> None:
    reminded(world)
    do(world, acts.AddPoint(kind=PointKind.PHONE, value="06 44 63 12 99"))
    hear(world, a_text("je paie vendredi"))
    seen = view(world, sees_contacts=False, sees_replies=False)
    written = msgspec.json.encode(msgspec.structs.replace(seen, told=(), foreseen=())).decode()
    token = "/d/0000000000000000000001"
    for secret in (PHONE, "644631234", "44631299", MAIL, "rue du Lac", "75001", "vendredi", token):
        assert secret not in written, secret
    assert "PARIS" in written
    full = msgspec.json.encode(view(world)).decode()
    for plain in (PHONE, MAIL, "rue du Lac", "vendredi", token):
        assert plain in full, plain


def test_an_observed_case_says_so(world: World) -> None:
    world.load(row())
    world.advance(mode=Mode.OBSERVE)
    seen = case_view(
        world.database, world.strategy(Mode.OBSERVE), world.case().id, now=TUESDAY, creditors=None,
        sees_contacts=True, sees_replies=True,
    )  # fmt: skip
    assert seen.mode == "observe"


def test_what_is_foreseen_keeps_the_caps_that_its_own_messages_fill() -> None:
    case = a_case(a_debt(due="2026-03-02"))
    campaign = a_campaign(a_step("first", at="5d"), a_step("second", after="1d"))
    strategy = Strategy(
        campaigns=(campaign,), book=a_book(a_pack(hours_rule(), frequency_rule(gap_hours=240))), creditors={}, lanes=()
    )
    now = TUESDAY - timedelta(days=6)
    foreseen = foresee_case(case, strategy, a_context(ledger_as_of=now.date()), now)
    first, second = [each.at for each in foreseen if isinstance(each.decision.act, Send)][:2]
    assert second - first >= timedelta(hours=240)
