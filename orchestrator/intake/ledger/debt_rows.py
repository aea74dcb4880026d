"""What one row of a file of debts becomes: a document of the ledger, its debtor, and what was said before.

Owns the shapes only. Reading them is `debts_build.py`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import Debtor
from orchestrator.domain.debt import Debt
from orchestrator.domain.errors import NotFound
from orchestrator.intake.tables.mapping import Mode
from orchestrator.intake.tables.report import RefusedRow, Remark, Summary, Total, summary_of
from orchestrator.intake.tables.rows import Reading


class CreditorFacts(Protocol):
    """What reading a file needs to know of a creditor."""

    @property
    def jurisdiction(self) -> str:
        """Where it collects, ISO 3166; the country of an address that names none."""


class Party(StrEnum):
    """Whom the address of a row reaches. Anyone but the debtor is reached only after a person decides (A6)."""

    DEBTOR = "debtor"
    CO_DEBTOR = "co_debtor"
    GUARANTOR = "guarantor"
    PAYER = "payer"
    REPRESENTATIVE = "representative"
    ESTATE = "estate"
    MINOR = "minor"
    PROTECTED_ADULT = "protected_adult"


class OptOut(msgspec.Struct, frozen=True):
    """A channel that the debtor closed; `point` limits it to one address of a firm (A7)."""

    channel: Channel
    point: str = ""


class OpeningHold(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A hold that stood before the take-over (A12). `cents` limits it to a part; `until` is inclusive."""

    kind: HoldKind
    until: date | None = None
    cents: int | None = None


class DebtRow(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """An accepted row. Amounts are minor units of `currency`; `payee` is empty for the creditor itself.

    `debtor` is the same object in all rows of one debtor and holds the contacts of all of them. `disputed` None means
    that the file says nothing of disputes. `settled_on` serves replays of old ledgers only: it may lie in the future.
    Rows hold no cycles, so the garbage collector need not walk all of them.
    """

    line: int
    creditor: str
    debtor: Debtor
    debt: Debt
    currency: str
    payee: str = ""
    payee_iban: str = ""
    party: Party = Party.DEBTOR
    marks: tuple[str, ...] = ()
    disputed: bool | None = None
    disputed_cents: int | None = None
    settled_on: date | None = None
    opt_outs: tuple[OptOut, ...] = ()
    holds: tuple[OpeningHold, ...] = ()


class DebtsFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of debts, read to its end: the rows taken, the rows refused with their reasons, and the totals."""

    reading: Reading
    mapping: str
    mode: Mode
    balance_forward: bool
    rows: tuple[DebtRow, ...]
    refused: tuple[RefusedRow, ...]
    warnings: tuple[Remark, ...]
    skipped_rows: int
    totals: tuple[Total, ...]

    def references(self, creditor: str) -> frozenset[str]:
        """Documents of a creditor that the file names, in accepted and in refused rows: these are not absent."""
        taken = {row.debt.reference for row in self.rows if row.creditor == creditor}
        return frozenset(taken | {row.reference for row in self.refused if row.creditor == creditor and row.reference})

    def is_full_snapshot(self, creditor: str) -> bool:
        """Whether a document of this creditor that the file does not name is absent (A2).

        Not in a file of movements, nor when a refused row may have been that document (its reference or its creditor
        cannot be read), nor when no row names the creditor.
        """
        unclear = any(not row.creditor or (row.creditor == creditor and not row.reference) for row in self.refused)
        return self.mode is Mode.SNAPSHOT and not unclear and bool(self.references(creditor))

    def total(self, creditor: str, currency: str) -> Total:
        """The sums of one creditor in one currency. Raises NotFound when the file has none."""
        for total in self.totals:
            if (total.creditor, total.currency) == (creditor, currency):
                return total
        raise NotFound("the file has no row of this creditor in this currency", where=self.reading.file)

    def summary(self) -> Summary:
        """The file in figures."""
        return summary_of(self, accepted_rows=len(self.rows))


Creditors = Mapping[str, CreditorFacts]
