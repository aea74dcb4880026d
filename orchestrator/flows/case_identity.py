"""The reference of a case, which debtors read and agents type. Derived, so that imports are idempotent."""

from hashlib import blake2b

# Crockford's alphabet: no letter that a person may take for a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 11


def case_id_of(creditor: str, debtor_ref: str, currency: str, payee: str) -> str:
    """Eleven characters (55 bits) of a digest of the account: one collision in 70,000 portfolios of a million."""
    digest = blake2b(f"{creditor}\x1f{debtor_ref}\x1f{currency}\x1f{payee}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big") >> 9
    return "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in reversed(range(_LENGTH)))
