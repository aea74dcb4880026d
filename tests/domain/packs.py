"""Short ways to say a rule, and a book of one pack made of rules."""

from typing import Any, TypeVar

from orchestrator.domain.policy import Basis, PolicyBook
from tests.builders import LONG_AGO, a_book, a_pack, hours_rule

R = TypeVar("R")


def a_rule(kind: type[R], rule_id: str, **fields: Any) -> R:
    """A rule of a kind, of the house, valid for ever."""
    usual: dict[str, Any] = {"title": rule_id, "basis": Basis.HOUSE, "source": "test", "valid_from": LONG_AGO}
    return kind(**{**usual, "id": rule_id, **fields})


def ruled_by(*rules: Any, **changes: Any) -> PolicyBook:
    """A book whose only pack holds these rules, beside the usual hours."""
    return a_book(a_pack(hours_rule(), *rules, **changes))
