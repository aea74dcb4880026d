"""Facts that only documents of law name: the contract, the creditor's `legal:` block, what a law lets one announce.

An empty one refuses the document whose catalogue entry requires it: better no letter than one with a hole.
"""

from orchestrator.domain.amount_line import LegalBasis
from orchestrator.rendering.reading import Fact, Reading, clean, named

FACTS: dict[str, Fact] = {}


# ---------------------------------------------------------------- of the creditor's file


@named(FACTS, "text", is_of_creditor=True)
def company_number(r: Reading) -> str:
    """The creditor's company number where it has no SIREN, or empty."""
    return clean(r.brief.creditor.legal.company_number)


@named(FACTS, "text", is_of_creditor=True)
def authority(r: Reading) -> str:
    """Who hears complaints or supervises the collector, with its address, or empty."""
    return clean(r.brief.creditor.legal.authority)


@named(FACTS, "text", is_of_creditor=True)
def authorisation(r: Reading) -> str:
    """The credit servicer's authorisation and who gave it, or empty."""
    return clean(r.brief.creditor.legal.authorisation)


@named(FACTS, "text", is_of_creditor=True)
def original_creditor(r: Reading) -> str:
    """Who sold the debts, or empty when nobody did."""
    return clean(r.brief.creditor.legal.original_creditor)


@named(FACTS, "text", is_of_creditor=True)
def transferred_date(r: Reading) -> str:
    """When the debts were bought, or empty."""
    return r.day(r.brief.creditor.legal.transferred_on)


@named(FACTS, "text", is_of_creditor=True)
def contract_object(r: Reading) -> str:
    """What was contracted for, in words, or empty."""
    return clean(r.brief.creditor.legal.contract_object)


@named(FACTS, "text", is_of_creditor=True)
def social_aid(r: Reading) -> str:
    """The housing solidarity fund to write to, with its address, or empty."""
    return clean(r.brief.creditor.legal.social_aid)


@named(FACTS, "text", is_of_creditor=True)
def arrears_sheet(r: Reading) -> str:
    """The title of the enclosed information sheet on arrears, or empty."""
    return clean(r.brief.creditor.legal.sheets.arrears)


@named(FACTS, "text", is_of_creditor=True)
def default_sheet(r: Reading) -> str:
    """The title of the enclosed information sheet on default, or empty."""
    return clean(r.brief.creditor.legal.sheets.default)


@named(FACTS, "text", is_of_creditor=True)
def claim_sheets(r: Reading) -> str:
    """The titles of what a letter of claim encloses, or empty."""
    return clean(r.brief.creditor.legal.sheets.claim)


# ---------------------------------------------------------------- of the contract


@named(FACTS, "text")
def contract(r: Reading) -> str:
    """The number of the contract, when all the debts asked for come from one; else empty."""
    found = {clean(line.contract_ref) for line in r.due}
    return found.pop() if len(found) == 1 else ""


@named(FACTS, "text")
def contract_date(r: Reading) -> str:
    """When it was concluded, when all the debts asked for come from one; else empty."""
    found = {line.contracted_on for line in r.due}
    return r.day(found.pop()) if len(found) == 1 else ""


@named(FACTS, "text")
def account_end(r: Reading) -> str:
    """The account number as a stranger may see it: its last four characters; of the oldest document without one."""
    number = str(contract(r)) or min((clean(line.reference) for line in r.due), default="")
    return f"…{number[-4:]}" if number else ""


# ---------------------------------------------------------------- what happened since each document


@named(FACTS, "text")
def itemisation_date(r: Reading) -> str:
    """When the oldest document was issued, if each has its day; else empty."""
    days = [line.issued_on for line in r.due]
    known = [day for day in days if day is not None]
    return r.hand.day(min(known)) if known and len(known) == len(days) else ""


@named(FACTS, "text")
def amount_original(r: Reading) -> str:
    """The documents asked for, as they were issued."""
    return r.sum(_original_cents(r))


@named(FACTS, "text")
def amount_settled(r: Reading) -> str:
    """What payments, credits and sums set aside took off since, without a sign."""
    claimed = sum(line.amount_cents for line in r.statement.statutory if line.is_claimed)
    return r.sum(_original_cents(r) + claimed - r.statement.total_cents)


# ---------------------------------------------------------------- what a law lets one announce


@named(FACTS, "text")
def dutch_cost(r: Reading) -> str:
    """What collection costs a consumer in the Netherlands after the fourteen days; empty when nothing is asked."""
    return _announced(r, LegalBasis.NL_COLLECTION_COST)


@named(FACTS, "text")
def belgian_indemnity(r: Reading) -> str:
    """The most that a clause may ask of a consumer in Belgium after the fourteen days; empty when nothing is asked."""
    return _announced(r, LegalBasis.BE_XIX_INDEMNITY)


def _announced(r: Reading, basis: LegalBasis) -> str:
    cents = sum(each.amount_cents for each in r.statement.announced if each.basis == basis)
    return r.sum(cents) if cents else ""


def _original_cents(r: Reading) -> int:
    return sum(line.principal_cents for line in r.due)
