"""What a reply may have told that nobody has decided yet: whoever ends its reading says first whether it is so."""

from collections.abc import Collection
from datetime import datetime

from orchestrator.domain.errors import InputError
from orchestrator.domain.reply import Intent
from orchestrator.domain.undecided import undecided
from orchestrator.storage import cases
from orchestrator.storage.database import Connection
from orchestrator.storage.replies import Reply, ReplyState


def undecided_of(conn: Connection, reply: Reply, now: datetime) -> tuple[Intent, ...]:
    """What of its reading asks for a decision before it is answered; nothing for a reply that is dealt with."""
    stored = cases.load(conn, [reply.case_id]) if reply.case_id and reply.state is ReplyState.OPEN else []
    return undecided(stored[0].case, reply.reading, reply.received_at, now) if stored else ()


def require_decided(conn: Connection, reply: Reply, not_so: Collection[Intent], now: datetime) -> None:
    """Raises InputError `reply_undecided`, but for intents that somebody has found untrue.

    What ends a reply lifts its hold: a hardship that nobody has decided would be chased on after a few days.
    """
    if left := [intent.value for intent in undecided_of(conn, reply, now) if intent not in not_so]:
        hint = "record it on the case (hardship, dispute, hold); or say that it is not so, in the inbox"
        hint += " or by `relance reply done --not-so`"
        message = f"nobody has decided whether this reply tells of: {', '.join(left)}"
        raise InputError(message, hint=hint, code="reply_undecided")
