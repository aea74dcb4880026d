"""What the screens of the moment cost: `python -m tests.bench.live`. 100,000 cases, 400,000 messages, both databases.

40,000 messages are planned, 60,000 left in the last day, the counters hold a month. Each read is timed by the clock,
for that is what a person waits; the reference is one count of what is planned, which no such screen can do without.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from itertools import count

import msgspec
from msgspec.structs import replace
from sqlalchemy import insert, text

from channels.contract import Channel
from orchestrator.domain.campaign import DocumentKind, Purpose, Use
from orchestrator.domain.case import Cycle
from orchestrator.domain.condition import ALWAYS, Between, Condition, OneOf
from orchestrator.domain.decision import Send
from orchestrator.domain.interruption import Pause
from orchestrator.domain.voice import Voice
from orchestrator.flows.live_status import Live, live_status
from orchestrator.flows.pause_reach import pause_reach
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, persons
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.instants import to_micros
from orchestrator.storage.listening_tables import inbox
from orchestrator.storage.sending_tables import attempts, meters
from orchestrator.storage.tables import messages, tasks
from tests.bench.measure import share_of
from tests.bench.portfolios import NOW, databases, fresh_ledger, shipped
from tests.builders import a_case, a_debt, a_debtor

CASES, MESSAGES, PLANNED, OF_TODAY = 100_000, 400_000, 40_000, 60_000
CREDITORS = ("acme-telecom", "garage-riviere", "mutuelle-du-lac", "regie-des-eaux", "societe-des-pins")
LANES = (("sandbox-sms", "sms"), ("sandbox-email", "email"), ("sandbox-letter", "letter"))
_MINE = frozenset({CREDITORS[0]})
_CHUNK = 10_000
_ROUNDS = 15


def main() -> None:
    """Fills each database, then times every read on it."""
    _, strategy = shipped()
    with databases() as found:
        for name, database in found.items():
            fill(database, strategy)
            print(f"{name}, {CASES:,} cases and {MESSAGES:,} messages:")
            for what, read in reads(database, strategy):
                _say(what, read)


def reads(database: Database, strategy: Strategy) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is timed, by what it is."""

    def bare() -> object:
        with database.read() as conn:
            return conn.execute(text("SELECT count(*) FROM messages WHERE state = 'planned'")).scalar()

    def look(creditors: frozenset[str] | None = None, before: Live | None = None) -> Live:
        return live_status(database, strategy, now=NOW, real_now=NOW, creditors=creditors, before=before)

    def reach(scope: Condition, channels: tuple[str, ...] = ()) -> Callable[[], object]:
        pause = Pause(id="p", scope=scope, since=NOW, reason="bench", by="bench", channels=channels)
        return lambda: pause_reach(database, lambda: strategy, pause, now=NOW)

    before, theirs = look(), look(_MINE)
    yield "reference: one count of what is planned", bare
    yield "live_status, the first look", look
    yield "live_status, a look within 15 s of another", lambda: look(before=before)
    yield "live_status of one creditor, the first look", lambda: look(_MINE)
    yield "live_status of one creditor, a look within 15 s", lambda: look(_MINE, theirs)
    yield "pause_reach of everything", reach(ALWAYS)
    yield "pause_reach of one creditor of five", reach(OneOf("creditor", _MINE))
    yield "pause_reach of one campaign of eight", reach(OneOf("campaign", frozenset({strategy.campaigns[0].id})))
    yield "pause_reach of one channel", reach(ALWAYS, channels=("sms",))
    yield "pause_reach of one debtor", reach(OneOf("debtor_ref", frozenset({"R77"})))
    yield "pause_reach of a segment, within its time", reach(Between("balance", at_least=1_000))


def _say(what: str, read: Callable[[], object]) -> None:
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        read()
        taken.append(time.perf_counter() - began)
    print(f"  {what:<58} median {share_of(taken, 0.5) * 1e3:7.1f} ms, most {share_of(taken, 1.0) * 1e3:7.1f} ms")


# ---------------------------------------------------------------------------------------------- filling


def fill(database: Database, strategy: Strategy) -> None:
    """Five creditors' cases in the middle of three ladders, and a month of messages about them."""
    for start in range(0, CASES, _CHUNK):
        with database.begin() as conn:
            _cases(conn, strategy, start)
            conn.execute(insert(messages), [_message(n) for n in range(start * 4, (start + _CHUNK) * 4)])
    with database.begin() as conn:
        _of_today(conn)
        _counters(conn)
        _people(conn)
    for creditor in CREDITORS:
        fresh_ledger(database, creditor)
    with database.begin() as conn:
        conn.execute(text("ANALYZE"))
    if database.name == "postgresql":
        _vacuum(database)


def _vacuum(database: Database) -> None:
    """As the database does by itself some minutes later: then an index alone answers what it covers."""
    with database.read() as conn:
        bare = conn.connection.driver_connection
        assert bare is not None
        bare.rollback()
        bare.autocommit = True
        bare.execute("VACUUM ANALYZE")
        bare.autocommit = False


