"""What a pause or crisis is about, as people named it: everything, names of a kind, or a segment by its conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.domain.condition import ALWAYS, Condition, Every, Is, OneOf
from orchestrator.domain.interruption import Crisis, Pause

NAMED = ("creditor", "campaign", "channel", "lane", "debtor_ref")
_SEGMENT = ("postcode", "sector", "debtor")
_LONGEST_VALUE = 120

Named = list[tuple[str, Sequence[str | Condition]]]
"""(kind, codes): `all` has none, and a `segment` has its condition."""


def named_scope(laid: Pause | Crisis) -> Named:
    """The scope by its kinds and codes, which a page names."""
    found: Named = [("channel", list(laid.channels))] if isinstance(laid, Pause) and laid.channels else []
    if isinstance(laid, Pause) and laid.lanes:
        found.append(("lane", list(laid.lanes)))
    terms = laid.scope.terms if isinstance(laid.scope, Every) else (laid.scope,)
    for term in terms:
        found += _told(term)
    return found or [("all", [])]


def _told(term: Condition) -> Named:
    match term:
        case OneOf(field="debtor_ref", values=values):
            return [("debtor_ref", sorted(values))]
        case OneOf(field=field, values=values) if field in NAMED:
            return [(field, sorted(values))]
        case Is(field="all", value=True):
            return []
    return [] if term == ALWAYS else [("segment", [term])]


def scope_of_query(query: Mapping[str, str]) -> dict[str, Any]:
    """The scope that the address of a page or a form names; empty while nothing was chosen."""
    if query.get("all"):
        return {"all": True}
    found: dict[str, Any] = {}
    for name in (*NAMED, *_SEGMENT):
        values = _values(name, query.get(name, ""))
        if values:
            found[name] = values if len(values) > 1 or name == "postcode" else values[0]
    if bound := query.get("balance_from", "").strip()[:20]:
        found["balance"] = {"from": f"{bound} EUR"}
    return found


def _values(name: str, said: str) -> list[str]:
    """The values of a field. The reference of a debtor is one, whatever signs the ledger puts into it."""
    parts = [said] if name == "debtor_ref" else said.replace(";", ",").split(",")
    return [each for part in parts if (each := part.strip()[:_LONGEST_VALUE])]


def query_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """The fields that name a scope again: what `scope_of_query` reads."""
    found = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in scope.items()
        if name not in ("all", "balance")
    }
    if scope.get("all"):
        found["all"] = "1"
    if "balance" in scope:
        found["balance_from"] = str(scope["balance"]["from"]).removesuffix(" EUR")
    return found
