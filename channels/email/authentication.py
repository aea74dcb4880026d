"""Whether a mail is from the domain that it says: what the receiving server found by DMARC, DKIM and SPF (RFC 8601).

Judges by that server's words alone; verifies no signature and asks no DNS.
"""

import re
from collections.abc import Mapping
from email.message import Message

import msgspec

from channels.email.bounded_mime import header

_HEADER = "Authentication-Results"
_COMMENT = re.compile(r"\([^()]*\)")
_METHOD = re.compile(r"\s*(dmarc|dkim|spf)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.d|header\.i|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,300})", re.IGNORECASE)
_FAILED = frozenset({"fail", "softfail"})
_DOMAIN = re.compile(r"[a-z0-9.-]{1,253}")
_DKIM_OF_SENDGRID = re.compile(r"@([A-Za-z0-9.-]{1,253})\s*:\s*([a-z]{1,20})")


class _Result(msgspec.Struct, frozen=True):
    method: str
    word: str
    domains: tuple[str, ...]


def is_authenticated(mail: Message, sender: str) -> bool | None:
    """Whether the sender's domain stands behind the mail: None when nothing says so or otherwise.

    Only the topmost header counts, which the last server wrote; those below came with the mail, from anybody.
    """
    results = _results(header(mail, _HEADER))
    domain = sender.rpartition("@")[2].lower()
    verdict = next((result.word for result in results if result.method == "dmarc"), "")
    if verdict in ("pass", "fail"):
        return verdict == "pass"
    if any(result.word == "pass" and _is_of(result, domain) for result in results):
        return True
    has_dkim = any(result.method == "dkim" and result.word == "pass" for result in results)
    has_failed = any(
        (result.method == "spf" and result.word in _FAILED)
        or (result.method == "dkim" and result.word == "fail" and _is_of(result, domain))
        for result in results
    )
    return False if has_failed and not has_dkim else None


def _results(text: str) -> list[_Result]:
    for _ in range(3):  # comments in comments
        text = _COMMENT.sub(" ", text)
    found: list[_Result] = []
    for part in text.split(";")[1:50]:  # the first is the server's name
        if method := _METHOD.match(part):
            domains = tuple(each[1].rpartition("@")[2].lower() for each in _PROPERTY.findall(part)[:10])
            found.append(_Result(method[1].lower(), method[2].lower(), domains))
    return found


def _is_of(result: _Result, domain: str) -> bool:
    """Whether it is about the domain of the sender, or one below or above it."""
    return bool(domain) and any(
        each == domain or each.endswith(f".{domain}") or domain.endswith(f".{each}") for each in result.domains if each
    )


def results_of_sendgrid(fields: Mapping[str, str], mail_from: str) -> str:
    """The fields `SPF` and `dkim` of Inbound Parse as the header that they stand for; empty when there are none.

    `SPF` is a word about the envelope's sender, `dkim` such as `{@client.example : pass}`, or `none`.
    """
    said: list[str] = []
    spf = fields.get("SPF", "").strip().lower()
    if spf.isascii() and spf.isalpha():
        domain = mail_from.rpartition("@")[2].lower()
        said.append(f"spf={spf[:20]}" + (f" smtp.mailfrom={domain}" if _DOMAIN.fullmatch(domain) else ""))
    dkim = _DKIM_OF_SENDGRID.findall(fields.get("dkim", "")[:2_000])
    said += [f"dkim={word} header.d={domain.lower()}" for domain, word in dkim[:10]]
    return f"{_HEADER}: inbound-parse; {'; '.join(said)}" if said else ""
