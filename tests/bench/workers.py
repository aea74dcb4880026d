"""Two senders at once on PostgreSQL, and receipts applied as they come: `python -m tests.bench.workers`.

Each worker is a process of its own, as in production; the stand-in and the database run on the same machine. The figure
is wall time from the first gate to the last receipt applied.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from orchestrator.storage.database import Database
from orchestrator.worker.collector import calm_collector
from tests.bench import sending
from tests.bench.portfolios import databases

WORKERS = 2
Process = subprocess.Popen[bytes]


def main() -> None:
    """Plans, starts the workers, waits until each has sent and heard all it can."""
    _, strategy = sending.in_force()
    with databases() as found, sending.stand_in() as url:
        database = found.get("PostgreSQL")
        if database is None:
            return
        sending.plan(database, strategy)
        address = database._url.render_as_string(hide_password=False)  # the workers open their own
        with started([["tests.bench.workers", address, url, str(share)] for share in range(WORKERS)]) as workers:
            hear(workers)
            bare_wall, bare_cpu, bare_count = _phase(workers)
            wall, cpu, sent = _phase(workers)
            more_wall, more_cpu, _ = _phase(workers)
    wall, cpu = wall + more_wall, cpu + more_cpu
    print(
        f"  PostgreSQL, {WORKERS} workers: planned to both receipts applied: {sent / wall:,.0f} messages/s, "
        f"{cpu / sent * 1e3:,.2f} ms CPU of ours each ({sent:,} messages in {wall:.1f} s)\n"
        f"  reference, the same {WORKERS} with bare calls and updates: {bare_count / bare_wall:,.0f} messages/s, "
        f"{bare_cpu / bare_count * 1e3:,.2f} ms each; so {bare_count / bare_wall / sent * wall:.1f} x the time and "
        f"{cpu / sent / bare_cpu * bare_count:.1f} x the CPU"
    )


def _phase(workers: Sequence[Process]) -> tuple[float, float, int]:
    """All do the next thing at once: wall seconds until the last is done, their CPU seconds, how many messages."""
    began = time.perf_counter()
    tell(workers)
    done = [line.split() for line in hear(workers)]
    return time.perf_counter() - began, sum(float(each[1]) for each in done), sum(int(each[0]) for each in done)


def work(database_url: str, stub_url: str, share: int) -> None:
    """Loads everything; at each word bare calls, then all that is due, then its share of the receipts."""
    deployment, strategy = sending.in_force()
    database = Database(database_url)
    sms = sending.adapter_at(stub_url)
    deployment.texts.book("fr")
    calm_collector()
    post = replace(deployment.sandbox_post(), lanes=(sending.LANE,), adapters={sending.LANE.id: sms})

    def at_the_word(act: Callable[[], int]) -> None:
        sys.stdin.readline()
        cpu = time.process_time()
        count = act()
        print(count, time.process_time() - cpu, flush=True)

    def bare() -> int:
        sending.bare(database, sms, f"bare_{share}")
        return sending.BARE_COUNT

    print("ready", flush=True)
    at_the_word(bare)
    at_the_word(lambda: sending.send_all(database, strategy, post))
    at_the_word(lambda: sending.receive(database, share=share, of=WORKERS))


@contextmanager
def started(commands: Sequence[Sequence[str]], environ: Mapping[str, str] | None = None) -> Iterator[list[Process]]:
    """A process for each module with its arguments; they are waited for at the end, and ended when we fail."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environ or {})},
        )
        for command in commands
    ]
    try:
        yield workers
        for each in workers:
            each.wait(10)
    finally:
        for each in workers:
            each.kill()
            each.communicate()


def tell(workers: Sequence[Process]) -> None:
    """A line to each: go on."""
    for each in workers:
        assert each.stdin is not None
        each.stdin.write(b"go\n")
        each.stdin.flush()


def hear(workers: Sequence[Process]) -> list[str]:
    """The next line of each."""
    return [each.stdout.readline().decode() for each in workers if each.stdout is not None]


if __name__ == "__main__":
    if len(sys.argv) == 4:
        work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
