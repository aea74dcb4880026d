"""Users and API keys as stored: a key's secret only as its digest. Owns no rule of who may do what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, or_, select, update

from orchestrator.domain.errors import Conflict
from orchestrator.storage.access_tables import api_keys, users
from orchestrator.storage.batch import insert_new
from orchestrator.storage.instants import from_micros, maybe_instant, maybe_micros, to_micros


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person who signs in, or acts through a key of their own. Nobody is deleted: what they did bears their name.

    `creditors` are those whose cases they see, None all. `has_keys`: single letters are shortcuts in their console.
    """

    name: str
    role: str
    created_at: datetime
    created_by: str = ""
    disabled_at: datetime | None = None
    full_name: str = ""
    language: str = "fr"
    zone: str = "Europe/Paris"
    has_keys: bool = True
    creditors: frozenset[str] | None = None

    @property
    def shown_name(self) -> str:
        """What others call them."""
        return self.full_name or self.name


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. `scopes` empty means all that the role may do; `owner` None is a program's key."""

    id: str
    name: str
    role: str
    secret_hash: str
    created_at: datetime
    scopes: tuple[str, ...] = ()
    owner: str | None = None
    created_by: str = ""
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class KeyWithOwner(msgspec.Struct, frozen=True):
    """A key and the user it belongs to; None when it is a program's."""

    key: ApiKey
    owner: User | None


def insert_user(conn: Connection, user: User) -> None:
    """Stores a new user. Raises Conflict when the name was ever used."""
    row = {
        "name": user.name,
        "role": user.role,
        "created_at": to_micros(user.created_at),
        "created_by": user.created_by,
        "disabled_at": maybe_micros(user.disabled_at),
        **_changing(user),
    }
    if not insert_new(conn, users, [row], key=("name",)):
        raise Conflict("a user of this name exists already", code="user_exists")


def load_user(conn: Connection, name: str) -> User | None:
    """The user of that name, or None."""
    row = conn.execute(select(users).where(users.c.name == name)).first()
    return None if row is None else _user(row)


def all_users(conn: Connection) -> list[User]:
    """Every user, by name."""
    return [_user(row) for row in conn.execute(select(users).order_by(users.c.name))]


def lock_admins(conn: Connection) -> None:
    """Keeps others from changing any administrator until the transaction ends."""
    admins = select(users.c.name).where(users.c.role == "admin")
    conn.execute(admins.order_by(users.c.name).with_for_update(key_share=True)).all()


def save_terms(conn: Connection, user: User) -> None:
    """Saves what administrators decide of a user: role, full name and creditors."""
    terms = {name: _changing(user)[name] for name in ("full_name", "creditors")}
    conn.execute(update(users).where(users.c.name == user.name).values(role=user.role, **terms))


def save_preferences(conn: Connection, user: User) -> None:
    """Saves what a user decides: full name, language, zone and shortcuts. Role and creditors stay as they stand."""
    own = {name: _changing(user)[name] for name in ("full_name", "language", "zone", "has_keys")}
    conn.execute(update(users).where(users.c.name == user.name).values(**own))


def enable_user(conn: Connection, name: str) -> bool:
    """Lets a disabled user in again; False when there is none."""
    put = update(users).where(users.c.name == name, users.c.disabled_at.is_not(None))
    return conn.execute(put.values(disabled_at=None)).rowcount == 1


def disable_user(conn: Connection, name: str, *, now: datetime) -> bool:
    """Marks a user disabled; False when there is none, or they were disabled already."""
    put = update(users).where(users.c.name == name, users.c.disabled_at.is_(None))
    return conn.execute(put.values(disabled_at=to_micros(now))).rowcount == 1


def insert_key(conn: Connection, key: ApiKey) -> None:
    """Stores a new key. Raises Conflict when a key in use has that name."""
    row = {
        **msgspec.structs.asdict(key),
        "scopes": " ".join(key.scopes),
        "created_at": to_micros(key.created_at),
        "expires_at": maybe_micros(key.expires_at),
        "last_used_at": maybe_micros(key.last_used_at),
        "revoked_at": maybe_micros(key.revoked_at),
    }
    if not insert_new(conn, api_keys, [row], key=("id",)):
        raise Conflict(
            "a key of this name is in use", hint="revoke it first, or choose another name", code="key_exists"
        )


def find_key(conn: Connection, key_id: str) -> KeyWithOwner | None:
    """The key of that public id, revoked and expired ones too, with its owner."""
    row = conn.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    if row is None:
        return None
    key = _key(row)
    return KeyWithOwner(key, load_user(conn, key.owner) if key.owner is not None else None)


def all_keys(conn: Connection) -> list[ApiKey]:
    """Every key, by name, the latest of a name first."""
    statement = select(api_keys).order_by(api_keys.c.name, api_keys.c.created_at.desc(), api_keys.c.id)
    return [_key(row) for row in conn.execute(statement)]


def note_use(conn: Connection, key_id: str, *, now: datetime, unless_since: datetime) -> None:
    """Records that a key was used, unless a use since `unless_since` is recorded."""
    is_old = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < to_micros(unless_since))
    conn.execute(update(api_keys).where(api_keys.c.id == key_id, is_old).values(last_used_at=to_micros(now)))


def revoke_key(conn: Connection, name_or_id: str, *, now: datetime) -> Sequence[str]:
    """Revokes the key in use of that name or id; returns the ids revoked, none when there was none."""
    is_it = or_(api_keys.c.name == name_or_id, api_keys.c.id == name_or_id)
    put = update(api_keys).where(is_it, api_keys.c.revoked_at.is_(None)).values(revoked_at=to_micros(now))
    return conn.execute(put.returning(api_keys.c.id)).scalars().all()


def _changing(user: User) -> dict[str, Any]:
    return {
        "full_name": user.full_name,
        "language": user.language,
        "zone": user.zone,
        "has_keys": user.has_keys,
        "creditors": None if user.creditors is None else " ".join(sorted(user.creditors)),
    }


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        role=row.role,
        created_at=from_micros(row.created_at),
        created_by=row.created_by,
        disabled_at=maybe_instant(row.disabled_at),
        full_name=row.full_name,
        language=row.language,
        zone=row.zone,
        has_keys=bool(row.has_keys),
        creditors=None if row.creditors is None else frozenset(row.creditors.split()),
    )


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        role=row.role,
        secret_hash=row.secret_hash,
        scopes=tuple(row.scopes.split()),
        owner=row.owner,
        created_at=from_micros(row.created_at),
        created_by=row.created_by,
        expires_at=maybe_instant(row.expires_at),
        last_used_at=maybe_instant(row.last_used_at),
        revoked_at=maybe_instant(row.revoked_at),
    )
