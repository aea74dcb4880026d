"""Passwords: which may be chosen, how they are kept (argon2id), and that guessing them never fills the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from orchestrator.domain.errors import Conflict, InputError

SHORTEST = 15  # characters (ASVS 5, 6.2.1); long ones need no rule about digits and signs
LONGEST = 128
_DISTINCT = 6

# The least that OWASP recommends: 19 MiB and two passes, some 50 ms. Two at once: a flood of guesses waits its turn
# and takes 38 MiB, not the machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)
# Whoever waits holds a thread of the server, which has twelve: beyond these one is sent away, so that a flood of
# guesses leaves pages, API and webhooks theirs.
_IN_LINE = BoundedSemaphore(5)
# Strangers never take the places of who signed in before, on that device or in that session.
_KNOWN_IN_LINE = BoundedSemaphore(2)
# Checked when nobody has that name, so that the answer takes as long.
_NOBODY = _HASHER.hash("nobody has this password")

_COMMON = ("password", "motdepasse", "azerty", "qwerty", "123456", "relance", "bonjour", "admin")


def check_password(text: str, *, name: str) -> None:
    """Raises InputError for a password that is too short, too long, too plain, or holds the user's own name."""
    if not SHORTEST <= len(text) <= LONGEST:
        hint = f"{SHORTEST} to {LONGEST} characters; four or five words that have nothing to do with each other do well"
        raise InputError("the password is too short or too long", hint=hint, code="password_length")
    plain = text.lower()
    # What is left without what everybody tries first must still be long enough to be a secret.
    for word in (*_COMMON, name.lower()):
        plain = plain.replace(word, "")
    if len(set(plain)) < _DISTINCT or len(plain) < SHORTEST // 2:
        hint = "choose words that nobody would guess of you"
        raise InputError("the password is too easy to guess", hint=hint, code="password_weak")


@contextmanager
def in_line(*, is_known: bool = False) -> Iterator[None]:
    """A place among the few who sign in at this moment. Raises Conflict `too_many_tries` when none is free."""
    line = _KNOWN_IN_LINE if is_known else _IN_LINE
    if not line.acquire(blocking=False):
        raise Conflict("too many sign in at this moment", hint="try again in a few seconds", code="too_many_tries")
    try:
        yield
    finally:
        line.release()


def hash_password(text: str) -> str:
    """What is stored of a password."""
    with _AT_ONCE:
        return _HASHER.hash(text)


def is_password(stored: str | None, text: str) -> bool:
    """Whether it is the password; takes as long when there is none to compare with."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODY, text[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None and len(text) <= LONGEST
