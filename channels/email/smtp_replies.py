"""What a mail server's refusal means: reply codes (RFC 5321), enhanced status codes (RFC 3463, 5248, 7372, 7505).

The words behind a code are never read: every server has its own, and they quote the address.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from channels.contract import Outcome, ReasonClass, Rejected, Throttled

_BUSY = Throttled(60.0)  # the server closes this connection, or has too many
_LATER = Throttled(300.0)  # greylisting and rate limits; servers rarely take a second try within five minutes
_ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})(?=\s|$)")


class Stage(StrEnum):
    """The step of a conversation that a reply answers. From CONTENT's end on, no reply is a doubt."""

    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"


OPENING = frozenset({Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.AUTH})


class Reply(Struct, frozen=True):
    """A complete reply; `lines` without their codes."""

    code: int
    lines: tuple[str, ...] = ()

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def enhanced(self) -> str:
        """`5.1.1`; empty when there is none, or one of another class than the code."""
        match = _ENHANCED.match(self.lines[0]) if self.lines else None
        return match[0] if match and match[1] == str(self.code)[0] else ""


# Class and subject, where the detail says nothing else.
SUBJECTS: Mapping[str, ReasonClass | Throttled] = MappingProxyType(
    {
        "5.1": ReasonClass.ADDRESS,
        "5.2": ReasonClass.UNREACHABLE,
        "5.3": ReasonClass.UNREACHABLE,
        "5.4": ReasonClass.UNREACHABLE,
        "5.5": ReasonClass.CONFIG,
        "5.6": ReasonClass.CONTENT,
        "5.7": ReasonClass.BLOCKED,
        "4.1": ReasonClass.UNREACHABLE,
        "4.2": ReasonClass.UNREACHABLE,
        "4.3": _LATER,
        "4.4": ReasonClass.UNREACHABLE,
        "4.5": _LATER,
        "4.6": ReasonClass.CONTENT,
        "4.7": _LATER,
    }
)
DETAILS: Mapping[str, ReasonClass | Throttled] = MappingProxyType(
    {
        "5.1.7": ReasonClass.CONFIG,  # our sender address, its syntax
        "5.1.8": ReasonClass.CONFIG,  # our sender's domain
        "5.2.1": ReasonClass.ADDRESS,  # mailbox disabled
        "5.2.3": ReasonClass.CONTENT,  # longer than this mailbox takes
        "5.3.4": ReasonClass.CONTENT,  # longer than this server takes
        "5.4.14": ReasonClass.CONFIG,  # a loop
        "5.7.3": ReasonClass.CONFIG,  # authentication
        "5.7.4": ReasonClass.CONFIG,
        "5.7.8": ReasonClass.CONFIG,
        "5.7.9": ReasonClass.CONFIG,
        "5.7.10": ReasonClass.CONFIG,  # encryption needed
        "5.7.11": ReasonClass.CONFIG,
        "5.7.13": ReasonClass.CONFIG,  # our account is disabled
        "5.7.14": ReasonClass.CONFIG,
        "5.7.20": ReasonClass.CONFIG,  # DKIM
        "5.7.21": ReasonClass.CONFIG,
        "5.7.22": ReasonClass.CONFIG,
        "5.7.23": ReasonClass.CONFIG,  # SPF
        "5.7.24": ReasonClass.CONFIG,
        "5.7.25": ReasonClass.CONFIG,  # reverse name of our address
        "5.7.26": ReasonClass.CONFIG,  # several of them, as DMARC
        "5.7.27": ReasonClass.CONFIG,  # our sender's domain takes no mail
        "4.3.4": ReasonClass.CONTENT,
    }
)
# Whatever enhanced code stands behind: the server closes, or wants a login or encryption that it did not get.
BY_CODE: Mapping[int, ReasonClass | Throttled] = MappingProxyType(
    {
        421: _BUSY,
        530: ReasonClass.CONFIG,
        534: ReasonClass.CONFIG,
        535: ReasonClass.CONFIG,
        538: ReasonClass.CONFIG,
    }
)
# Without an enhanced code: by the step, for a 550 speaks of the address only when it answers RCPT.
CODES: Mapping[tuple[Stage, int], ReasonClass | Throttled] = MappingProxyType(
    {
        (Stage.MAIL, 550): ReasonClass.CONFIG,
        (Stage.MAIL, 552): ReasonClass.CONTENT,  # SIZE
        (Stage.MAIL, 553): ReasonClass.CONFIG,
        (Stage.RCPT, 450): _LATER,
        (Stage.RCPT, 501): ReasonClass.ADDRESS,  # its syntax; one address says nothing against the next
        (Stage.RCPT, 452): _LATER,
        (Stage.RCPT, 550): ReasonClass.ADDRESS,
        (Stage.RCPT, 551): ReasonClass.ADDRESS,
        (Stage.RCPT, 552): ReasonClass.UNREACHABLE,  # mailbox full
        (Stage.RCPT, 553): ReasonClass.ADDRESS,
        (Stage.RCPT, 555): ReasonClass.BLOCKED,
        (Stage.RCPT, 556): ReasonClass.ADDRESS,  # the domain takes no mail
        (Stage.CONTENT, 552): ReasonClass.CONTENT,
    }
)
# Without either: whatever the step.
ANY_STEP: Mapping[int, ReasonClass | Throttled] = MappingProxyType(
    {
        450: _LATER,
        451: _LATER,
        452: _LATER,
        454: _LATER,
        455: ReasonClass.CONFIG,
        500: ReasonClass.CONFIG,
        501: ReasonClass.CONFIG,
        502: ReasonClass.CONFIG,
        503: ReasonClass.CONFIG,
        504: ReasonClass.CONFIG,
        521: ReasonClass.CONFIG,
        550: ReasonClass.BLOCKED,
        553: ReasonClass.BLOCKED,
        554: ReasonClass.BLOCKED,
        555: ReasonClass.CONFIG,
    }
)


def refusal(stage: Stage, reply: Reply) -> Outcome:
    """The outcome of a reply that does not let the conversation go on; always definite."""
    meaning = _opening_meaning(reply) if stage in OPENING else meaning_of(stage, reply)
    if isinstance(meaning, Throttled):
        return meaning
    code = f"{reply.code} {reply.enhanced}".strip()
    return Rejected(reason_class=meaning, code=code, detail=f"the mail server refused at {stage}")


def meaning_of(stage: Stage, reply: Reply) -> ReasonClass | Throttled:
    """By enhanced code, then by code and step, then by code; UNKNOWN when no table has it."""
    if reply.code in BY_CODE:
        return BY_CODE[reply.code]
    if reply.enhanced:
        return _by_enhanced(reply.enhanced)
    return CODES.get((stage, reply.code)) or ANY_STEP.get(reply.code, ReasonClass.UNKNOWN)


def reason_of(enhanced: str) -> ReasonClass:
    """Why a message came back, by the status of its bounce; a rate limit that outlasted it is UNREACHABLE."""
    meaning = _by_enhanced(enhanced)
    return ReasonClass.UNREACHABLE if isinstance(meaning, Throttled) else meaning


def _by_enhanced(enhanced: str) -> ReasonClass | Throttled:
    subject = enhanced.rpartition(".")[0]
    return DETAILS.get(enhanced) or SUBJECTS.get(subject, ReasonClass.UNKNOWN)


def _opening_meaning(reply: Reply) -> ReasonClass | Throttled:
    """Before MAIL nothing of a message was said: for now is not written, for good is our set-up."""
    if reply.code == 421:
        return _BUSY
    return ReasonClass.NOT_WRITTEN if 400 <= reply.code < 500 else ReasonClass.CONFIG
