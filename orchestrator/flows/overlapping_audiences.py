"""Whether two campaigns may want the same case: tried on typical cases at and around every bound they name."""

from itertools import product

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.condition import Between, Condition, Either, Every, Not, OneOf, Value, holds

_INDIVIDUAL = ("individual", "consumer")
_BUSINESS = ("business", "company")


class _TypicalCase:
    """A case made of a few values, nothing else known."""

    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values

    def read(self, field: str) -> Value:
        """The value of a word, None when it is not part of this case."""
        return self.values.get(field)


def overlaps(one: Campaign, other: Campaign) -> str | None:
    """A case that both audiences hold for, in words; None when no typical case is in both."""
    if one.policy != other.policy:
        return None
    if one.creditors is not None and other.creditors is not None and set(one.creditors).isdisjoint(other.creditors):
        return None
    audiences = (one.audience, other.audience)
    kinds = sorted({"invoice", *_words(audiences, "debt_kind")})
    sectors: list[str | None] = [None, *sorted(_words(audiences, "sector"))]
    marks: list[str | None] = [None, *sorted(_words(audiences, "marks"))]
    people = (_INDIVIDUAL, _BUSINESS)
    balances, days = _bounds(audiences, ("balance", "overdue_balance")), _bounds(audiences, ("overdue",))
    for balance, day, kind, sector, mark, person in product(balances, days, kinds, sectors, marks, people):
        case = _TypicalCase(
            {
                "balance": balance,
                "overdue_balance": balance,
                "overdue": day,
                "debt_kind": frozenset({kind}),
                "sector": sector,
                "marks": frozenset({mark}) if mark else frozenset(),
                "debtor": person[0],
                "status": person[1],
                "currency": "EUR",
                "country": "FR",
                "postcode": "75001",
                "language": "fr",
                "debts": 1,
                "promises_broken": 0,
                "promises_kept": 0,
                "phone": True,
                "email": True,
                "post": True,
                "title": False,
                "all": True,
            }
        )
        if holds(one.audience, case) and holds(other.audience, case):
            extras = ", ".join(filter(None, (sector, mark)))
            return f"{person[0]}, {balance / 100:.2f} EUR, {day} days overdue, {kind}" + (
                f", {extras}" if extras else ""
            )
    return None


def _leaves(condition: Condition) -> list[Condition]:
    match condition:
        case Every(terms) | Either(terms):
            return [leaf for term in terms for leaf in _leaves(term)]
        case Not(term):
            return _leaves(term)
    return [condition]


def _words(audiences: tuple[Condition, ...], field: str) -> set[str]:
    leaves = [leaf for audience in audiences for leaf in _leaves(audience)]
    return {word for leaf in leaves if isinstance(leaf, OneOf) and leaf.field == field for word in leaf.values}


def _bounds(audiences: tuple[Condition, ...], fields: tuple[str, ...]) -> list[int]:
    """Values at, just below and just above every bound that the audiences name, and one far inside."""
    found = {30} if fields == ("overdue",) else {10_000}
    for audience in audiences:
        for leaf in _leaves(audience):
            if isinstance(leaf, Between) and leaf.field in fields:
                for bound in (leaf.at_least, leaf.below):
                    if bound is not None:
                        found |= {bound - 1, bound, bound + 1}
    return sorted(found)
