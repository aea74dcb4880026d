"""Turns of one lane's senders: one after the other, other lanes beside, and nobody waits for one that was halted."""

import threading
import time

import pytest
from sqlalchemy import text

from orchestrator.storage import turns
from orchestrator.storage.database import Database
from orchestrator.storage.turns import turn


def _enters(database: Database, lane: str) -> tuple[threading.Thread, threading.Event]:
    """Another sender that takes its turn."""
    entered = threading.Event()

    def take() -> None:
        with turn(database, lane):
            entered.set()

    thread = threading.Thread(target=take)
    thread.start()
    return thread, entered


def test_a_sender_waits_for_another_of_its_lane(postgres: Database) -> None:
    with turn(postgres, "sms"):
        thread, entered = _enters(postgres, "sms")
        assert not entered.wait(0.1)
    assert entered.wait(5)
    thread.join()


def test_another_lane_does_not_wait(postgres: Database) -> None:
    with turn(postgres, "sms"):
        thread, entered = _enters(postgres, "email")
        assert entered.wait(5)
        thread.join()


def test_a_sender_that_is_halted_halts_no_other(postgres: Database) -> None:
    began = time.monotonic()
    with turn(postgres, "sms"):
        thread, entered = _enters(postgres, "sms")
        assert entered.wait(8)
        assert time.monotonic() - began > 0.9
        thread.join()


@pytest.mark.parametrize("error", [ValueError])
def test_a_turn_ends_with_whatever_was_raised_in_it(database: Database, error: type[Exception]) -> None:
    with pytest.raises(error), turn(database, "sms"):
        raise error
    thread, entered = _enters(database, "sms")
    assert entered.wait(5)
    thread.join()


def test_a_turn_whose_connection_is_cut_loses_nothing_of_what_was_done_in_it(postgres: Database) -> None:
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    done = False
    with turn(postgres, "sms"):
        with postgres.begin() as conn:
            assert conn.execute(cut, {"kind": turns._KIND}).all() == [(True,)]
        done = True
    assert done
    with turn(postgres, "sms"):
        pass


def test_a_connection_that_died_in_the_pool_gives_no_turn_and_no_error(postgres: Database) -> None:
    """PostgreSQL was restarted since: what is done in the turn meets the fault by itself, or none."""
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :name"
    )
    with turn(postgres, "sms"):
        pass
    other = Database(postgres._url.render_as_string(hide_password=False))
    with other.begin() as conn:
        name = conn.execute(text("SELECT current_database()")).scalar_one()
        conn.execute(cut, {"name": name})
    other.close()
    with turn(postgres, "sms"):
        pass
