"""Memory of a sender over many messages: `python -m tests.bench.memory [--messages 200000] [--on PostgreSQL]`.

One worker's engine decides, words, gates and records; its adapter accepts everything and writes nothing. New cases come
in rounds. What the process holds must not grow with what it has sent; the reference is what it held after the first
20,000, when everything is loaded and every cache is warm.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from msgspec.structs import replace

from channels.contract import Accepted, Adapter, CannotTell, Evidence, Inquiry, Message, Outcome
from orchestrator.bootstrap import Deployment
from orchestrator.settings import read_settings
from orchestrator.storage.database import Database
from orchestrator.worker.collector import calm_collector
from tests.bench import sending
from tests.bench.engines import FullLoad, surroundings
from tests.bench.portfolios import databases, fill, fresh_ledger

MESSAGES = 200_000
# Within `make bench`: the whole run is of minutes, and a leak shows as well.
IN_ALL = 40_000
_ROUND = 5_000
_CHUNK = 1_000
_WARM = 20_000
_SAID = (10_000, 20_000, 40_000, 50_000, 100_000, 200_000)
_STATM = Path("/proc/self/statm")


def main() -> None:
    """A shorter run, for `make bench`."""
    measure(IN_ALL, "SQLite")


def measure(count: int, on: str) -> None:
    """Sends so many on one of the databases and prints what the process holds on the way."""
    if not _STATM.exists():
        print("  not measured: this system does not tell a process's memory in /proc")
        return
    with databases() as found:
        if on not in found:
            return
        with surroundings(found[on], "http://127.0.0.1:9") as environ:
            place = Deployment(read_settings(environ), environ=environ)
            engine = FullLoad(place)
            lane = engine.post.lanes[0]
            engine.post = replace(engine.post, adapters={lane.id: _Accepting(engine.post.adapters[lane.id])})
            try:
                _say(on, _run(engine, count))
            finally:
                engine.stop()
                place.database.close()


class _Accepting:
    """An adapter like another one, but for calling nobody."""

    def __init__(self, like: Adapter) -> None:
        self.name, self.channel, self.capabilities = like.name, like.channel, like.capabilities

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:  # noqa: ARG002  # of the contract
        return Accepted(f"SM{message.attempt_id}")

    def look_up(self, inquiry: Inquiry) -> Evidence:  # noqa: ARG002  # of the contract
        return CannotTell("nobody was called")


def _run(engine: FullLoad, count: int) -> list[tuple[int, float]]:
    """(messages sent, megabytes held) after each round."""
    database, lane = engine.place.database, engine.post.lanes[0]
    fresh_ledger(database)
    calm_collector()
    held: list[tuple[int, float]] = []
    began = time.perf_counter()
    while not held or held[-1][0] < count:
        sent = held[-1][0] if held else 0
        _plan(engine, database, start=sent)
        moved, until = 0, time.perf_counter() + 120.0
        while moved < _ROUND:
            moved += engine.send(lane.id)
            if time.perf_counter() > until:
                raise AssertionError(f"only {moved} of a round of {_ROUND} messages were sent")
        held.append((sent + moved, _megabytes()))
    seconds = time.perf_counter() - began
    print(f"  {held[-1][0]:,} messages in {seconds:,.0f} s, load average {os.getloadavg()[0]:.1f}")
    return held


def _plan(engine: FullLoad, database: Database, *, start: int) -> None:
    """New cases that a phone alone reaches, in small portions: making them must not be what is measured."""
    for number in range(start, start + _ROUND, _CHUNK):
        fill(database, _CHUNK, debtor=sending.by_phone_only(), start=number)
    while engine.advance():
        pass


def _megabytes() -> float:
    """What this process holds in memory now."""
    return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _say(on: str, held: list[tuple[int, float]]) -> None:
    for sent, megabytes in held:
        if sent in _SAID:
            print(f"  {on}: {megabytes:7.1f} MB held after {sent:7,} messages")
    warm = [(sent, megabytes) for sent, megabytes in held if sent >= _WARM]
    grown = (warm[-1][1] - warm[0][1]) / max(warm[-1][0] - warm[0][0], 1) * 1e6
    print(f"  {on}: {grown:+,.1f} kB for each 1,000 messages after the first {_WARM:,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--on", choices=("SQLite", "PostgreSQL"), default="SQLite")
    given = parser.parse_args(sys.argv[1:])
    measure(given.messages, given.on)
