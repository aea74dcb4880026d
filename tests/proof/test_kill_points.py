"""A sender that dies at any point costs time: no message leaves twice, none is lost, and all are known (R18)."""

import pytest

from orchestrator.storage.messages import MessageState
from tests.proof.conftest import SMALL
from tests.proof.history import faults_at_any_time
from tests.proof.kill_points import POINTS
from tests.proof.trial import Trial


@pytest.mark.parametrize("point", POINTS)
def test_a_sender_that_dies_there_costs_only_time(trial: Trial, point: str) -> None:
    assert trial.send(kill_at=point, kill_on=_deadly(point)) is None
    crashed = trial.history()
    assert faults_at_any_time(crashed) == []
    assert (MessageState.CALLING in crashed.states()) is (point in _LEAVES_CALLING)
    trial.mend()
    trial.assert_all_left_once()
    assert len(trial.stub.taken) == SMALL


_LEAVES_CALLING = set(POINTS) - {"before the gate commits", "after the answers are committed"}


def _deadly(point: str) -> int:
    """In the midst of the calls, where there are several; else the first time."""
    return SMALL // 2 if "call" in point else 1
