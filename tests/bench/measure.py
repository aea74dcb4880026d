"""How a figure is taken: best of several rounds, wall and CPU, and its ratio to a bare reference of the same run."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec


class Spent(msgspec.Struct):
    """Seconds of one measurement."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def spent() -> Iterator[Spent]:
    """Wall and CPU seconds of this process within the block."""
    taken = Spent()
    wall, cpu = time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.cpu = time.perf_counter() - wall, time.process_time() - cpu


def best(rounds: int, work: Callable[[], object]) -> Spent:
    """The round that took the least CPU: on a shared machine the others measured the neighbours."""
    taken = []
    for _ in range(rounds):
        with spent() as one:
            work()
        taken.append(one)
    return min(taken, key=lambda one: one.cpu)


def share_of(values: Iterable[float], share: float) -> float:
    """The smallest of the values that so large a share of them does not exceed: 0.5 the median, 1.0 the largest."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def say(
    what: str,
    count: int,
    taken: Spent,
    reference: Spent,
    reference_name: str,
    *,
    unit: str = "cases",
    reference_count: int | None = None,
) -> None:
    """One line: the rate by CPU and by wall clock; the ratio per item to the reference, of `count` items by default."""
    each, bare = taken.cpu / count, max(reference.cpu, 1e-9) / (reference_count or count)
    print(
        f"  {what}: {count / taken.cpu:,.0f} {unit}/s by CPU, {count / taken.wall:,.0f} by the clock; "
        f"{each * 1e6:,.0f} us CPU each; {each / bare:,.1f} x {reference_name} ({bare * 1e6:,.1f} us)"
    )
