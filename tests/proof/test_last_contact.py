"""Two campaigns race for the last contact that a person's cap allows: one gate opens, the other sees it (D1)."""

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from orchestrator.flows.gate import open_gate
from orchestrator.flows.prepare_sends import prepare_sends
from orchestrator.storage import attempts, persons
from orchestrator.storage.database import Connection
from orchestrator.storage.messages import MessageState
from orchestrator.storage.tables import persons as persons_table
from tests.proof.one_person import plan_pairs
from tests.proof.trial import Trial

PAIRS = 6


def test_one_of_two_campaigns_gets_the_last_contact(bare_trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _race(bare_trial, monkeypatch) == [1] * PAIRS
    held = [m for m in bare_trial.history().messages.values() if m.state is MessageState.HELD]
    assert len(held) == PAIRS
    assert all(message.reason for message in held)


def test_a_gate_that_counts_without_locking_the_person_is_found(
    postgres_bare_trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons, "lock", _look_only)
    assert 2 in _race(postgres_bare_trial, monkeypatch)


def _look_only(conn: Connection, person_ids: Iterable[str]) -> set[str]:
    return set(conn.execute(select(persons_table.c.id)).scalars()) & set(person_ids)


def _race(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many of the two messages of each person the gates let through."""
    insert = attempts.insert

    def late(conn: Connection, items: list[attempts.Attempt]) -> None:
        insert(conn, items)
        time.sleep(0.06)  # the other gate is told to judge meanwhile

    monkeypatch.setattr(attempts, "insert", late)
    lane = trial.way.lane()
    strategy = trial.scene.on(lane)
    pairs = plan_pairs(trial.database, strategy, PAIRS)
    post = trial.scene.post(lane, trial.way.adapter())
    ready = prepare_sends(trial.database, strategy, post, lane, now=trial.now(), limit=2 * PAIRS)
    by_case = {item.message.case_id: item for item in ready}
    together = threading.Barrier(2)

    def gate(case_id: str) -> int:
        together.wait(10)
        now = datetime.now(UTC)
        at = now + trial.shift
        return len(open_gate(trial.database, strategy, lane, [by_case[case_id]], now=at, real_now=now))

    with ThreadPoolExecutor(2) as threads:
        return [sum(threads.map(gate, pair)) for pair in pairs]
