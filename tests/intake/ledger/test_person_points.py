"""Two debtors are protected as one person when they share a phone, an e-mail, or a postal name and address (A8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, Fault, PointKind, PostalAddress, Role
from orchestrator.intake.ledger.person_points import person_points

LYON = PostalAddress(("12 avenue de la République",), "69001", "LYON", "FR")


def a_debtor(
    *, name: str = "Jeanne Dupont", phone: str = "", email: str = "", address: PostalAddress | None = None,
    fault: Fault | None = None, role: Role = Role.SELF,
) -> Debtor:  # fmt: skip
    points = tuple(
        ContactPoint(kind, value, fault)
        for kind, value in ((PointKind.PHONE, phone), (PointKind.EMAIL, email))
        if value
    )
    return Debtor(ref="C-1", name=name, people=(ContactPerson(role=role, points=points, address=address),))


def shared(one: Debtor, other: Debtor) -> set[str]:
    return set(person_points(one)) & set(person_points(other))


def test_each_of_phone_email_and_postal_address_is_a_point() -> None:
    assert len(person_points(a_debtor(phone="+33644631234", email="a@example.org", address=LYON))) == 3


def test_the_same_phone_links_two_names() -> None:
    assert shared(a_debtor(phone="+33644631234"), a_debtor(name="Paul Petit", phone="+33644631234"))


def test_the_same_mailbox_links_whatever_the_case_of_its_letters() -> None:
    assert shared(a_debtor(email="Jeanne@example.org"), a_debtor(email="jeanne@example.org"))


@pytest.mark.parametrize(
    "name, street",
    [
        ("DUPONT Jeanne", "12 avenue de la République"),
        ("Mme Jeanne DUPONT", "12, AV. DE LA REPUBLIQUE"),
        ("jeanne dupont", "12 Av de la Republique"),
    ],
)
def test_the_same_name_and_address_link_however_they_are_written(name: str, street: str) -> None:
    other = a_debtor(name=name, address=PostalAddress((street,), "69001", "Lyon 1er", "FR"))
    assert shared(a_debtor(address=LYON), other)


@pytest.mark.parametrize(
    "other",
    [
        a_debtor(name="Paul Dupont", address=LYON),
        a_debtor(address=PostalAddress(("14 avenue de la République",), "69001", "LYON", "FR")),
        a_debtor(address=PostalAddress(LYON.lines, "69002", "LYON", "FR")),
        a_debtor(address=PostalAddress((), "69001", "LYON", "FR")),
        a_debtor(address=PostalAddress(LYON.lines, "", "LYON", "FR")),
    ],
)
def test_another_name_or_another_address_links_nobody(other: Debtor) -> None:
    assert not shared(a_debtor(address=LYON), other)


def test_points_that_are_wrong_or_not_theirs_link_nobody() -> None:
    for fault in (Fault.INVALID, Fault.MISSING, Fault.NOT_OWNED):
        assert person_points(a_debtor(phone="+33644631234", fault=fault)) == ()


def test_a_landline_links_since_calls_count() -> None:
    assert person_points(a_debtor(phone="+33199001234", fault=Fault.LANDLINE))


def test_a_name_of_civilities_alone_is_no_person() -> None:
    assert person_points(a_debtor(name="M. Mme", address=LYON)) == ()


def test_keys_are_stable_and_secret_where_a_key_is_given() -> None:
    debtor = a_debtor(phone="+33644631234")
    assert person_points(debtor) == ("e65787634359ea79184920dac9db521e",)
    assert person_points(debtor, key=b"secret") != person_points(debtor)
    assert "33644631234" not in "".join(person_points(debtor))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_and_street_have_points(name: str, street: str) -> None:
    debtor = a_debtor(name=name, address=PostalAddress((street,), "69001", "LYON", "FR"))
    assert len(person_points(debtor)) <= 1
