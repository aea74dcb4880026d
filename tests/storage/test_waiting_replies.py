"""The line of replies that wait: its order by index however long it is, its leases, and older databases."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.domain.reply_order import Risk, place_in_line, risk_of
from orchestrator.storage import migrations, replies, waiting_replies
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.waiting_replies import Waiting
from tests.storage.query_plan import plan_lines

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MANY = 5_000


def a_reading(*intents: Intent, is_danger: bool = False) -> Reading:
    return Reading(findings=tuple(Finding(intent=i, confidence=90, evidence="x", is_danger=is_danger) for i in intents))


def a_reply(number: int, *, intent: Intent = Intent.OTHER, case_id: str = "c1") -> replies.Reply:
    return replies.Reply(
        id=f"r{number:05}", case_id=case_id, channel="sms", sender="+33644631234", recipient="38600", text="bonjour",
        reading=a_reading(intent), received_at=NOW + timedelta(minutes=number), recorded_at=NOW,
    )  # fmt: skip


def put(conn: Connection, *items: replies.Reply, creditor: str = "acme") -> None:
    replies.insert(conn, items)
    line = [
        Waiting(
            reply_id=item.id,
            creditor=creditor,
            place=place_in_line(risk_of(item.reading, ()), item.received_at, 4200, item.id),
        )
        for item in items
    ]
    waiting_replies.add(conn, line)


@pytest.mark.parametrize(
    "reading, marks, risk",
    [
        (a_reading(Intent.OTHER), set(), Risk.ORDINARY),
        (a_reading(Intent.DISPUTE, Intent.OTHER), set(), Risk.DISPUTE),
        (a_reading(Intent.OTHER), {"vulnerable"}, Risk.VULNERABLE),
        (a_reading(Intent.DISPUTE), {"hardship"}, Risk.VULNERABLE),
        (a_reading(Intent.OTHER), {"good_payer"}, Risk.ORDINARY),
        (a_reading(Intent.DECEASED), {"vulnerable"}, Risk.DANGER),
        (a_reading(Intent.DISTRESS), set(), Risk.DANGER),
        (a_reading(Intent.CANNOT_PAY, is_danger=True), set(), Risk.DANGER),
    ],
)
def test_the_gravest_of_what_is_read_and_known_counts(reading: Reading, marks: set[str], risk: Risk) -> None:
    assert risk_of(reading, marks) is risk


def test_a_place_is_by_risk_then_day_then_the_larger_sum() -> None:
    day = timedelta(days=1)
    places = [
        place_in_line(Risk.DANGER, NOW + day, 0, "z"),
        place_in_line(Risk.VULNERABLE, NOW + day, 0, "a"),
        place_in_line(Risk.ORDINARY, NOW, 10**20, "a"),
        place_in_line(Risk.ORDINARY, NOW + timedelta(hours=1), 10_000, "a"),
        place_in_line(Risk.ORDINARY, NOW, 9_999, "a"),
        place_in_line(Risk.ORDINARY, NOW, -5, "a"),
        place_in_line(Risk.ORDINARY, NOW + day, 10**9, "a"),
    ]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_a_page_of_a_long_line_reads_the_index_and_no_more(database: Database) -> None:
    with database.begin() as conn:
        put(conn, *(a_reply(number) for number in range(MANY)), creditor="acme")
        put(conn, *(a_reply(number, intent=Intent.DISPUTE) for number in range(MANY, MANY + 3)), creditor="other")
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("ANALYZE waiting_replies")
        plan = "\n".join(plan_lines(conn, lambda: waiting_replies.line_up(conn, creditors=None, limit=50)))
        assert "ix_waiting_replies_place" in plan, plan
        first = waiting_replies.line_up(conn, creditors=None, limit=50)
        assert [each.reply_id for each in first[:4]] == ["r05000", "r05001", "r05002", "r00000"]
        after = waiting_replies.line_up(conn, creditors=None, limit=50, after=first[-1].place)
        assert after[0].place > first[-1].place
        assert not {each.reply_id for each in first} & {each.reply_id for each in after}
        theirs = waiting_replies.line_up(conn, creditors=frozenset({"other"}), limit=50)
        assert len(theirs) == waiting_replies.count(conn, creditors=frozenset({"other"})) == 3
        assert waiting_replies.count(conn, creditors=None) == MANY + 3
        assert waiting_replies.line_up(conn, creditors=frozenset(), limit=50) == []


def test_who_turns_out_to_be_fragile_moves_up_and_never_down(database: Database) -> None:
    with database.begin() as conn:
        put(conn, a_reply(1), a_reply(2, intent=Intent.DISTRESS), a_reply(3, case_id="c2"))
        waiting_replies.move_up(conn, "c1", risk=Risk.VULNERABLE)
        places = {w.reply_id: w.place[0] for w in waiting_replies.line_up(conn, creditors=None, limit=9)}
    assert places == {"r00001": "1", "r00002": "0", "r00003": "3"}


def test_a_lease_is_taken_renewed_released_and_ends(database: Database) -> None:
    soon, later = NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)
    with database.begin() as conn:
        put(conn, a_reply(1))
        mine = waiting_replies.take(conn, "r00001", by="ann", now=NOW, until=soon)
        assert mine is not None
        assert mine.holder(NOW) == "ann"
        assert mine.holder(soon) == ""
        theirs = waiting_replies.take(conn, "r00001", by="bob", now=NOW, until=soon)
        assert theirs is not None
        assert theirs.taken_by == "ann"
        assert waiting_replies.line_up(conn, creditors=None, limit=9, only_free_at=NOW) == []
        assert waiting_replies.release(conn, "r00001", by="bob") is False
        taken = waiting_replies.take(conn, "r00001", by="bob", now=soon, until=later)
        assert taken is not None
        assert (taken.taken_by, taken.taken_at) == ("bob", soon)
        assert waiting_replies.release(conn, "r00001", by="bob") is True
        assert len(waiting_replies.line_up(conn, creditors=None, limit=9, only_free_at=soon)) == 1
        replies.close(conn, ["r00001"])
        assert waiting_replies.take(conn, "r00001", by="ann", now=NOW, until=soon) is None


def test_what_waited_before_there_was_a_line_is_lined_up(database_url: str) -> None:
    older = Database(database_url)
    migrations.upgrade(older)
    with older.begin() as conn:
        replies.insert(conn, [a_reply(1), a_reply(2, intent=Intent.DISTRESS), a_reply(3)])
        replies.close(conn, ["r00003"])
    with older.begin() as conn:
        again = _upgrade_of_0013(conn)
        assert [each.reply_id for each in again] == ["r00002", "r00001"]
        assert [each.place[0] for each in again] == ["0", "3"]
    older.close()


def _upgrade_of_0013(conn: Connection) -> list[Waiting]:
    """The migration once more, on the replies of now."""
    conn.exec_driver_sql("DROP TABLE waiting_replies")
    module = import_module("orchestrator.storage.migrations.versions.0013_waiting_replies")
    with Operations.context(MigrationContext.configure(conn)):
        module.upgrade()
    return waiting_replies.line_up(conn, creditors=None, limit=9)
