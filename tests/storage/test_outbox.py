"""The outbox: every new fact once for each endpoint that wants it, nothing of what was rolled back or of others."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import Hold, HoldKind, Promise
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Cycle
from orchestrator.domain.condition import ALWAYS, Condition, Either, Every, Is, Not, OneOf, StartsWith
from orchestrator.domain.debt import Payment
from orchestrator.domain.interruption import Pause
from orchestrator.domain.voice import Voice
from orchestrator.storage import deliveries, endpoints, journal, outbox, pauses
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.deliveries import Delivery
from orchestrator.storage.endpoints import Endpoint
from orchestrator.storage.journal import Entry
from orchestrator.storage.outbox_bodies import TYPES, name_of
from tests.storage.portfolio import HOUR, NOW, a_case, a_message, insert, plan

A_HOLD = Hold(id="h1", kind=HoldKind.DISPUTE, since=NOW, references=("F-1",), amount_cents=1_250, reason="price")
A_CYCLE = Cycle(
    number=1, campaign="b2c-small", release="r", policy="p", entered_at=NOW, step_index=0, anchors=(),
    anchor_due_on=date(2026, 3, 1),
)  # fmt: skip
A_PROMISE = Promise(
    id="p1", amount_cents=1_234, due_on=date(2026, 4, 1), grace_days=2, made_at=NOW, references=("F-1",)
)


def a_departure(event_id: str = "left:a1", **changes: Any) -> ev.MessageLeft:
    fields: dict[str, Any] = {
        "message_id": "m1", "step": "reminder-1", "cycle": 1, "ordinal": 1, "channel": Channel.EMAIL,
        "use": Use.EMAIL, "voice": Voice.COURTEOUS, "template": "reminder", "kind": DocumentKind.REMINDER,
        "purpose": Purpose.DEMAND, "references": ("F-1",), "amount_cents": 4_200,
    }  # fmt: skip
    return ev.MessageLeft(id=event_id, at=NOW, **{**fields, **changes})


def a_receipt(status: DeliveryStatus, event_id: str = "") -> ev.DeliveryReported:
    name = event_id or f"receipt:{status}"
    return ev.DeliveryReported(id=name, at=NOW, message_id="m1", channel=Channel.EMAIL, status=status)


def a_payment(event_id: str = "pay") -> ev.PaymentReceived:
    return ev.PaymentReceived(id=event_id, at=NOW, payment=Payment("P-1", 4_200, date(2026, 3, 6), ("F-1",)))


def an_endpoint(name: str = "ep-1", **changes: Any) -> Endpoint:
    return Endpoint(id=name, url="https://hooks.example/relance", created_at=NOW, **changes)


def listen(database: Database, *items: Endpoint) -> None:
    with database.begin() as conn:
        for item in items:
            endpoints.insert(conn, item)


def put(database: Database, *case_ids: str, creditor: str = "acme", **changes: Any) -> None:
    with database.begin() as conn:
        insert(conn, *(a_case(case_id, creditor=creditor, **changes) for case_id in case_ids))


def append(conn: Connection, facts: Iterable[ev.Event], case_id: str = "c1") -> list[Entry]:
    return journal.append(conn, [Entry(case_id, fact.at, fact) for fact in facts], now=NOW)


def record(database: Database, *facts: ev.Event, case_id: str = "c1") -> None:
    with database.begin() as conn:
        append(conn, facts, case_id)


def told(database: Database, endpoint_id: str = "ep-1") -> list[Delivery]:
    """In the order in which they happened."""
    with database.read() as conn:
        return deliveries.latest(conn, endpoint_id, limit=100_000)[::-1]


def bodies(database: Database, endpoint_id: str = "ep-1") -> list[Any]:
    return [json.loads(each.body) for each in told(database, endpoint_id)]


def names(database: Database, endpoint_id: str = "ep-1") -> list[str]:
    return [each.event_type for each in told(database, endpoint_id)]


# ------------------------------------------------------------------------------------------ which, and what


@pytest.mark.parametrize(
    "fact, name, data",
    [
        (a_departure(), "message.sent", {"message_id": "m1", "purpose": "demand", "references": ["F-1"],
         "demanded": {"amount": "42.00", "currency": "EUR"}}),
        (ev.DoubtSettled(id="s", at=NOW, message_id="m1", attempt_id="a", was_sent=True), "message.sent", {}),
        (a_receipt(DeliveryStatus.DELIVERED), "message.delivered", {"message_id": "m1", "status": "delivered"}),
        (a_receipt(DeliveryStatus.UNCLAIMED), "message.delivered", {"message_id": "m1", "status": "unclaimed"}),
        (a_receipt(DeliveryStatus.BOUNCED), "message.failed", {"message_id": "m1", "status": "bounced"}),
        (ev.MessageCancelled(id="refused:a1", at=NOW, message_id="m1", why="address: 21211"), "message.failed",
         {"message_id": "m1", "status": "refused", "reason": "address: 21211"}),
        (ev.ReplyReceived(id="r", at=NOW, channel="sms", reading="promise stop", reply_id="rep-1"), "reply.received",
         {"reply_id": "rep-1", "channel": "sms", "reading": ["promise", "stop"]}),
        (ev.PromiseMade(id="e", at=NOW, promise=A_PROMISE), "promise.made", {"promise_id": "p1",
         "promised": {"amount": "12.34", "currency": "EUR"}, "due_on": "2026-04-01", "references": ["F-1"]}),
        (ev.PromiseKept(id="e", at=NOW, promise_id="p1"), "promise.kept", {"promise_id": "p1"}),
        (ev.PromiseBroken(id="e", at=NOW, promise_id="p1"), "promise.broken", {"promise_id": "p1"}),
        (ev.DisputeOpened(id="e", at=NOW, hold=A_HOLD, reason="je ne dois rien"), "dispute.opened",
         {"dispute_id": "h1", "references": ["F-1"], "disputed": {"amount": "12.50", "currency": "EUR"},
          "reason": "price"}),
        (ev.DisputeResolved(id="e", at=NOW, hold_id="h1", outcome="rejected"), "dispute.resolved",
         {"dispute_id": "h1", "outcome": "rejected"}),
        (a_payment(), "payment.matched", {"payment_id": "P-1", "paid": {"amount": "42.00", "currency": "EUR"},
         "received_on": "2026-03-06", "references": ["F-1"]}),
        (ev.CaseClosed(id="e", at=NOW, outcome="paid", references=("F-1",)), "case.closed",
         {"outcome": "paid", "references": ["F-1"]}),
        (ev.HandedOver(id="e", at=NOW, stage="counsel", references=("F-1",)), "case.handed_over",
         {"stage": "counsel", "references": ["F-1"]}),
    ],
)  # fmt: skip
def test_what_each_fact_tells(database: Database, fact: ev.Event, name: str, data: dict[str, object]) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    record(database, fact)
    (body,) = bodies(database)
    assert (body["type"], body["timestamp"]) == (name, "2026-03-07T09:00:00.123456Z")
    account = {"case_id": "c1", "creditor": "acme", "debtor_ref": "ref-c1"}
    assert body["data"].items() >= {**account, **data}.items()
    assert "Jeanne" not in json.dumps(body), "no name, no text"
    assert "je ne dois rien" not in json.dumps(body)


@pytest.mark.parametrize(
    "fact",
    [
        a_departure(is_observed=True),
        a_departure(is_in_doubt=True),
        ev.DoubtSettled(id="s", at=NOW, message_id="m1", attempt_id="a", was_sent=False),
        a_receipt(DeliveryStatus.QUEUED),
        a_receipt(DeliveryStatus.UNKNOWN),
        ev.MessageCancelled(id="paid:m1", at=NOW, message_id="m1", why="paid"),
        ev.Marked(id="m", at=NOW, mark="good_payer"),
    ],
)
def test_what_is_not_for_outside_is_told_to_nobody(database: Database, fact: ev.Event) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    record(database, fact)
    assert told(database) == []


def test_a_message_is_told_with_its_campaign_step_and_channel(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    plan(database, a_message())
    record(database, a_departure(), a_receipt(DeliveryStatus.DELIVERED))
    for body in bodies(database):
        assert body["data"]["campaign"] == "b2c-small"
        assert (body["data"]["step"], body["data"]["channel"]) == ("reminder-1", "email")


# --------------------------------------------------------------------------------------------- exactly once


def test_a_fact_told_again_adds_nothing(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    record(database, a_payment())
    record(database, a_payment(), a_payment("other"), a_payment("other"))
    assert names(database) == ["payment.matched"] * 2
    assert len({each.id for each in told(database)}) == 2


def test_a_fact_that_the_journal_knows_is_not_told_again_once_its_delivery_is_forgotten(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    record(database, a_payment())
    with database.begin() as conn:
        assert deliveries.forget(conn, before=NOW + HOUR, limit=9) == 1
    record(database, a_payment())
    assert told(database) == []


def test_a_fact_has_one_id_whenever_it_is_kept(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    with database.begin() as conn:
        for now in (NOW, NOW + HOUR):
            outbox.tell(conn, [("c1", a_payment())], now=now)
    assert names(database) == ["payment.matched"]


def test_what_is_rolled_back_is_told_to_nobody(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    with suppress(ZeroDivisionError), database.begin() as conn:
        append(conn, [a_payment()])
        raise ZeroDivisionError
    assert told(database) == []
    record(database, a_payment())
    assert names(database) == ["payment.matched"]


def test_the_same_fact_of_two_cases_is_two(database: Database) -> None:
    put(database, "c1", "c2")
    listen(database, an_endpoint())
    record(database, a_payment())
    record(database, a_payment(), case_id="c2")
    assert [body["data"]["case_id"] for body in bodies(database)] == ["c1", "c2"]


def test_ten_thousand_facts_reach_two_endpoints_once_each_in_their_order(database: Database) -> None:
    """In batches, some of them told twice."""
    ids = [f"c{number}" for number in range(100)]
    put(database, *ids)
    listen(database, an_endpoint("ep-1"), an_endpoint("ep-2"))
    entries = [Entry(ids[n % 100], NOW, a_payment(f"pay-{n}")) for n in range(10_000)]
    for start in range(0, 10_000, 250):
        with database.begin() as conn:
            journal.append(conn, entries[max(start - 50, 0) : start + 250], now=NOW)
    for endpoint_id in ("ep-1", "ep-2"):
        found = told(database, endpoint_id)
        assert len(found) == 10_000
        assert [json.loads(each.body)["data"]["case_id"] for each in found] == [ids[n % 100] for n in range(10_000)]
    assert len({each.id for name in ("ep-1", "ep-2") for each in told(database, name)}) == 20_000


def test_without_endpoints_a_batch_costs_one_query_more_and_none_where_nothing_is_told(database: Database) -> None:
    put(database, "c1")
    asked: list[str] = []
    with database.begin() as conn:
        event.listen(conn.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        append(conn, [ev.Marked(id=f"m{n}", at=NOW, mark="x") for n in range(50)])
        without = len(asked)
        append(conn, [a_payment(f"pay-{n}") for n in range(50)])
    assert without == 1
    assert len(asked) - without == 2
    assert told(database) == []


# ----------------------------------------------------------------------------------------------- who hears


def test_an_endpoint_hears_of_its_creditor_only(database: Database) -> None:
    put(database, "c1")
    put(database, "c2", creditor="other")
    listen(database, an_endpoint("all"), an_endpoint("bound", creditor="other"))
    record(database, a_payment())
    record(database, a_payment(), case_id="c2")
    assert len(told(database, "all")) == 2
    (body,) = bodies(database, "bound")
    assert body["data"]["creditor"] == "other"


def test_an_endpoint_hears_of_the_kinds_it_asked_for(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint(events=("case.closed",)))
    record(database, a_payment(), ev.CaseClosed(id="e", at=NOW, outcome="paid"))
    with database.begin() as conn:
        pauses.insert(conn, a_pause())
    assert names(database) == ["case.closed"]


def test_a_disabled_endpoint_hears_nothing(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint(disabled_at=NOW))
    record(database, a_payment())
    assert told(database) == []


# ---------------------------------------------------------------------------------------------------- pauses


def a_pause(scope: Condition = ALWAYS, **changes: Any) -> Pause:
    fields: dict[str, Any] = {"id": "p-1", "since": NOW, "reason": "a flood", "by": "ann"}
    return Pause(scope=scope, **{**fields, **changes})


def test_a_pause_is_told_when_it_begins_and_once_when_it_ends(database: Database) -> None:
    listen(database, an_endpoint())
    pause = a_pause(OneOf("campaign", frozenset({"b2c-small"})), channels=("sms",))
    with database.begin() as conn:
        pauses.insert(conn, pause)
        pauses.save(conn, replace(pause, epoch=3))
        for woken_at in (None, NOW + HOUR):
            pauses.save(conn, replace(pause, resumed_at=NOW + HOUR, woken_at=woken_at))
    begun, ended = bodies(database)
    assert (begun["type"], ended["type"]) == ("pause.started", "pause.ended")
    assert begun["data"] == {
        "pause_id": "p-1", "since": "2026-03-07T09:00:00.123456Z", "until": None, "resumed_at": None,
        "channels": ["sms"], "scope": {"campaign": ["b2c-small"]}, "lanes": [], "reason": "a flood",
    }  # fmt: skip
    assert ended["timestamp"] == ended["data"]["resumed_at"] == "2026-03-07T10:00:00.123456Z"


def test_a_pause_that_is_rolled_back_is_told_to_nobody(database: Database) -> None:
    listen(database, an_endpoint())
    with suppress(ZeroDivisionError), database.begin() as conn:
        pauses.insert(conn, a_pause())
        raise ZeroDivisionError
    assert told(database) == []


ACME = OneOf("creditor", frozenset({"acme"}))
BOTH = OneOf("creditor", frozenset({"acme", "other"}))
OF_C1 = OneOf("debtor_ref", frozenset({"ref-c1"}))
PARIS = StartsWith("postcode", ("75",))


@pytest.mark.parametrize(
    "scope, acme, other",
    [
        (ALWAYS, True, True),
        (Is("all", value=True), True, True),
        (ACME, True, False),
        (BOTH, True, True),
        (Not(ACME), False, True),
        (OF_C1, True, False),
        (OneOf("debtor_ref", frozenset({"nobody"})), False, False),
        (OneOf("campaign", frozenset({"b2c-small"})), True, False),
        (PARIS, True, True),
        (Every((ACME, PARIS)), True, False),
        (Every((OF_C1, PARIS)), True, False),
        (Either((ACME, OF_C1)), True, False),
        (Every((Not(OF_C1), PARIS)), False, True),
        (Not(Either((BOTH, PARIS))), False, False),
    ],
)
def test_of_pauses_only_those_are_heard_that_may_concern_the_creditor(
    database: Database, scope: Condition, acme: bool, other: bool
) -> None:
    put(database, "c1", cycle=A_CYCLE)
    put(database, "c2", creditor="other")
    listen(database, an_endpoint("ep-acme", creditor="acme"), an_endpoint("ep-other", creditor="other"))
    with database.begin() as conn:
        pauses.insert(conn, a_pause(scope))
    heard = (len(told(database, "ep-acme")), len(told(database, "ep-other")))
    assert heard == (int(acme), int(other))


def test_a_bound_endpoint_reads_of_no_other_creditor(database: Database) -> None:
    """The scope, the reason and the lanes of a pause may name others."""
    listen(database, an_endpoint(creditor="acme"))
    with database.begin() as conn:
        pauses.insert(conn, a_pause(BOTH, id="p-1", reason="other asked for it", lanes=("other-sms",)))
        pauses.insert(conn, a_pause(ACME, id="p-2"))
    of_both, of_acme = bodies(database)
    assert "other" not in json.dumps(of_both)
    assert of_acme["data"]["scope"] == {"creditor": ["acme"]}
    assert of_acme["data"]["reason"] == "a flood"


def test_every_kind_that_may_be_asked_for_is_told_somewhere() -> None:
    """The list of names and the table of facts are two places; this holds them together."""
    facts = [
        a_departure(), a_receipt(DeliveryStatus.DELIVERED), a_receipt(DeliveryStatus.LOST),
        ev.ReplyReceived(id="r", at=NOW, channel="sms"), ev.PromiseMade(id="e", at=NOW, promise=A_PROMISE),
        ev.PromiseKept(id="e", at=NOW, promise_id="p"), ev.PromiseBroken(id="e", at=NOW, promise_id="p"),
        ev.DisputeOpened(id="e", at=NOW, hold=A_HOLD), ev.DisputeResolved(id="e", at=NOW, hold_id="h", outcome="x"),
        a_payment(), ev.CaseClosed(id="e", at=NOW, outcome="paid"), ev.HandedOver(id="e", at=NOW, stage="x"),
    ]  # fmt: skip
    said = [name_of(fact) for fact in facts]
    assert (*said, "pause.started", "pause.ended") == TYPES


def test_deliveries_of_thirty_days_ago_are_forgotten_from_the_oldest(database: Database) -> None:
    put(database, "c1")
    listen(database, an_endpoint())
    record(database, *(a_payment(f"pay-{n}") for n in range(5)))
    late = NOW + timedelta(days=1)
    with database.begin() as conn:
        journal.append(conn, [Entry("c1", late, replace(a_payment("late"), at=late))], now=late)
        assert deliveries.is_any_before(conn, late)
        assert deliveries.forget(conn, before=late, limit=3) == 3
        assert deliveries.forget(conn, before=late, limit=9) == 2
        assert not deliveries.is_any_before(conn, late)
    assert [each.happened_at for each in told(database)] == [late]
