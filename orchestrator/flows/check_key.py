"""Whose key is this: the caller behind the text of an API key, or nobody. Why it is nobody is not told."""

import hmac
import re
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from orchestrator.domain.errors import StorageError
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.grant_access import digest_of
from orchestrator.storage import access
from orchestrator.storage.database import Database

# How exact "last used" is: a busy key would otherwise write at each request.
USE_NOTED_EVERY = timedelta(minutes=1)

_KEY = re.compile(r"rk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. `name` is what is recorded, `role` the lower of the key's and its owner's; no `scopes`: all of it.

    `is_restricted`: the owner sees some creditors only, which the console knows how to keep to and the API does not.
    """

    key_id: str
    name: str
    role: str
    scopes: tuple[str, ...] = ()
    is_restricted: bool = False

    def may(self, role: str, scope: str) -> bool:
        """Whether the role reaches, and the scopes hold, what is asked."""
        return RANK[self.role] >= RANK[role] and (not self.scopes or scope in self.scopes)


def check_key(database: Database, text: str, *, now: datetime) -> Caller | None:
    """The caller of a key that is known, not revoked, not expired, and whose owner is not disabled; else None."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    key_id, secret = match.groups()
    with database.read() as conn:
        found = access.find_key(conn, key_id)
    expected = found.key.secret_hash if found else digest_of("")
    # Compared before anything else is looked at, so that time tells nothing about a key that one has not.
    if not hmac.compare_digest(digest_of(secret), expected) or found is None or not _is_in_force(found, now):
        return None
    key = found.key
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
        _note_use(database, key_id, now)
    roles = [key.role, *([found.owner.role] if found.owner else [])]
    return Caller(
        key_id=key_id,
        name=found.owner.name if found.owner else key.name,
        role=min(roles, key=RANK.__getitem__),
        scopes=key.scopes,
        is_restricted=found.owner is not None and found.owner.creditors is not None,
    )


def _is_in_force(found: access.KeyWithOwner, now: datetime) -> bool:
    key, owner = found.key, found.owner
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return False
    return owner is None or owner.disabled_at is None


def _note_use(database: Database, key_id: str, now: datetime) -> None:
    """Not worth refusing a request for: a database that is busy now is told by the next one."""
    with suppress(StorageError), database.begin() as conn:
        access.note_use(conn, key_id, now=now, unless_since=now - USE_NOTED_EVERY)
