"""Sums that a ledger brings beside the principal of a debt: interest, penalties, indemnities, fees, damages.

Owns their kinds and the closed list of legal bases that may carry them (FR-FEE-06). What may be demanded of them is
the packs' to say (`demandable_lines.py`).
"""

from enum import StrEnum

import msgspec


class LineKind(StrEnum):
    """What a sum beside the principal is; the words of `forbid_lines` in a pack."""

    INTEREST = "interest"
    PENALTY = "penalty"
    INDEMNITY = "indemnity"
    FEE = "fee"
    DAMAGES = "damages"


class LegalBasis(StrEnum):
    """Why a line is owed. Closed: a line without one of these is refused."""

    CONTRACT_INTEREST = "contract_interest"
    CONTRACT_CLAUSE = "contract_clause"
    LEGAL_INTEREST = "legal_interest"
    COURT_AWARD = "court_award"
    L441_10_PENALTY = "l441_10_penalty"
    L441_10_INDEMNITY = "l441_10_indemnity"
    PUBLIC_BUYER_INTEREST = "public_buyer_interest"
    PUBLIC_BUYER_INDEMNITY = "public_buyer_indemnity"
    STATUTE_CHEQUE_COST = "statute_cheque_cost"
    STATUTE_CO_OWNERSHIP_10_1 = "statute_co_ownership_10_1"
    EU_LATE_PAYMENT_INTEREST = "eu_late_payment_interest"
    EU_LATE_PAYMENT_INDEMNITY = "eu_late_payment_indemnity"
    BE_XIX_INDEMNITY = "be_xix_indemnity"
    BE_XIX_REMINDER = "be_xix_reminder"
    NL_COLLECTION_COST = "nl_collection_cost"
    UK_LATE_PAYMENT_INTEREST = "uk_late_payment_interest"
    UK_LATE_PAYMENT_SUM = "uk_late_payment_sum"


class _Ground(msgspec.Struct, frozen=True):
    """Which kinds a basis may carry, how it is cited (empty: in words), whether a consumer may ever owe it."""

    kinds: frozenset[LineKind]
    cited: str = ""
    is_for_consumers: bool = False


_ACCRUED = frozenset({LineKind.INTEREST, LineKind.PENALTY})

GROUNDS: dict[LegalBasis, _Ground] = {
    LegalBasis.CONTRACT_INTEREST: _Ground(frozenset({LineKind.INTEREST}), is_for_consumers=True),
    LegalBasis.CONTRACT_CLAUSE: _Ground(frozenset({LineKind.PENALTY, LineKind.INDEMNITY}), is_for_consumers=True),
    LegalBasis.LEGAL_INTEREST: _Ground(frozenset({LineKind.INTEREST}), "C. civ. 1231-6", is_for_consumers=True),
    LegalBasis.COURT_AWARD: _Ground(frozenset(LineKind), is_for_consumers=True),
    LegalBasis.L441_10_PENALTY: _Ground(_ACCRUED, "C. com. L441-10"),
    LegalBasis.L441_10_INDEMNITY: _Ground(frozenset({LineKind.INDEMNITY}), "C. com. L441-10, D441-5"),
    LegalBasis.PUBLIC_BUYER_INTEREST: _Ground(_ACCRUED, "CCP R2192-31"),
    LegalBasis.PUBLIC_BUYER_INDEMNITY: _Ground(frozenset({LineKind.INDEMNITY}), "CCP D2192-35"),
    LegalBasis.STATUTE_CHEQUE_COST: _Ground(frozenset({LineKind.FEE}), "C. mon. fin. L131-73", is_for_consumers=True),
    LegalBasis.STATUTE_CO_OWNERSHIP_10_1: _Ground(
        frozenset({LineKind.FEE}), "loi 65-557, art. 10-1", is_for_consumers=True
    ),
    LegalBasis.EU_LATE_PAYMENT_INTEREST: _Ground(_ACCRUED, "2011/7/EU, art. 3"),
    LegalBasis.EU_LATE_PAYMENT_INDEMNITY: _Ground(frozenset({LineKind.INDEMNITY}), "2011/7/EU, art. 6"),
    LegalBasis.BE_XIX_INDEMNITY: _Ground(frozenset({LineKind.INDEMNITY}), "CDE XIX.4", is_for_consumers=True),
    LegalBasis.BE_XIX_REMINDER: _Ground(frozenset({LineKind.FEE}), "CDE XIX.2", is_for_consumers=True),
    LegalBasis.NL_COLLECTION_COST: _Ground(frozenset({LineKind.FEE}), "BW 6:96", is_for_consumers=True),
    LegalBasis.UK_LATE_PAYMENT_INTEREST: _Ground(_ACCRUED, "Late Payment Act 1998, s. 1"),
    LegalBasis.UK_LATE_PAYMENT_SUM: _Ground(frozenset({LineKind.INDEMNITY}), "Late Payment Act 1998, s. 5A"),
}
# All that a message to a consumer may ever show beside the principal; a pack allows less.
CONSUMER_BASES = frozenset(basis for basis, ground in GROUNDS.items() if ground.is_for_consumers)


class AmountLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One such sum of one debt, positive minor units, as it stood on the debt's `as_of` day."""

    kind: LineKind
    amount_cents: int
    basis: LegalBasis
