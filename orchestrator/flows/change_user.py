"""A user changes, is disabled or let in again. Nobody takes the last administrator away."""

from datetime import datetime

import msgspec

from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.grant_access import require_creditors
from orchestrator.storage import access, audit, sign_in
from orchestrator.storage.database import Connection, Database


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a user is to be. `creditors` None: they see every case."""

    role: str
    full_name: str = ""
    creditors: frozenset[str] | None = None


def change_user(database: Database, name: str, terms: Terms, *, by: str, now: datetime) -> access.User:
    """The user as changed. Raises NotFound, InputError for a role that is none, Conflict for the last administrator."""
    if terms.role not in RANK:
        raise InputError("this role does not exist", hint="there are " + ", ".join(RANK))
    require_creditors(terms.creditors)
    with database.begin() as conn:
        access.lock_admins(conn)
        user = access.load_user(conn, name)
        if user is None:
            raise NotFound("no user has this name", hint="see `relance user list`")
        if _is_admin_of_all(user) and (terms.role != "admin" or terms.creditors is not None):
            require_another_admin(conn, name)
        changed = msgspec.structs.replace(user, role=terms.role, full_name=terms.full_name, creditors=terms.creditors)
        access.save_terms(conn, changed)
        outcome = f"{user.role} > {changed.role}" if user.role != changed.role else ""
        audit.append(conn, audit.Line(at=now, who=by, act="user.change", subject=f"{name} {outcome}".strip()))
    return changed


def enable_user(database: Database, name: str, *, by: str, now: datetime) -> None:
    """Lets a disabled user in again. Raises NotFound."""
    with database.begin() as conn:
        if not access.enable_user(conn, name):
            raise NotFound("no disabled user has this name", hint="see `relance user list`")
        audit.append(conn, audit.Line(at=now, who=by, act="user.enable", subject=name))


def disable_user(database: Database, name: str, *, by: str, now: datetime) -> None:
    """Disables a user: signed out, and their keys and links open nothing.

    Raises NotFound, or Conflict for the last administrator, or when it was done before.
    """
    with database.begin() as conn:
        access.lock_admins(conn)
        user = access.load_user(conn, name)
        if user is None:
            raise NotFound("no user has this name", hint="see `relance user list`")
        if _is_admin_of_all(user):
            require_another_admin(conn, name)
        if not access.disable_user(conn, name, now=now):
            raise Conflict("this user is disabled already", code="user_disabled")
        sign_in.end_sessions(conn, name, now=now)
        sign_in.end_invitations(conn, name, now=now)
        sign_in.forget_devices(conn, name)
        audit.append(conn, audit.Line(at=now, who=by, act="user.disable", subject=name))


def require_another_admin(conn: Connection, name: str) -> None:
    """Raises Conflict unless somebody else is an administrator of everything; the caller holds `lock_admins`."""
    if not any(_is_admin_of_all(user) for user in access.all_users(conn) if user.name != name):
        raise Conflict("this is the last administrator", hint="make another first", code="last_admin")


def _is_admin_of_all(user: access.User) -> bool:
    return user.role == "admin" and user.creditors is None and user.disabled_at is None
