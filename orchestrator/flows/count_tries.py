"""How many tries at a password there may be, by account and place or by known device; each is counted first."""

from datetime import datetime, timedelta

import msgspec

from orchestrator.domain.errors import Conflict
from orchestrator.storage import sign_in
from orchestrator.storage.database import Connection

# The first tries cost nothing; then each failure doubles the wait. An account never waits longer than a minute, so
# that nobody locks a colleague out. Tries are forgotten once whoever waited for that had fewer of them than whoever did
# not. Beyond so many keys the oldest go, known names and others alike, so that nothing tells which are known: hashing
# lets fewer than this through in the minute that an account waits.
_FREE_TRIES = 5
_ACCOUNT_WAIT = timedelta(minutes=1)
TRIES_KEPT = timedelta(minutes=15)
MOST_TRIES = 10_000
# A place may fail twenty times, and once more each minute: a whole office types wrongly every day from one address,
# and must not pay for it for ever.
_PLACE_TRIES = 20
_PLACE_EACH = timedelta(minutes=1)
# So often a known device may fail; then it is a stranger's until `TRIES_KEPT` after the last of these.
_DEVICE_TRIES = 10


class Counted(msgspec.Struct, frozen=True):
    """Under what a try was counted: an account or device, and the place it came from, empty for none."""

    key: str
    place: str


def count_anywhere(conn: Connection, account: str, place: str, device: str, now: datetime) -> Counted:
    """Counts a try to sign in: under a known device alone, else under account and place. Raises while it must wait.

    So strangers never make a device wait, and what a device has failed or was right in changes nothing for them.
    """
    if device:
        tries = sign_in.lock_tries(conn, device, now=now)
        if tries.failures < _DEVICE_TRIES or abs(now - tries.last_at) > TRIES_KEPT:
            account, place = device, ""
    wait_or_count(conn, account, place, now)
    return Counted(account, place)


def wait_or_count(conn: Connection, account: str, place: str, now: datetime) -> None:
    """Counts the try before it is judged, so that a hundred at once are a hundred. Raises while it must wait."""
    tries = sign_in.lock_tries(conn, account, now=now)
    failures = tries.failures if now - tries.last_at <= TRIES_KEPT else 0
    # Either side: who reads the clock first is not who gets the lock first. A clock that is set back frees.
    if abs(now - tries.last_at) < wait_after(failures):
        raise _too_many()
    sign_in.put_tries(conn, account, failures + 1, at=now)
    if place:
        # `last_at` of a place is when all it has used up will have come back; a success brings its part back at once.
        whole = _PLACE_TRIES * _PLACE_EACH
        back_at = sign_in.lock_tries(conn, place, now=now).last_at
        back_at = back_at if now < back_at <= now + whole else now
        if back_at + _PLACE_EACH > now + whole:
            raise _too_many()
        sign_in.put_tries(conn, place, 1, at=back_at + _PLACE_EACH)


def wait_after(failures: int) -> timedelta:
    """How long an account waits for its next try."""
    if failures < _FREE_TRIES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - _FREE_TRIES, 20)), _ACCOUNT_WAIT)


def _too_many() -> Conflict:
    return Conflict("there were too many tries; wait a little", hint="a minute or two", code="too_many_tries")


def place_was_right(conn: Connection, place: str) -> None:
    """What the try of a place used up comes back to it."""
    if place:
        sign_in.bring_back(conn, place, by=_PLACE_EACH)
