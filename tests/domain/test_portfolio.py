"""Who works on whose cases on a day: absences, substitutes of substitutes, and nobody forgotten."""

from datetime import date

import pytest

from orchestrator.domain.condition import Is, OneOf, told_plainly
from orchestrator.domain.portfolio import NOBODY, Absence, Portfolio, Staff, owner_of

DAY = date(2026, 3, 10)


def away(absent: str, substitute: str = NOBODY) -> Absence:
    return Absence(id=absent, absent=absent, substitute=substitute, from_on=DAY, to_on=DAY)


def staff(*absences: Absence, active: str = "abcd") -> Staff:
    return Staff(active=frozenset(active), absences=absences)


@pytest.mark.parametrize(
    "found, owner, acting",
    [
        (staff(), "a", "a"),
        (staff(), "gone", NOBODY),
        (staff(), NOBODY, NOBODY),
        (staff(away("a", "b")), "a", "b"),
        (staff(away("a")), "a", NOBODY),
        (staff(away("a", "b"), away("b", "c")), "a", "c"),
        (staff(away("a", "b"), away("b", "a")), "a", NOBODY),
        (staff(away("a", "b"), active="acd"), "a", NOBODY),
        (staff(away("a", "b"), away("a", "c")), "a", "c"),
    ],
    ids=["there", "disabled", "nobody", "substitute", "none", "chain", "circle", "substitute disabled", "latest"],
)
def test_who_does_the_work(found: Staff, owner: str, acting: str) -> None:
    assert found.acting_for(owner) == acting
    assert found.forsaken([owner]) == (frozenset({owner}) if owner and not acting else frozenset())


def test_each_owner_is_somebodys_or_everybodys() -> None:
    found = staff(away("a", "b"), away("c"))
    owners = ["", "a", "b", "c", "gone"]
    assert found.owners_for("b", owners) == {"a", "b"}
    assert found.forsaken(owners) == {"c", "gone"}
    reached = found.forsaken(owners).union(*(found.owners_for(user, owners) for user in "abcd"))
    assert set(owners) - {""} <= reached


class Facts:
    """A case in Paris."""

    def read(self, field: str) -> str:
        return {"postcode": "75001"}.get(field, "")


def test_an_owner_who_may_not_see_the_creditor_gets_none_of_its_cases() -> None:
    held = [Portfolio(id="p", owner="a"), Portfolio(id="q", owner="b")]
    limited = Staff(active=frozenset("ab"), limited=(("a", frozenset({"other"})),))
    first = owner_of("acme", Facts(), held, limited)
    assert first is not None
    assert first.owner == "b"
    other = owner_of("other", Facts(), held, limited)
    assert other is not None
    assert other.owner == "a"


def test_a_condition_is_told_in_plain_signs() -> None:
    assert told_plainly(OneOf("sector", frozenset({"hotels", "bars"}))) == "sector in bars, hotels"
    assert told_plainly(Is("phone", True)) == "phone yes"
