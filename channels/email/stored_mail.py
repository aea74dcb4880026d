"""A mail as text that a database can hold, and back, byte for byte."""

import base64
import binascii

_PLAIN, _CODED = "utf-8\n", "base64\n"


def stored_mail(raw: bytes) -> str:
    """The mail as it is where it is UTF-8, as most are, so that a person can read it; in base64 where it is not."""
    if b"\0" not in raw:
        try:
            return _PLAIN + raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return _CODED + base64.b64encode(raw).decode("ascii")


def opened_mail(body: str) -> bytes | None:
    """The bytes of `stored_mail`; None for a text that is none of it."""
    if body.startswith(_PLAIN):
        return body.removeprefix(_PLAIN).encode("utf-8", "replace")
    if not body.startswith(_CODED):
        return None
    try:
        return base64.b64decode(body.removeprefix(_CODED), validate=True)
    except (binascii.Error, ValueError):
        return None
