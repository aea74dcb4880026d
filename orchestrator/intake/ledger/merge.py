"""What the rows of one file say together: the same document twice, one debtor under two names, contacts of one firm.

Owns the comparison of rows. What one row says is `debts_build.py`.
"""

from collections.abc import Iterable, Mapping

import msgspec

from orchestrator.domain.contact import ContactPerson, Debtor, DebtorStatus
from orchestrator.intake.ledger.debt_rows import DebtRow
from orchestrator.intake.ledger.person_points import words_of
from orchestrator.intake.tables.doubles import Doubles
from orchestrator.intake.tables.report import RefusedRow, Remark

Key = tuple[str, str]  # creditor and reference, or creditor and debtor_ref
_COMPARED = (("name", "names"), ("status", "statuses"), ("siren", "company numbers"))


class Rows:
    """The rows of a file as they come, and those that must be taken back because of another row."""

    def __init__(self) -> None:
        self.taken: list[DebtRow] = []
        self.refused: list[RefusedRow] = []
        self._documents = Doubles[Key]()
        self._variants: dict[Key, list[tuple[int, Debtor]]] = {}

    def take(self, row: DebtRow) -> None:
        """A row that is right by itself."""
        self.taken.append(row)
        self._documents.note((row.creditor, row.debt.reference), row.line)
        variants = self._variants.setdefault((row.creditor, row.debtor.ref), [])
        if not variants or all(row.debtor is not debtor for _, debtor in variants):
            variants.append((row.line, row.debtor))

    def refuse(self, row: RefusedRow) -> None:
        """A row that is wrong by itself; the document that it names still counts as said once."""
        self.refused.append(row)
        if row.reference:
            self._documents.note((row.creditor, row.reference), row.line)

    def settle(self, columns: Mapping[str, str]) -> None:
        """Takes back rows that another one contradicts, and gives all rows of a debtor the same object.

        `columns` are the file's own names of the fields reference, name, status and siren.
        """
        merged: dict[Key, Debtor | Remark] = {}
        for key, variants in self._variants.items():
            if len(variants) > 1:
                merged[key] = _conflict(variants, columns) or _merged(debtor for _, debtor in variants)
        self._variants = {}
        if self._documents or merged:
            self.taken = list(self._kept(merged, columns["reference"]))
        self.refused.sort(key=lambda row: row.line)

    def _kept(self, merged: dict[Key, Debtor | Remark], column: str) -> Iterable[DebtRow]:
        for row in self.taken:
            key = (row.creditor, row.debt.reference)
            double = self._documents.remark(key, line=row.line, column=column, what="document")
            one = merged.get((row.creditor, row.debtor.ref))
            if double is not None:
                self.refused.append(_taken_back(row, double))
            elif isinstance(one, Remark):
                self.refused.append(_taken_back(row, msgspec.structs.replace(one, line=row.line)))
            else:
                yield row if one is None else msgspec.structs.replace(row, debtor=one)


def _taken_back(row: DebtRow, remark: Remark) -> RefusedRow:
    return RefusedRow(
        line=row.line,
        remarks=(remark,),
        creditor=row.creditor,
        reference=row.debt.reference,
        currency=row.currency,
        cents=row.debt.open_cents,
    )


def _conflict(variants: list[tuple[int, Debtor]], columns: Mapping[str, str]) -> Remark | None:
    """Two rows under one debtor_ref that cannot be one debtor: to merge them would show one the debts of another."""
    first_line, first = variants[0]
    for line, other in variants[1:]:
        said = (
            sorted(words_of(first.name)) != sorted(words_of(other.name)),
            len({first.status, other.status} - {DebtorStatus.UNKNOWN}) > 1,
            len({first.siren, other.siren} - {""}) > 1,
        )
        if any(said):
            field, what = _COMPARED[said.index(True)]
            message = f"the debtor of this row has two {what}, on lines {first_line} and {line}"
            hint = "correct one of them, or give two debtors two references"
            return Remark(first_line, columns[field], "debtor_conflict", message, hint)
    return None


def _merged(debtors: Iterable[Debtor]) -> Debtor:
    """One debtor of several rows: the last word that says something, and all the contact persons."""
    one: Debtor | None = None
    for debtor in debtors:
        one = debtor if one is None else _joined(one, debtor)
    assert one is not None, "a key of variants has at least one"  # noqa: S101 - `take` fills it
    return one


def _joined(earlier: Debtor, later: Debtor) -> Debtor:
    return Debtor(
        ref=later.ref,
        name=later.name,
        status=later.status if later.status is not DebtorStatus.UNKNOWN else earlier.status,
        language=later.language or earlier.language,
        siren=later.siren or earlier.siren,
        sector=later.sector or earlier.sector,
        solvency=later.solvency or earlier.solvency,
        people=_people(earlier.people + later.people),
    )


def _people(people: tuple[ContactPerson, ...]) -> tuple[ContactPerson, ...]:
    found: dict[tuple[str, str], ContactPerson] = {}
    for person in people:
        key = (person.role, person.name.casefold())
        known = found.get(key)
        if known is None:
            found[key] = person
            continue
        points = {(point.kind, point.value or point.raw): point for point in known.points + person.points}
        found[key] = ContactPerson(
            role=person.role,
            name=person.name,
            language=person.language or known.language,
            points=tuple(points.values()),
            address=person.address or known.address,
        )
    return tuple(found.values())
