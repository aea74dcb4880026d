"""Browsers in which an account signed in before, by a signed cookie: strangers never make them wait (`count_tries`).

What OWASP calls device cookies. Such a proof opens nothing: without the password it is worth tries of its own, no more.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from orchestrator.storage import sign_in
from orchestrator.storage.database import Database

# Browsers keep no cookie longer than 400 days. Each sign-in begins anew.
KEPT = timedelta(days=365)
# Of a computer that colleagues share: each signs in with a proof of their own, the latest first.
_MOST_PROOFS = 4
_LONGEST = 500  # characters
_BETWEEN = "~"
_PROOF = re.compile(r"\d{1,12}\.[\w-]{16}\.[0-9a-f]{64}", re.ASCII)


def known_device(database: Database, name: str, cookie: str, *, secret_key: str, now: datetime) -> str:
    """The id of the device on which that account signed in before; empty for a stranger's."""
    if not cookie:
        return ""
    bound = _bound_to(database, name)
    found = [each for each in _proofs(cookie) if _proves(each, name, bound, secret_key, now)]
    # Judged for nobody too, so that the answer takes as long.
    return found[0].split(".")[1] if found and bound else ""


def remember_device(database: Database, name: str, cookie: str, *, secret_key: str, now: datetime) -> str:
    """The cookie for a browser in which that account has just signed in; it had `cookie` before, others' proofs too."""
    bound = _bound_to(database, name)
    others = [each for each in _proofs(cookie) if not _proves(each, name, bound, secret_key, now)]
    issued, drawn = str(int(now.timestamp())), secrets.token_urlsafe(12)
    mine = f"{issued}.{drawn}.{_signature(name, issued, drawn, bound, secret_key)}"
    return _BETWEEN.join([mine, *others][:_MOST_PROOFS])


def _proofs(cookie: str) -> list[str]:
    """What may be a proof; of what we never gave out, nothing."""
    parts = cookie.split(_BETWEEN) if len(cookie) <= _LONGEST else []
    return [each for each in parts if _PROOF.fullmatch(each)]


def _proves(proof: str, name: str, bound: str, secret_key: str, now: datetime) -> bool:
    issued, drawn, signature = proof.split(".")
    if not hmac.compare_digest(signature, _signature(name, issued, drawn, bound, secret_key)):
        return False
    return abs(now.timestamp() - int(issued)) <= KEPT.total_seconds()


def _signature(name: str, issued: str, drawn: str, bound: str, secret_key: str) -> str:
    """Of whom, when, which, and the password it was given for: no other account and no later password has the same."""
    signed = f"console device\0{name}\0{issued}\0{drawn}\0{bound}"
    return hmac.new(secret_key.encode(), signed.encode(), sha256).hexdigest()


def _bound_to(database: Database, name: str) -> str:
    """What of the account a proof ends with: the password, and the round that goes up when it is disabled."""
    with database.read() as conn:
        found = sign_in.load_credentials(conn, name)
    return f"{found.device_round} {found.password_hash}" if found else ""
