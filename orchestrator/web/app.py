"""Makes the application of a deployment: its layers, its routes. Starts no server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, FastAPI

from orchestrator import __version__
from orchestrator.bootstrap import Deployment
from orchestrator.web import errors, health, reference
from orchestrator.web.api import (
    acts,
    campaigns,
    cases,
    crises,
    debts,
    endpoints,
    messages,
    pauses,
    payments,
    portfolios,
    replies,
    reply_answers,
    statements,
    tasks,
    webhooks,
    why,
)
from orchestrator.web.api.shapes import fault_model
from orchestrator.web.auth import Identify
from orchestrator.web.console import routes as console
from orchestrator.web.console.exports import Exports
from orchestrator.web.console.faults import fault_page
from orchestrator.web.console.jobs import Jobs
from orchestrator.web.console.live_feed import LiveFeed
from orchestrator.web.console.sent_once import SentOnce
from orchestrator.web.console.session import SignInNeeded
from orchestrator.web.console.streams import Streams
from orchestrator.web.desk import Clock, Desk
from orchestrator.web.portal import routes as portal
from orchestrator.web.repeats import AnswerOnce
from orchestrator.web.requests import Answering, WholeBody
from orchestrator.web.webhooks.intake import Intake, Listening

# As many as the database has connections for, and some that only compute.
_THREADS = 12
# Below these paths people look at pages, also at those of errors.
_PAGES = {"/console": fault_page}


def make_app(
    deployment: Deployment,
    *,
    clock: Clock | None = None,
    pulse: health.Pulse | None = None,
    on_kept: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The application over a deployment. Touches nothing before the first request; `clock` replaces both clocks.

    `pulse` is that of the drains which run in this process, if any do; `on_kept` wakes the one that applies webhooks.
    """
    desk = Desk(deployment, clock=clock)
    listening = Listening(deployment, clock=desk.real_now, on_kept=on_kept)
    app = FastAPI(
        title="Relance",
        version=__version__,
        description="Push debts and payments, follow cases, answer tasks, stop and slow down. See docs/api.md.",
        openapi_url=None,  # `reference` serves it, so that it says who may call what
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host was sent, and out of TLS
        lifespan=_lifespan,
    )
    _install(app, desk, pulse, listening)
    api = APIRouter(prefix="/api/v1", responses=fault_model())
    for resource in (
        debts,
        payments,
        statements,
        why,
        cases,
        messages,
        campaigns,
        pauses,
        crises,
        tasks,
        portfolios,
        endpoints,
        webhooks,
        acts,
        replies,
        reply_answers,
    ):
        api.include_router(resource.router)
    for router in (api, health.router, reference.router, portal.router, console.router):
        app.include_router(router)
    # The last one added is met first.
    app.add_middleware(AnswerOnce, desk=desk)
    app.add_middleware(SentOnce, desk=desk)
    app.add_middleware(WholeBody)
    app.add_middleware(Identify, desk=desk)
    app.add_middleware(Answering, is_https=deployment.settings.public_url.startswith("https://"), pages=_PAGES)
    app.add_middleware(Intake, listening=listening)
    return app


def make_health_app(deployment: Deployment, pulse: health.Pulse) -> FastAPI:
    """What a worker says of itself: /healthz, /readyz and /metrics, and nothing else."""
    desk = Desk(deployment)
    app = FastAPI(title="Relance, a worker", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan)
    _install(app, desk, pulse, None)
    app.include_router(health.router)
    app.add_middleware(Identify, desk=desk)
    app.add_middleware(Answering, is_https=False)
    return app


def _install(app: FastAPI, desk: Desk, pulse: health.Pulse | None, listening: Listening | None) -> None:
    app.state.desk = desk
    app.state.pulse = pulse
    app.state.listening = listening
    app.state.streams = Streams()
    app.state.jobs = Jobs()
    app.state.exports = Exports()
    app.state.live_feed = LiveFeed(desk, pulse)
    app.state.meter = health.Meter(desk, pulse, more=[listening.collector()] if listening else ())
    errors.install(app, pages=_PAGES, kinds=[SignInNeeded])


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    listening: Listening | None = app.state.listening
    if listening is None:
        yield
        return
    listening.keeper.start()
    try:
        yield
    finally:
        listening.keeper.stop()
