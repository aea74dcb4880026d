"""Pausing and resuming as people and programs ask for it: the same rules for the API and the console."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator.domain.condition import ALWAYS, Condition, Every, Is, OneOf
from orchestrator.domain.errors import InputError
from orchestrator.domain.interruption import Pause
from orchestrator.flows.pause_scope import require_lanes
from orchestrator.flows.pause_sending import PauseReport, pause_report, start_pause
from orchestrator.flows.resume_sending import Preview, resume_pause
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.web.api.written import check_depth
from orchestrator.web.desk import Desk
from orchestrator.web.errors import Refused

CHANNELS = ("sms", "email", "letter")


def wanted_pause(
    scope: Mapping[str, Any],
    *,
    reason: str,
    until: datetime | None,
    by: str,
    now: datetime,
    creditors: frozenset[str] | None = None,
) -> Pause:
    """The pause that was asked for, with a new id. Whoever sees some creditors only pauses theirs.

    Raises InputError for a scope that does not exist, or an end that has passed.
    """
    check_depth(scope)
    if until is not None and until <= now:
        raise InputError("the pause would be over already", hint="give a later end", where="body.until")
    channels, lanes = _names(scope, "channel"), _names(scope, "lane")
    if unknown := [name for name in channels if name not in CHANNELS]:
        hint = "there are " + ", ".join(CHANNELS)
        raise InputError(f'no channel is named "{unknown[0][:40]}"', hint=hint, where="body.scope.channel")
    condition = read_scope({name: value for name, value in scope.items() if name not in ("channel", "lane")})
    return Pause(
        id=f"p-{secrets.token_hex(4)}",
        scope=confined(condition, creditors),
        since=now,
        reason=reason,
        by=by,
        channels=channels,
        lanes=lanes,
        ends_at=until.astimezone(UTC) if until is not None else None,
    )


def confined(scope: Condition, creditors: frozenset[str] | None) -> Condition:
    """The scope, for the cases of these creditors alone; None leaves it as it is."""
    if creditors is None or is_confined(scope, creditors):
        return scope
    theirs = OneOf("creditor", creditors)
    return Every((theirs, *scope.terms)) if isinstance(scope, Every) and scope.terms else _both(theirs, scope)


def _both(theirs: Condition, scope: Condition) -> Condition:
    return theirs if scope in (ALWAYS, Is("all", value=True)) else Every((theirs, scope))


def is_confined(scope: Condition, creditors: frozenset[str] | None) -> bool:
    """Whether a scope holds cases of these creditors alone, so that who sees no others may act on it."""
    if creditors is None:
        return True
    match scope:
        case OneOf(field="creditor", values=values):
            return values <= creditors
        case Every(terms):
            return any(is_confined(term, creditors) for term in terms)
    return False


def place(desk: Desk, pause: Pause) -> None:
    """Stops at once: no gate opens for its scope any more. Raises InputError for a lane that never was."""
    with desk.database.read() as conn:
        require_lanes(conn, desk.deployment.lanes, pause.lanes, where="body.scope.lane")
    start_pause(desk.database, pause)


def report_of(desk: Desk, pause_id: str) -> PauseReport:
    """Where a pause stands now. Raises NotFound."""
    return pause_report(
        desk.database,
        desk.strategy,
        pause_id,
        adapters=desk.deployment.adapters,
        now=desk.now(),
        real_now=desk.real_now(),
    )


def resume(desk: Desk, pause_id: str, *, by: str, role: str, is_confirmed: bool, ramp_minutes: int) -> Preview:
    """Ends a pause. Raises Refused when very many would go and no administrator confirms, or Conflict."""
    if is_confirmed and role != "admin":
        raise Refused(403, "not_allowed", "letting very many messages go is confirmed by an admin")
    report_of(desk, pause_id)  # letters that it began to take back are told to their cases first
    return resume_pause(
        desk.database,
        desk.strategy(),
        pause_id,
        by=by,
        now=desk.now(),
        is_confirmed=is_confirmed,
        ramp_minutes=ramp_minutes,
    )


def _names(scope: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """One name or several under a key; an empty list would stop everything, and is refused."""
    if key not in scope:
        return ()
    given = scope[key]
    names = given if isinstance(given, list) else [given]
    if not names or not all(isinstance(name, str) and 0 < len(name) <= 120 for name in names):
        raise InputError("this is one name, or a list of names", where=f"body.scope.{key}")
    return tuple(names)
