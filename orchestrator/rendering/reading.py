"""A brief being read, and how a fact of it is given a name. Owns the reading and its cleaning, not the facts.

A fact is worked out only when the template at hand names it.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

import msgspec

from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.creditor import Collector
from orchestrator.domain.pay_to import PayTo, pay_to
from orchestrator.domain.statement import StatementLine
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.typography import Typography

_MAX_VALUE = 200
_LEGAL_FORM = re.compile(
    r"[ ,]+(SASU?|SARL|S\.A\.R\.L\.|SA|S\.A\.|EURL|SCI|SNC|SELARL|SCOP|GIE|EI|Ltd|Limited|PLC|LLC|Inc|GmbH)\.?$"
)

Value = str | bool | tuple[tuple[str | bool, ...], ...]
Kind = Literal["text", "flag", "rows"]


class Reading:
    """A brief being read for one message. `show_amount`: the deployment lets SMS carry amounts (semantics D9)."""

    def __init__(self, brief: Brief, hand: Typography, *, show_amount: bool = False) -> None:
        self.brief = brief
        self.statement = brief.statement
        self.hand = hand
        self.may_show_amount = show_amount

    @property
    def collector(self) -> Collector | None:
        """The third-party collector, when one writes."""
        return self.brief.creditor.collector if self.brief.creditor.party == "third_party" else None

    @cached_property
    def pay_to(self) -> PayTo:
        """Who is paid, and how."""
        return pay_to(self.brief.creditor, self.brief.payee)

    @cached_property
    def creditor(self) -> str:
        """The creditor's name as people say it."""
        return short_name(self.brief.creditor.name)

    @cached_property
    def sender(self) -> str:
        """Who writes."""
        who = self.collector
        return short_name(who.name) if who else self.creditor

    @cached_property
    def due(self) -> tuple[StatementLine, ...]:
        """What the message is about: before the due date nothing is due, and what is to come stands in its place."""
        statement = self.statement
        return statement.due or (statement.listed if self.brief.send.kind is DocumentKind.UPCOMING else ())

    @property
    def is_upcoming(self) -> bool:
        """Whether what the message is about is still to come."""
        return not self.statement.due and self.brief.send.kind is DocumentKind.UPCOMING

    def sum(self, cents: int) -> str:
        """An amount of the statement's currency, as read."""
        return self.hand.amount(cents, self.statement.currency)

    def day(self, day: date | None) -> str:
        """A day, as read; empty without one."""
        return self.hand.day(day) if day else ""

    @property
    def is_r124(self) -> bool:
        """Whether this message is the first letter of a third party (CPCE R124-4)."""
        return self.brief.send.kind is DocumentKind.R124_4_LETTER


Read = Callable[[Reading], Value]


class Fact(msgspec.Struct, frozen=True):
    """One name that a template may use. `fields` are those of a row of a list.

    `is_of_creditor`: it reads the creditor alone, so its value serves every message of that creditor.
    """

    name: str
    kind: Kind
    read: Read
    says: str
    fields: tuple[str, ...] = ()
    is_of_creditor: bool = False


def named(
    facts: dict[str, Fact], kind: Kind, fields: str = "", *, is_of_creditor: bool = False
) -> Callable[[Read], Read]:
    """Registers a function as the fact of its name; its docstring is what the list of names says of it."""

    def register(read: Read) -> Read:
        says = read.__doc__ or ""
        facts[read.__name__] = Fact(read.__name__, kind, read, says, tuple(fields.split()), is_of_creditor)
        return read

    return register


def clean(text: str) -> str:
    """A value on one line without controls, direction marks or invisible characters, at most 200 characters."""
    if not text.isprintable():
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"


@lru_cache(maxsize=1024)
def short_name(name: str) -> str:
    """`Acme Télécom SAS` as people say it: `Acme Télécom`."""
    return _LEGAL_FORM.sub("", clean(name)) or clean(name)
