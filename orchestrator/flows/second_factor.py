"""The optional second factor: codes of thirty seconds (RFC 6238), each taken once; their secret is kept sealed."""

import base64
from datetime import datetime

import msgspec
import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchestrator.domain.errors import Conflict, InputError
from orchestrator.flows.prove_password import prove_password
from orchestrator.storage import access, sign_in
from orchestrator.storage.database import Connection, Database

_PERIOD = 30
_DIGITS = 6
_SECRET_CHARACTERS = 32


def new_secret() -> str:
    """A secret of 160 bits, as programs that show codes take it (base32)."""
    return pyotp.random_base32()


def address_of(secret: str, user: str) -> str:
    """The `otpauth://` address that a QR code shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name="Relance")


def is_secret(text: str) -> bool:
    """Whether it could be a secret of ours, sent back by a form."""
    return len(text) == _SECRET_CHARACTERS and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Who changes their second factor, in which session, and their password once more: others of their sessions end."""

    user: access.User
    password: str
    session: str


def enrol(database: Database, asked: Asked, secret: str, code: str, *, secret_key: str, now: datetime) -> None:
    """From now on signing in asks for a code.

    Raises InputError `code_wrong` unless `code` is that of the secret, and as `prove_password` does.
    """
    step = _step_of(secret, code, now)
    if step is None:
        hint = "the clock of the telephone must be right"
        raise InputError("this is not the code of now", hint=hint, code="code_wrong")
    prove_password(database, asked.user, asked.password, session=asked.session, act="set_code", now=now)
    _put(database, asked, _box(secret_key).encrypt(secret.encode()).decode(), step=step, now=now)


def remove(database: Database, asked: Asked, *, now: datetime) -> None:
    """Signing in asks for no code any more. Raises as `prove_password` does."""
    prove_password(database, asked.user, asked.password, session=asked.session, act="remove_code", now=now)
    _put(database, asked, None, step=0, now=now)


def takes_code(conn: Connection, found: sign_in.Credentials, code: str, *, secret_key: str, now: datetime) -> bool:
    """Whether the code is right and was not taken before; it is taken now."""
    try:
        secret = _box(secret_key).decrypt((found.totp_sealed or "").encode()).decode()
    except InvalidToken as error:
        hint = "the secret key of the deployment has changed: `relance user reset` gives a new link"
        raise Conflict("the second factor cannot be read", hint=hint, code="factor_sealed") from error
    step = _step_of(secret, code, now)
    return step is not None and sign_in.take_totp_step(conn, found.user, step)


def _put(database: Database, asked: Asked, sealed: str | None, *, step: int, now: datetime) -> None:
    with database.begin() as conn:
        sign_in.put_totp(conn, asked.user.name, sealed, step=step)
        sign_in.end_sessions(conn, asked.user.name, now=now, but=asked.session)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code it is: that of now, or one either side for clocks that differ."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    codes = pyotp.TOTP(secret)
    at = int(now.timestamp()) // _PERIOD
    return next(
        (step for step in (at, at - 1, at + 1) if pyotp.utils.strings_equal(codes.generate_otp(step), digits)), None
    )


def _box(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"relance second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