def _cases(conn: Connection, strategy: Strategy, start: int) -> None:
    base = a_case(a_debt("A", due="2026-02-02"), a_debt("B", due="2026-02-02"), a_debt("C", due="2026-02-01"))
    entries, points = [], {}
    for number in range(start, start + _CHUNK):
        campaign = strategy.campaigns[number % len(strategy.campaigns)]
        cycle = Cycle(
            number=1, campaign=campaign.id, release=campaign.release, policy="fr-own-b2c", entered_at=NOW, step_index=0,
            anchors=("A",), anchor_due_on=base.debts[0].due_on,
        )  # fmt: skip
        made = replace(
            base, id=f"K{number:010d}", creditor=CREDITORS[number % 5], cycle=cycle,
            debtor=replace(a_debtor(), ref=f"R{number}"),
        )  # fmt: skip
        points[made.id] = [f"{made.id:>032}"]
        entries.append((made, NOW + timedelta(minutes=number % 30_000)))
    owners = persons.link(conn, points)
    cases.insert(conn, [cases.Entry(made, due, owners[made.id]) for made, due in entries], now=NOW)


def _message(number: int) -> dict[str, object]:
    """One in ten is planned, the others left."""
    is_planned = number % (MESSAGES // PLANNED) == 0
    of_case, step = number // 4, f"s{number % 4}"
    lane, channel = LANES[number % 7 % 3]
    at = to_micros(NOW + timedelta(minutes=number % 3_000 - 300 if is_planned else -(number % 40_000)))
    return {
        "id": f"K{of_case:010d}-{number % 4}", "case_id": f"K{of_case:010d}", "cycle": 1, "step": step,
        "ordinal": 1, "campaign": f"campaign-{of_case % 3}", "creditor": CREDITORS[of_case % 5], "channel": channel,
        "use": channel, "lane": lane, "urgency": 2, "state": "planned" if is_planned else "accepted", "planned_at": at,
        "not_before": at, "expires_at": None, "left_at": None if is_planned else at, "updated_at": at,
        "content_hash": "", "reason": "", "cost_cents": 6, "amount_cents": 4200, "send": _sends(step, channel),
    }  # fmt: skip


@cache
def _sends(step: str, channel: str) -> str:
    send = Send(
        step=step, cycle=1, ordinal=1, channel=Channel(channel), use=Use(channel), voice=Voice.COURTEOUS,
        template="reminder", kind=DocumentKind.REMINDER, purpose=Purpose.DEMAND, not_before=NOW,
        references=("A", "B", "C"),
    )  # fmt: skip
    return msgspec.json.encode(send).decode()


def _of_today(conn: Connection) -> None:
    """Attempts of the last day: accepted, a few in doubt and a batch in flight."""
    rows = []
    for number in range(OF_TODAY):
        of_case, lane = number * CASES // OF_TODAY, LANES[number % 3]
        began = to_micros(NOW - timedelta(seconds=number * 1.4))
        state = "calling" if number < 100 else "in_doubt" if number < 250 else "accepted"
        rows.append({
            "id": f"{number:032x}", "message_id": f"K{of_case:010d}-1", "case_id": f"K{of_case:010d}", "number": 1,
            "state": state, "token": f"{number:022d}", "content_hash": "", "lane": lane[0], "channel": lane[1],
            "destination": "", "marker": "", "units": 1, "provider_id": f"P{number}", "callback_id": None, "epoch": 0,
            "started_at": began, "lease_until": began, "ended_at": began, "looked_up_at": None, "reason": "",
        })  # fmt: skip
    conn.execute(insert(attempts), rows)


def _counters(conn: Connection) -> None:
    """A month of minutes, ten hours a day, three campaigns by three lanes."""
    latest = to_micros(NOW) // 60_000_000
    rows = [
        {"slot": latest - day * 1440 - minute, "campaign": f"campaign-{pair % 3}", "lane": LANES[pair // 3][0],
         "metric": "left", "number": 7}
        for day in range(31) for minute in range(600) for pair in range(9)
    ]  # fmt: skip
    conn.execute(insert(meters), rows)


def _people(conn: Connection) -> None:
    numbers = count()
    open_ones = [
        {"id": f"t{number}", "case_id": f"K{number:010d}", "kind": "reply", "subject": "", "role": "agent",
         "state": "open", "due_at": to_micros(NOW + timedelta(minutes=number - 2_000)), "opened_at": to_micros(NOW),
         "closed_at": None, "closed_by": "", "outcome": "", "step": "", "cause": "", "amount_cents": 0}
        for number in (next(numbers) for _ in range(5_000))
    ]  # fmt: skip
    conn.execute(insert(tasks), open_ones)
    parked = [
        {"source": "twilio/status", "key": f"k{number}", "state": "parked", "received_at": to_micros(NOW),
         "processed_at": None, "retry_at": None, "tries": 1, "reason": "", "body": "{}"}
        for number in range(200)
    ]  # fmt: skip
    conn.execute(insert(inbox), parked)


if __name__ == "__main__":
    main()
