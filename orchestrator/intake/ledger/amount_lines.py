"""The columns of a row that say what is owed beside the principal: each with its legal basis, or it is refused.

Owns the reading. Whether a pack lets a sum be demanded is not known here.
"""

from orchestrator.domain.amount_line import GROUNDS, AmountLine, LegalBasis, LineKind
from orchestrator.domain.debt import CREDITS, DocumentKind
from orchestrator.domain.errors import did_you_mean
from orchestrator.intake.tables.cells import Record

LINE_FIELDS = frozenset(f"{kind}_{part}" for kind in LineKind for part in ("amount", "basis"))


def lines_of(record: Record, document: DocumentKind, currency: str) -> tuple[AmountLine, ...]:
    """The lines of one document, at most one of each kind; what is wrong refuses the row at its column (FR-FEE-06)."""
    found = [line for kind in LineKind if (line := _line(record, kind, currency)) is not None]
    if found and document in CREDITS:
        field = f"{found[0].kind}_amount"
        record.refuse(field, "line_on_credit", f"a {document} bears no {found[0].kind}", "leave the column empty")
        return ()
    return tuple(found)


def _line(record: Record, kind: LineKind, currency: str) -> AmountLine | None:
    field = f"{kind}_amount"
    cents = record.cents(field, currency)
    if not cents:  # nothing owed: a mapping may give every row the same basis
        return None
    if cents < 0:
        record.refuse(field, "sign_wrong", f"the {kind} is negative", "what the debtor has paid too much is a credit")
        return None
    basis = _basis(record, kind)
    return AmountLine(kind, cents, basis) if basis is not None else None


def _basis(record: Record, kind: LineKind) -> LegalBasis | None:
    field = f"{kind}_basis"
    able = [basis.value for basis in LegalBasis if kind in GROUNDS[basis].kinds]
    known = "known: " + ", ".join(able)
    text = record.text(field, longest=60).casefold().replace("-", "_").replace(" ", "_")
    if not text:
        record.refuse(field, "line_basis_missing", f"the {kind} has no legal basis", known)
    elif text in able:
        return LegalBasis(text)
    elif text in {basis.value for basis in LegalBasis}:
        record.refuse(field, "line_basis_wrong", f"this legal basis cannot carry a {kind}", known)
    else:
        near = did_you_mean(text, able)
        record.refuse(
            field, "line_basis_unknown", "this legal basis is not one we know", f"{near} {known}" if near else known
        )
    return None
