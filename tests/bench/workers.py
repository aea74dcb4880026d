"""Two senders at once on PostgreSQL, and receipts applied as they come: `python -m tests.bench.workers`.

Each worker is a process of its own, as in production; the stand-in and the database run on the same machine. Two
receipts for each message are then posted, signed, to `relance serve` in a process of its own, and the workers apply
what it keeps. The figure is wall time from the first gate to the last receipt applied; the CPU is that of workers and
server.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from msgspec.structs import replace
from sqlalchemy import text

from orchestrator.flows.apply_inbox import apply_inbox
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import attempts
from orchestrator.storage.attempts import Attempt
from orchestrator.storage.database import Database
from orchestrator.worker.collector import calm_collector
from tests.bench import sending, webhooks
from tests.bench.portfolios import NOW, databases

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
        commands = [["tests.bench.workers", address, url, str(share)] for share in range(WORKERS)]
        with webhooks.server(address) as served, started(commands) as workers:
            hear(workers)
            bare_wall, bare_cpu, bare_count = _phase(workers)
            wall, cpu, sent = _phase(workers)
            callbacks = _callbacks(database)
            cpu -= served.cpu_seconds()
            more_wall, more_cpu, heard = _phase(workers, lambda: asyncio.run(webhooks.post_all(served.port, callbacks)))
            cpu += served.cpu_seconds()
        if heard != len(callbacks):
            raise AssertionError(f"{len(callbacks)} receipts were answered and {heard} applied")
    wall, cpu = wall + more_wall, cpu + more_cpu
    print(
        f"  PostgreSQL: receipts posted to applied: {heard / more_wall:,.0f}/s\n"
        f"  PostgreSQL, {WORKERS} workers: planned to both signed receipts applied: {sent / wall:,.0f} messages/s, "
        f"{cpu / sent * 1e3:,.2f} ms CPU of ours each ({sent:,} messages in {wall:.1f} s)\n"
        f"  reference, the same {WORKERS} with bare calls and updates: {bare_count / bare_wall:,.0f} messages/s, "
        f"{bare_cpu / bare_count * 1e3:,.2f} ms each; so {bare_count / bare_wall / sent * wall:.1f} x the time and "
        f"{cpu / sent / bare_cpu * bare_count:.1f} x the CPU"
    )


def _phase(workers: Sequence[Process], beside: Callable[[], object] = lambda: None) -> tuple[float, float, int]:
    """All do the next thing at once: wall seconds until the last is done, their CPU seconds, how many messages.

    `beside` is what this process does meanwhile.
    """
    began = time.perf_counter()
    tell(workers)
    beside()
    done = [line.split() for line in hear(workers)]
    return time.perf_counter() - began, sum(float(each[1]) for each in done), sum(int(each[0]) for each in done)


def _callbacks(database: Database) -> list[bytes]:
    """Each message was sent and delivered, as Twilio would post it; in no order."""
    told = [
        webhooks.signed(item.id, item.provider_id or "", word)
        for item in _accepted(database)
        for word in ("sent", "delivered")
    ]
    random.Random(1).shuffle(told)
    return told


def _accepted(database: Database) -> list[Attempt]:
    with database.read() as conn:
        return list(attempts.accepted_since(conn, since=NOW.replace(year=2000)))


def _listen(database: Database, strategy: Strategy) -> int:
    """Applies what comes until there were two receipts for each message, whoever applied them; how many were ours."""
    expected, applied = 2 * len(_accepted(database)), 0
    while True:
        done = apply_inbox(database, strategy, now=NOW, real_now=datetime.now(UTC))
        applied += done.applied
        if not done.looked_at:
            with database.read() as conn:
                if conn.execute(text("SELECT count(*) FROM inbox WHERE state = 'applied'")).scalar() == expected:
                    return applied
            time.sleep(0.02)


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
    at_the_word(lambda: _listen(database, strategy))


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
