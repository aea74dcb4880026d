"""Idempotency keys: the same request under the same key is done once, and answered twice (design 11).

Takes no transaction of the request itself. What it does is idempotent by its own references beside this.
"""

from datetime import datetime, timedelta

import msgspec

from orchestrator.domain.errors import Conflict
from orchestrator.storage import idempotency
from orchestrator.storage.database import Database
from orchestrator.storage.idempotency import Claim

__all__ = ["KEPT_FOR", "Answer", "Claim", "claim", "keep", "release"]

KEPT_FOR = timedelta(hours=48)
# A request that has not answered by then died with its process; the next one may do it again.
GIVEN_UP_AFTER = timedelta(minutes=5)


class Answer(msgspec.Struct, frozen=True):
    """What was answered the first time."""

    status: int
    body: str


def claim(database: Database, wanted: Claim, *, now: datetime) -> Answer | None:
    """None when the request is the first under its key and may go on; else the answer of the first.

    Raises Conflict when the key stands for another request (`idempotency_mismatch`), or the first is still at work
    (`idempotency_at_work`).
    """
    with database.begin() as conn:
        idempotency.forget(conn, before=now - KEPT_FOR)
        if idempotency.claim(conn, wanted, now=now):
            return None
        standing = idempotency.load(conn, wanted)
        if standing is None:
            raise Conflict("the first request under this key has just ended", hint="send it again", code="conflict")
        if standing.request_hash != wanted.request_hash:
            raise Conflict(
                "this idempotency key was used for another request",
                hint="draw a new key for each request, and keep it for its repetitions only",
                code="idempotency_mismatch",
            )
        if standing.status is not None:
            return Answer(standing.status, standing.body or "")
        is_dead = now - standing.taken_at >= GIVEN_UP_AFTER
        if is_dead and idempotency.take_over(conn, wanted, taken_at=standing.taken_at, now=now):
            return None
    raise Conflict(
        "the first request under this key is still at work", hint="send it again later", code="idempotency_at_work"
    )


def keep(database: Database, wanted: Claim, answer: Answer) -> None:
    """Keeps the answer of a request that did something."""
    with database.begin() as conn:
        idempotency.answer(conn, wanted, status=answer.status, body=answer.body)


def release(database: Database, wanted: Claim) -> None:
    """Frees the key of a request that was refused: it may be corrected and sent again under it."""
    with database.begin() as conn:
        idempotency.release(conn, wanted)
