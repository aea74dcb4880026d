"""What was typed into a form about a case, read the French way or the ISO one. Makes no act of it.

What cannot be read is said beside its field, and what was typed stays.
"""

from datetime import date

from orchestrator.domain.case import Case
from orchestrator.domain.contact import PointKind
from orchestrator.domain.errors import MoneyError
from orchestrator.domain.money import minor_units
from orchestrator.intake.tables.cell_dates import DateFault, DateReader
from orchestrator.web.console.session import Form

_WORDS_LENGTH = 4_000
_DAYS = DateReader("day_first")


class Typed:
    """What was typed into a form about a case; `faults` are keys of words by field."""

    def __init__(self, sent: Form, case: Case) -> None:
        self._sent = sent
        self.case = case
        self.faults: dict[str, str] = {}

    def text(self, name: str, *, most: int = 200, needed: bool = False) -> str:
        """A text; a fault where one is needed and missing."""
        said = self._sent.text(name, most=most)
        if needed and not said:
            self.faults[name] = "cases.fault_missing"
        return said

    def words(self, name: str = "words", *, needed: bool = False) -> str:
        """What somebody said, at length."""
        return self.text(name, most=_WORDS_LENGTH, needed=needed)

    def day(self, name: str, *, needed: bool = False) -> date | None:
        """A day as 12/03/2026 or 2026-03-12."""
        said = self.text(name, needed=needed)
        if not said:
            return None
        try:
            return _DAYS.read(said)
        except DateFault as fault:
            is_no_day = fault.code == "date_impossible"
            self.faults[name] = "cases.fault_no_day" if is_no_day else "cases.fault_day"
            return None

    def cents(self, name: str = "amount", *, needed: bool = False) -> int | None:
        """An amount as 1 234,56 or 1234.56, in minor units of the case's currency."""
        said = self.text(name, needed=needed).removesuffix("€").removesuffix(self.case.currency).strip()
        if not said:
            return None
        try:
            cents = minor_units(said, self.case.currency)
        except MoneyError:
            self.faults[name] = "cases.fault_amount"
            return None
        if cents <= 0:
            self.faults[name] = "cases.fault_zero"
        return cents

    def documents(self) -> tuple[str, ...]:
        """The documents that are ticked; none is all that are open."""
        return self._sent.all("document")

    def documents_or_all(self, everything: str) -> tuple[str, ...]:
        """The documents that are ticked, or none for all where that box says so; a fault for neither."""
        if self.has(everything):
            return ()
        ticked = self.documents()
        if not ticked:
            self.faults["document"] = "cases.fault_which"
        return ticked

    def has(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self._sent.has(name)

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        """One of the known codes; a fault for anything else."""
        said = self.text(name)
        if said not in known:
            self.faults[name] = "cases.fault_choice"
            return known[0]
        return said

    def known(self, name: str, *, needed: bool = False) -> tuple[PointKind, str] | None:
        """One of the numbers and addresses of the case, as the form lists them."""
        said = self.text(name, most=400, needed=needed)
        if not said:
            return None
        found = {f"{kind}:{value}": (kind, value) for kind, value in known_points(self.case)}
        if said not in found:
            self.faults[name] = "cases.fault_choice"
            return None
        return found[said]

    def number(self, name: str) -> int | None:
        """A small whole number, where one was given."""
        said = self.text(name)
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and len(said) <= 3):
            self.faults[name] = "cases.fault_number"
            return None
        return int(said)


def known_points(case: Case) -> list[tuple[PointKind, str]]:
    """The numbers and addresses of a case that an act can name, each once; post has no value."""
    points = (point for person in case.debtor.people for point in person.points)
    return list(dict.fromkeys((p.kind, p.value) for p in points if p.value or p.kind is PointKind.POST))
