"""One rehearsal of half the sample, which many tests look at and none changes."""

from collections.abc import Iterator

import pytest

from tests.simulator.runs import Played, play


@pytest.fixture(scope="session")
def sixty_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Every second debtor of the sample over sixty days, seed 1. To look at only."""
    played = play(tmp_path_factory.mktemp("sixty_days"), wanted=lambda ref: int(ref[-2:]) % 4 in (1, 2))
    yield played
    played.database.close()
