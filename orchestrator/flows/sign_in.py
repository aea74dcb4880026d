"""Signing in and out: password, code, session. Guesses are slowed (`count_tries`); why it failed is not told."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from orchestrator.domain.errors import Conflict, InputError
from orchestrator.flows.count_tries import MOST_TRIES, TRIES_KEPT, count_anywhere, place_was_right
from orchestrator.flows.known_device import known_device
from orchestrator.flows.passwords import check_password, hash_password, in_line, is_password
from orchestrator.flows.prove_password import prove_password
from orchestrator.flows.second_factor import takes_code
from orchestrator.flows.tell_refusals import tell_counted, tell_refusal
from orchestrator.storage import access, audit, sign_in
from orchestrator.storage.database import Connection, Database

IDLE_MINUTES = 60
LONGEST_HOURS = 12
# How exact "last seen" is: a busy session would otherwise write at each page.
_SEEN_EVERY = timedelta(minutes=1)

_SESSIONS_KEPT = timedelta(days=1)
_LONGEST_DEVICE = 120


class Proofs(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody brings to sign in: `place` is where they call from, `device` what they call with.

    `known` is the cookie by which a device is known.
    """

    name: str
    password: str
    code: str = ""
    place: str = ""
    device: str = ""
    known: str = ""


class SignedIn(msgspec.Struct, frozen=True):
    """A session that began: `token` is for the cookie alone, and is not stored."""

    token: str
    user: access.User


class CodeNeeded(Conflict):
    """The password is right, and a code is asked for."""

    code = "code_needed"


def sign_in_with(database: Database, proofs: Proofs, *, secret_key: str, now: datetime) -> SignedIn:
    """Begins a session. Raises InputError `sign_in_refused`, Conflict `too_many_tries`, CodeNeeded without a code."""
    name = proofs.name.strip().lower()[:80]
    account, place = f"account:{name}", f"place:{digest_of(proofs.place)[:32]}" if proofs.place else ""
    known = known_device(database, name, proofs.known, secret_key=secret_key, now=now)
    with in_line(is_known=bool(known)):
        with database.begin() as conn:
            counted = count_anywhere(conn, account, place, f"device:{known}" if known else "", now)
            user, found = access.load_user(conn, name), sign_in.load_credentials(conn, name)
        is_right = is_password(found.password_hash if found else None, proofs.password)
    if not is_right or user is None or found is None or user.disabled_at is not None:
        raise _refusal(database, user, proofs.place, now)
    if found.totp_sealed is not None and not proofs.code.strip():
        with database.begin() as conn:  # that it came without the code is no failure
            sign_in.take_back_try(conn, counted.key)
            place_was_right(conn, counted.place)
        raise CodeNeeded("a code is asked for too")
    with database.begin() as conn:
        if _still_stands(conn, user, found) and (
            found.totp_sealed is None or takes_code(conn, found, proofs.code, secret_key=secret_key, now=now)
        ):
            sign_in.forget_tries(conn, counted.key)
            place_was_right(conn, counted.place)
            tell_counted(conn, now=now)
            audit.append(conn, audit.Line(at=now, who=name, role=user.role, act="sign_in", subject=proofs.place))
            return SignedIn(_begin(conn, user, proofs.device, now), user)
    raise _refusal(database, user, proofs.place, now)


def who_is(database: Database, token: str, *, now: datetime) -> tuple[sign_in.Session, access.User] | None:
    """Whose session a cookie opens: live, seen within the hour, of a user who is not disabled; else None."""
    found = still_here(database, digest_of(token), now=now)
    if found is None:
        return None
    session, _ = found
    if now - session.seen_at >= _SEEN_EVERY:
        with database.begin() as conn:
            sign_in.note_seen(conn, session.digest, now=now)
    return found


def still_here(database: Database, digest: str, *, now: datetime) -> tuple[sign_in.Session, access.User] | None:
    """The session of a digest while it opens anything; to ask does not make it last longer."""
    with database.read() as conn:
        found = sign_in.find_session(conn, digest)
    if found is None:
        return None
    session, user = found
    is_over = session.ended_at is not None or session.expires_at <= now
    is_idle = now - session.seen_at > timedelta(minutes=IDLE_MINUTES)
    return None if is_over or is_idle or user.disabled_at is not None else found


def sign_out(database: Database, user: access.User, digest: str, *, now: datetime) -> None:
    """Ends a session for good: its cookie opens nothing any more, wherever a copy of it is."""
    with database.begin() as conn:
        sign_in.end_sessions(conn, user.name, now=now, digest=digest)
        audit.append(conn, audit.Line(at=now, who=user.name, role=user.role, act="sign_out"))


def change_password(database: Database, user: access.User, *, old: str, new: str, session: str, now: datetime) -> None:
    """Sets another password, ends every session but this one. Raises InputError when `old` is wrong or `new` weak."""
    check_password(new, name=user.name)
    prove_password(database, user, old, session=session, act="set_password", now=now)
    hashed = hash_password(new)
    with database.begin() as conn:
        sign_in.put_password(conn, user.name, hashed, now=now)
        sign_in.end_sessions(conn, user.name, now=now, but=session)


def begin_session(conn: Connection, user: access.User, *, device: str, now: datetime) -> SignedIn:
    """A session for somebody who proved who they are otherwise, inside a transaction of the caller's."""
    return SignedIn(_begin(conn, user, device, now), user)


def digest_of(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so SHA-256 is enough."""
    return sha256(token.encode()).hexdigest()


def _begin(conn: Connection, user: access.User, device: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    sign_in.forget_sessions(conn, before=now - _SESSIONS_KEPT)
    session = sign_in.Session(
        digest=digest_of(token),
        user=user.name,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=LONGEST_HOURS),
        device=device[:_LONGEST_DEVICE],
    )
    sign_in.insert_session(conn, session)
    return token


def _still_stands(conn: Connection, user: access.User, found: sign_in.Credentials) -> bool:
    """Whether what was judged is so still: judging takes long enough for a password to change or a user to be disabled.

    The secrets stay locked until the transaction ends, so that what ends sessions meets this one too.
    """
    secrets_now = sign_in.load_credentials(conn, user.name, for_update=True)
    user_now = access.load_user(conn, user.name)
    is_same = secrets_now is not None and (
        (secrets_now.password_hash, secrets_now.totp_sealed) == (found.password_hash, found.totp_sealed)
    )
    return is_same and user_now is not None and user_now.disabled_at is None


def _refusal(database: Database, user: access.User | None, place: str, now: datetime) -> InputError:
    """Of a name that nobody has, the audit says so and no more: it may be a password in the wrong field."""
    with database.begin() as conn:
        tell_refusal(conn, user.name if user else "?", place=place, now=now)
        sign_in.sweep_tries(conn, before=now - TRIES_KEPT, most=MOST_TRIES)
    return InputError("this name and password, or this code, open nothing", code="sign_in_refused")
