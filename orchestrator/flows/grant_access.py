"""Who may call: users and API keys are added, keys revoked. Who a key belongs to is `check_key`."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.flows.answer_task import RANK
from orchestrator.storage import access, audit
from orchestrator.storage.database import Connection, Database

# What a key may be limited to; a key without any may do all that its role may.
SCOPES = (
    "campaigns:read", "cases:read", "cases:write", "crises:read", "crises:write", "debts:write", "endpoints:read",
    "endpoints:write", "messages:read", "metrics:read", "pauses:read", "pauses:write", "payments:write",
    "portfolios:read", "portfolios:write", "replies:read", "replies:write", "tasks:read", "tasks:write",
    "webhooks:read", "webhooks:write",
)  # fmt: skip

# `new` is an address of the console; by the others the software, and whoever it hears, sign what they do.
_OUR_OWN = frozenset({"new", "relance", "debtor", "inbox", "gate", "worker", "start", "provider", "bank"})

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}", re.ASCII)


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made. `text` is what its holder sends; it is not stored and cannot be shown again."""

    key: access.ApiKey
    text: str


class KeyTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a key is to be: `owner` names the user it belongs to, empty for a program's."""

    name: str
    role: str
    scopes: tuple[str, ...] = ()
    owner: str = ""
    expires_at: datetime | None = None


def draw_key() -> tuple[str, str]:
    """A public id of 48 bits and a secret of 256."""
    return secrets.token_hex(6), secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is stored of a secret: SHA-256 is enough for 256 random bits, no dictionary reaches them."""
    return sha256(secret.encode()).hexdigest()


def add_user(
    database: Database,
    name: str,
    *,
    role: str,
    by: str,
    now: datetime,
    language: str = "fr",
    full_name: str = "",
    creditors: frozenset[str] | None = None,
) -> access.User:
    """A new user, who sees `creditors`, None all.

    Raises InputError for a name, role or creditors that cannot be, Conflict when the name was ever used.
    """
    require_name(name)
    if name in _OUR_OWN:
        raise InputError("this name is the software's own", hint="take another", code="name_reserved")
    _check_role(role)
    require_creditors(creditors)
    user = access.User(
        name=name, role=role, created_at=now, created_by=by, language=language, full_name=full_name, creditors=creditors
    )
    with database.begin() as conn:
        access.insert_user(conn, user)
        audit.append(conn, audit.Line(at=now, who=by, act="user.add", subject=f"{name} {role}"))
    return user


def add_key(
    database: Database, terms: KeyTerms, *, by: str, now: datetime, drawn: tuple[str, str] | None = None
) -> NewKey:
    """A new key. Raises InputError, NotFound for its owner, Conflict when its name is in use or its role too high."""
    require_name(terms.name)
    _check_role(terms.role)
    _check_scopes(terms.scopes)
    if terms.expires_at is not None and terms.expires_at <= now:
        raise InputError("the key would have expired already", hint="give a later end")
    key_id, secret = drawn or draw_key()
    key = access.ApiKey(
        id=key_id,
        name=terms.name,
        role=terms.role,
        scopes=tuple(sorted(set(terms.scopes))),
        owner=terms.owner or None,
        secret_hash=digest_of(secret),
        created_at=now,
        created_by=by,
        expires_at=terms.expires_at,
    )
    with database.begin() as conn:
        if terms.owner:
            _check_owner(conn, terms)
        access.insert_key(conn, key)
        audit.append(conn, audit.Line(at=now, who=by, act="key.add", subject=f"{key.name} {key_id} {key.role}"))
    return NewKey(key, f"rk_{key_id}_{secret}")


def revoke_key(database: Database, name_or_id: str, *, by: str, now: datetime) -> Sequence[str]:
    """Revokes a key in use: the next request with it is refused. Raises NotFound."""
    with database.begin() as conn:
        revoked = access.revoke_key(conn, name_or_id, now=now)
        for key_id in revoked:
            audit.append(conn, audit.Line(at=now, who=by, act="key.revoke", subject=key_id))
    if not revoked:
        raise NotFound("no key in use has this name or id", hint="see `relance key list`")
    return revoked


def _check_owner(conn: Connection, terms: KeyTerms) -> None:
    owner = access.load_user(conn, terms.owner)
    if owner is None:
        raise NotFound("no user has this name", hint="see `relance user list`")
    if owner.disabled_at is not None:
        raise Conflict("this user is disabled", code="user_disabled")
    if RANK[terms.role] > RANK[owner.role]:
        hint = f"the user is {owner.role}"
        raise Conflict("a key may not do more than its user", hint=hint, code="role_too_low")


def require_name(name: str) -> None:
    """Raises InputError for what cannot be the name of a user, a key or a portfolio."""
    if not _NAME.fullmatch(name):
        hint = "small letters, digits, dot, dash and underscore, at most 40"
        raise InputError("this cannot be a name", hint=hint)


def require_creditors(creditors: frozenset[str] | None) -> None:
    """Raises InputError for a user who would see no creditor."""
    if creditors is not None and not creditors:
        raise InputError("a user sees some creditors, or all", hint="tick at least one", code="no_creditor")


def _check_role(role: str) -> None:
    if role not in RANK:
        raise InputError("this role does not exist", hint="there are " + ", ".join(RANK))


def _check_scopes(scopes: tuple[str, ...]) -> None:
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise InputError(f'no scope is named "{unknown[0]}"', hint="there are " + ", ".join(SCOPES))
