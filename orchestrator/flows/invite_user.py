"""A person begins: a one-time link, by which they choose their password. Only its digest is stored."""

import secrets
from datetime import datetime, timedelta

import msgspec

from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.flows.passwords import check_password, hash_password
from orchestrator.flows.sign_in import SignedIn, begin_session, digest_of
from orchestrator.storage import access, audit, sign_in
from orchestrator.storage.database import Database

VALID_HOURS = 24
FIRST_USER = "admin"


def invite(database: Database, name: str, *, by: str, now: datetime) -> str:
    """The token of a new link for a user; earlier ones open nothing any more. Raises NotFound, or Conflict."""
    token = secrets.token_urlsafe(32)
    with database.begin() as conn:
        user = access.load_user(conn, name)
        if user is None:
            raise NotFound("no user has this name", hint="see `relance user list`")
        if user.disabled_at is not None:
            raise Conflict("this user is disabled", code="user_disabled")
        end = now + timedelta(hours=VALID_HOURS)
        sign_in.insert_invitation(conn, digest_of(token), name, now=now, by=by, expires_at=end)
        audit.append(conn, audit.Line(at=now, who=by, act="user.invite", subject=name))
    return token


def invite_first(database: Database, *, now: datetime) -> str | None:
    """The token for the first administrator while nobody can sign in; None once somebody can."""
    with database.begin() as conn:
        if sign_in.anyone_can_sign_in(conn):
            return None
        first = access.load_user(conn, FIRST_USER)
        if first is None:
            access.insert_user(conn, access.User(name=FIRST_USER, role="admin", created_at=now, created_by="start"))
        elif first.disabled_at is not None or first.role != "admin":
            return None  # somebody decided so: `relance user add` makes another administrator
    return invite(database, FIRST_USER, by="start", now=now)


def invited(database: Database, token: str, *, now: datetime) -> access.User | None:
    """Whom a link is for; None when it is used, over or unknown."""
    with database.read() as conn:
        user = sign_in.invited(conn, digest_of(token), now=now)
    return None if user is None or user.disabled_at is not None else user


def accept(
    database: Database,
    token: str,
    password: str,
    *,
    device: str,
    now: datetime,
    full_name: str = "",
    language: str = "",
) -> SignedIn:
    """Uses the link up: sets the password, removes any second factor, and signs in. Raises Conflict `link_used`.

    `full_name` and `language`, where they are said, are kept as the person's own.
    """
    user = invited(database, token, now=now)
    if user is None:
        raise _gone()
    check_password(password, name=user.name)
    hashed = hash_password(password)
    with database.begin() as conn:
        if not sign_in.use_invitation(conn, digest_of(token), now=now):
            raise _gone()
        sign_in.put_password(conn, user.name, hashed, now=now)
        sign_in.put_totp(conn, user.name, None, step=0)
        sign_in.end_sessions(conn, user.name, now=now)
        sign_in.forget_tries(conn, f"account:{user.name}")
        own = {"full_name": full_name.strip()[:80] or user.full_name, "language": language or user.language}
        user = msgspec.structs.replace(user, **own)
        access.save_preferences(conn, user)
        audit.append(conn, audit.Line(at=now, who=user.name, role=user.role, act="user.accept"))
        return begin_session(conn, user, device=device, now=now)


def _gone() -> Conflict:
    hint = "ask an administrator for another: `relance user link NAME`"
    return Conflict("this link was used, or its time is over", hint=hint, code="link_used")
