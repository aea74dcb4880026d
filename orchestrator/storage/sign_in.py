"""Secrets, invitations, sessions and failed tries as rows. Owns no rule of who may sign in, and sees no secret."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, update

from orchestrator.storage.access import User, load_user
from orchestrator.storage.access_tables import users
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, to_micros
from orchestrator.storage.sign_in_tables import credentials, invitations, sessions, sign_in_tries


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What proves that somebody is a user. `totp_sealed` None asks for no code."""

    user: str
    password_hash: str
    totp_sealed: str | None
    totp_step: int
    device_round: int = 0


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A device on which somebody is signed in. `digest` is of the cookie."""

    digest: str
    user: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    device: str = ""


class Tries(msgspec.Struct, frozen=True):
    """How often signing in failed under a key, and when last."""

    failures: int
    last_at: datetime


# ------------------------------------------------------------------------------------------- credentials


def load_credentials(conn: Connection, user: str, *, for_update: bool = False) -> Credentials | None:
    """The secrets of a user; None for one who has never set a password."""
    statement = select(credentials).where(credentials.c.user == user)
    row = conn.execute(statement.with_for_update() if for_update else statement).first()
    if row is None:
        return None
    return Credentials(
        user=row.user,
        password_hash=row.password_hash,
        totp_sealed=row.totp_sealed,
        totp_step=row.totp_step,
        device_round=row.device_round,
    )


def put_password(conn: Connection, user: str, password_hash: str, *, now: datetime) -> None:
    """Sets the password of a user, in place of any before."""
    values = {"password_hash": password_hash, "password_set_at": to_micros(now)}
    row = {"user": user, **values, "totp_sealed": None, "totp_step": 0}
    if not insert_new(conn, credentials, [row], key=("user",)):
        conn.execute(update(credentials).where(credentials.c.user == user).values(**values))


def put_totp(conn: Connection, user: str, sealed: str | None, *, step: int) -> None:
    """Sets or removes the second factor."""
    conn.execute(update(credentials).where(credentials.c.user == user).values(totp_sealed=sealed, totp_step=step))


def forget_devices(conn: Connection, user: str) -> None:
    """No device is known of that user any more: what was signed for one proves nothing."""
    later = credentials.c.device_round + 1
    conn.execute(update(credentials).where(credentials.c.user == user).values(device_round=later))


def take_totp_step(conn: Connection, user: str, step: int) -> bool:
    """Takes the code of a step of thirty seconds; False when it, or a later one, was taken before."""
    fresh = (credentials.c.user == user) & (credentials.c.totp_step < step)
    return conn.execute(update(credentials).where(fresh).values(totp_step=step)).rowcount == 1


def anyone_can_sign_in(conn: Connection) -> bool:
    """Whether any user that is not disabled has a password."""
    able = select(credentials.c.user).join(users, users.c.name == credentials.c.user)
    return conn.execute(able.where(users.c.disabled_at.is_(None)).limit(1)).first() is not None


# ------------------------------------------------------------------------------------------- invitations


def insert_invitation(
    conn: Connection, digest: str, user: str, *, now: datetime, by: str, expires_at: datetime
) -> None:
    """Stores a one-time link; those that the user had open before open nothing any more."""
    at = to_micros(now)
    end_invitations(conn, user, now=now)
    row = {"digest": digest, "user": user, "created_at": at, "created_by": by, "expires_at": to_micros(expires_at)}
    insert_new(conn, invitations, [{**row, "used_at": None}], key=("digest",))


def end_invitations(conn: Connection, user: str, *, now: datetime) -> None:
    """The links that a user has open open nothing any more."""
    still_open = (invitations.c.user == user) & invitations.c.used_at.is_(None)
    conn.execute(update(invitations).where(still_open).values(used_at=to_micros(now)))


def invited(conn: Connection, digest: str, *, now: datetime) -> User | None:
    """Whom an unused link is for; None when it is used, over or unknown."""
    mine = (invitations.c.digest == digest) & invitations.c.used_at.is_(None)
    name = conn.execute(select(invitations.c.user).where(mine, invitations.c.expires_at > to_micros(now))).scalar()
    return None if name is None else load_user(conn, name)


def use_invitation(conn: Connection, digest: str, *, now: datetime) -> bool:
    """Uses a link up; False when somebody was faster, or its time is over."""
    mine = (invitations.c.digest == digest) & invitations.c.used_at.is_(None)
    mine &= invitations.c.expires_at > to_micros(now)
    return conn.execute(update(invitations).where(mine).values(used_at=to_micros(now))).rowcount == 1


# ---------------------------------------------------------------------------------------------- sessions


def insert_session(conn: Connection, item: Session) -> None:
    """Stores a new session."""
    row = {
        "digest": item.digest,
        "user": item.user,
        "created_at": to_micros(item.created_at),
        "seen_at": to_micros(item.seen_at),
        "expires_at": to_micros(item.expires_at),
        "ended_at": None,
        "device": item.device,
    }
    insert_new(conn, sessions, [row], key=("digest",))


def find_session(conn: Connection, digest: str) -> tuple[Session, User] | None:
    """The session of that digest, ended ones too, with its user."""
    row = conn.execute(select(sessions).where(sessions.c.digest == digest)).first()
    if row is None:
        return None
    user = load_user(conn, row.user)
    return None if user is None else (_session(row), user)


def note_seen(conn: Connection, digest: str, *, now: datetime) -> None:
    """Somebody uses the session now."""
    conn.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=to_micros(now)))


def end_sessions(conn: Connection, user: str, *, now: datetime, digest: str = "", but: str = "") -> int:
    """Ends the sessions of a user: all, the one of `digest`, or all but one; returns how many."""
    mine = (sessions.c.user == user) & sessions.c.ended_at.is_(None)
    if digest:
        mine &= sessions.c.digest == digest
    if but:
        mine &= sessions.c.digest != but
    return conn.execute(update(sessions).where(mine).values(ended_at=to_micros(now))).rowcount


def live_sessions(conn: Connection, user: str, *, now: datetime) -> list[Session]:
    """Where a user is signed in, the latest seen first."""
    live = (sessions.c.user == user) & sessions.c.ended_at.is_(None) & (sessions.c.expires_at > to_micros(now))
    return [_session(row) for row in conn.execute(select(sessions).where(live).order_by(sessions.c.seen_at.desc()))]


def forget_sessions(conn: Connection, *, before: datetime) -> None:
    """Deletes sessions whose time was over before an instant."""
    conn.execute(delete(sessions).where(sessions.c.expires_at < to_micros(before)))


# ------------------------------------------------------------------------------------------ failed tries


def lock_tries(conn: Connection, key: str, *, now: datetime) -> Tries:
    """The failed tries of a key, which nobody else reads until the transaction ends: a first try makes the row."""
    insert_new(conn, sign_in_tries, [{"key": key, "failures": 0, "last_at": to_micros(now)}], key=("key",))
    row = conn.execute(select(sign_in_tries).where(sign_in_tries.c.key == key).with_for_update()).first()
    return Tries(row.failures, from_micros(row.last_at)) if row else Tries(0, now)


def put_tries(conn: Connection, key: str, failures: int, *, at: datetime) -> None:
    """Counts failures, the latest at an instant."""
    mine = update(sign_in_tries).where(sign_in_tries.c.key == key)
    conn.execute(mine.values(failures=failures, last_at=to_micros(at)))


def forget_tries(conn: Connection, key: str) -> None:
    """Somebody signed in: what failed before is forgotten."""
    conn.execute(delete(sign_in_tries).where(sign_in_tries.c.key == key))


def take_back_try(conn: Connection, key: str) -> None:
    """One try of a key turned out to be right."""
    counted = (sign_in_tries.c.key == key) & (sign_in_tries.c.failures > 0)
    conn.execute(update(sign_in_tries).where(counted).values(failures=sign_in_tries.c.failures - 1))


def bring_back(conn: Connection, key: str, *, by: timedelta) -> None:
    """Sets the instant of a key back."""
    mine = update(sign_in_tries).where(sign_in_tries.c.key == key)
    conn.execute(mine.values(last_at=sign_in_tries.c.last_at - by // timedelta(microseconds=1)))


def sweep_tries(conn: Connection, *, before: datetime, most: int) -> None:
    """Deletes tries last counted before an instant, and the oldest of what is left beyond `most`; nothing untold."""
    is_try = ~_begins_with(TOLD)
    old = select(sign_in_tries.c.key).where(is_try, sign_in_tries.c.last_at < to_micros(before))
    _delete_free(conn, old)
    found = conn.execute(select(func.count()).select_from(sign_in_tries).where(is_try)).scalar() or 0
    if found > most:  # a tenth at once, so that the next tries sweep nothing
        oldest = select(sign_in_tries.c.key).where(is_try).order_by(sign_in_tries.c.last_at)
        _delete_free(conn, oldest.limit(found - most + most // 10))


def _delete_free(conn: Connection, keys: Select[tuple[str]]) -> None:
    """Whoever counts at this moment keeps theirs: two that wait for each other would both fail."""
    conn.execute(delete(sign_in_tries).where(sign_in_tries.c.key.in_(keys.with_for_update(skip_locked=True))))


# ------------------------------------------------------------------------------- refusals still to be told

TOLD = "told:"
"""Under keys that begin so, refusals are counted: the first of them is told already."""


def count_told(conn: Connection) -> int:
    """How many keys of refusals there are."""
    return conn.execute(select(func.count()).select_from(sign_in_tries).where(_begins_with(TOLD))).scalar() or 0


def take_told(conn: Connection, *, before: datetime | None = None) -> list[tuple[str, int]]:
    """Removes the refusals whose counting began before an instant, all when None: (key, how many) of each."""
    due = _begins_with(TOLD)
    if before is not None:
        due &= sign_in_tries.c.last_at <= to_micros(before)
    rows = conn.execute(select(sign_in_tries).where(due).with_for_update(skip_locked=True)).all()
    if rows:
        conn.execute(delete(sign_in_tries).where(sign_in_tries.c.key.in_([row.key for row in rows])))
    return sorted((row.key, row.failures) for row in rows)


def has_told(conn: Connection, key: str) -> bool:
    """Whether refusals are counted under a key."""
    return conn.execute(select(sign_in_tries.c.key).where(sign_in_tries.c.key == key)).first() is not None


def _begins_with(prefix: str) -> ColumnElement[bool]:
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return (sign_in_tries.c.key >= prefix) & (sign_in_tries.c.key < after)


def count_users(conn: Connection) -> int:
    """How many users there are, disabled ones too."""
    return conn.execute(select(func.count()).select_from(users)).scalar() or 0


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        user=row.user,
        created_at=from_micros(row.created_at),
        seen_at=from_micros(row.seen_at),
        expires_at=from_micros(row.expires_at),
        ended_at=maybe_instant(row.ended_at),
        device=row.device,
    )
