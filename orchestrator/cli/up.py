"""`relance up`, `relance worker`, `relance scheduler`: what decides and sends, in one process or in several."""

import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click
import dramatiq

from orchestrator.bootstrap import Deployment
from orchestrator.cli.demo import DEMO_HOME, make_demo
from orchestrator.cli.demo_live import live_demo, living
from orchestrator.cli.logs import log_to_stderr
from orchestrator.cli.serve import run_server, tell_addresses
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.lane import Lane
from orchestrator.settings import IGNORED_BY_DEMO, read_settings, settings_at
from orchestrator.web.app import make_app, make_health_app
from orchestrator.worker.collector import calm_collector
from orchestrator.worker.engine import Engine
from orchestrator.worker.hints import Hints, make_broker
from orchestrator.worker.local_ticks import LocalTicks
from orchestrator.worker.sole_sender import sole_sender
from orchestrator.worker.ticks import make_scheduler

_THREADS = 8


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Keep it, and put a proxy with TLS before it.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-api", is_flag=True, help="Only decide and send.")
@click.option(
    "--demo", "is_demo", is_flag=True, help="On invented debtors who answer; makes them where there are none."
)
@click.option(
    "--home", type=click.Path(path_type=Path), default=DEMO_HOME, show_default=True, help="Where --demo lives."
)
def up(host: str, port: int, no_api: bool, is_demo: bool, home: Path) -> None:
    """Decide, send and answer over HTTP until it is stopped (Ctrl-C); nothing else is needed beside it."""
    if is_demo:
        make_demo(home.resolve())
        demo_place = live_demo(settings_at(read_settings(ignoring=IGNORED_BY_DEMO), port=port), home.resolve())
        with living(demo_place):
            _run(demo_place, host=host, port=port, no_api=no_api)
    else:
        _run(deployment(port=port), host=host, port=port, no_api=no_api)


def _run(place: Deployment, *, host: str, port: int, no_api: bool) -> None:
    log_to_stderr(place.settings.log_format)
    with sole_sender(place):
        engine = Engine(place)
        ticks = LocalTicks(engine)
        calm_collector()
        ticks.start()
        _say("deciding and sending by", place.lanes)
        try:
            if no_api:
                wait_for_signal()
            else:
                tell_addresses(place, host=host, port=port)
                run_server(make_app(place, pulse=engine.pulse, on_kept=engine.wake_listening), host=host, port=port)
        finally:
            ticks.stop()


@click.command()
@click.option("--threads", default=_THREADS, show_default=True, type=click.IntRange(2, 64))
@click.option("--host", default="127.0.0.1", show_default=True, help="Where --port listens.")
@click.option("--port", type=click.IntRange(1, 65535), help="Answer /healthz, /readyz and /metrics here.")
def worker(threads: int, host: str, port: int | None) -> None:
    """One of several workers on PostgreSQL: woken by hints, and by its own clock when none comes."""
    place = deployment()
    log_to_stderr(place.settings.log_format)
    broker = make_broker(place.settings.redis_url)
    with sole_sender(place):
        engine = Engine(place)
        Hints(broker, engine)
        ticks, listener = LocalTicks(engine), dramatiq.Worker(broker, worker_threads=threads)
        calm_collector()
        ticks.start()
        listener.start()
        _say("a worker for", place.lanes)
        try:
            if port is None:
                wait_for_signal()
            else:
                run_server(make_health_app(place, engine.pulse), host=host, port=port)
        finally:
            listener.stop()
            ticks.stop()


@click.command()
def scheduler() -> None:
    """Hint every second that something may be due. Several may run; losing them all costs a second."""
    place = deployment()
    log_to_stderr(place.settings.log_format)
    hints = Hints(make_broker(place.settings.redis_url))
    made = make_scheduler(hints, [lane.id for lane in place.lanes])
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: made.shutdown(wait=False))
    _say("hints for", place.lanes)
    made.start()


def wait_for_signal() -> None:
    """Returns when the process is asked to end."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    stopped.wait()


def _say(what: str, lanes: Sequence[Lane]) -> None:
    named = ", ".join(lane.id for lane in lanes)
    console.print(f"{what} {named}")
