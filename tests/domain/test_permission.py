"""Whether a channel is open (semantics A7, R21, R44): faults, roles, stops, complaints, points that nobody gave."""

from typing import Any

import pytest

from channels.contract import DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import (
    ContactPerson,
    ContactPoint,
    Debtor,
    DebtorStatus,
    Fault,
    PointKind,
    PostalAddress,
    Role,
)
from orchestrator.domain.decision import Ask, Decision, Send
from orchestrator.domain.events import Event
from orchestrator.domain.permission import is_opted_out
from orchestrator.domain.policy import ContactChannel, PermissionRule
from tests.builders import a_campaign, a_case, a_context, a_creditor, a_debtor, a_step, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by
from tests.domain.stories import at, reason, situated

MONDAY = "2026-03-09 09:00"
SMS, EMAIL, LETTER = ContactChannel.SMS, ContactChannel.EMAIL, ContactChannel.LETTER
HOME = PostalAddress(("12 rue des Lilas",), "75001", "PARIS", "FR")


def decided(case: Case, *uses: Use, rules: tuple[PermissionRule, ...] = (), **changes: Any) -> Decision:
    campaign = a_campaign(a_step("first", at="5d", use=uses or (Use.SMS, Use.EMAIL, Use.LETTER), **changes))
    return at(MONDAY, case, campaign, book=ruled_by(*rules))


def used(case: Case, *uses: Use, rules: tuple[PermissionRule, ...] = (), **changes: Any) -> Use | None:
    """The use of the message that leaves; None when a person is asked instead."""
    act = decided(case, *uses, rules=rules, **changes).act
    assert isinstance(act, Send | Ask)
    return act.use if isinstance(act, Send) else None


def someone(*people: ContactPerson, status: DebtorStatus = DebtorStatus.COMPANY) -> Case:
    return a_case(debtor=Debtor("C-1", "Atelier SARL", status, people=people))


def person(*points: ContactPoint, role: Role = Role.SELF, address: PostalAddress | None = None) -> ContactPerson:
    return ContactPerson(role, "Camille", "", points, address or HOME)


def phone(number: str = "+33644631234", **changes: Any) -> ContactPoint:
    return ContactPoint(PointKind.PHONE, number, **changes)


def email(address: str, **changes: Any) -> ContactPoint:
    return ContactPoint(PointKind.EMAIL, address, **changes)


# --------------------------------------------------------------------------------------------------- points


@pytest.mark.parametrize("fault", list(Fault))
def test_a_faulty_point_is_never_written_to(fault: Fault) -> None:
    assert used(someone(person(phone(fault=fault), email("a@example.org")))) is Use.EMAIL


def test_the_first_usable_point_of_a_person_serves() -> None:
    case = someone(person(phone(fault=Fault.LANDLINE), phone("+33644631235")))
    assert used(case) is Use.SMS
    found, fault = situated(MONDAY, case).usable_point(PointKind.PHONE, None)
    assert fault is None
    assert found is not None
    assert [p.value for p in found.points if p.kind is PointKind.PHONE] == ["+33644631235"]


def test_a_point_found_dead_leaves_the_persons_other_one() -> None:
    dead = ev.PointMarked(
        id="d", at=instant("2026-03-05 08:00"), kind=PointKind.PHONE, value="+33644631234", fault=Fault.DEAD
    )
    case = a_case(debtor=Debtor("C", "C", people=(person(phone(), phone("+33644631235")),)), facts=(dead,))
    found, _ = situated(MONDAY, case).usable_point(PointKind.PHONE, None)
    assert found is not None
    assert [p.value for p in found.points] == ["+33644631235"]


def test_a_point_good_again_serves_again() -> None:
    dead = ev.PointMarked(
        id="d", at=instant("2026-03-05 08:00"), kind=PointKind.PHONE, value="+33644631234", fault=Fault.DEAD
    )
    good = ev.PointMarked(
        id="g", at=instant("2026-03-06 08:00"), kind=PointKind.PHONE, value="+33644631234", fault=None
    )
    assert used(a_case(facts=(dead,))) is Use.EMAIL
    assert used(a_case(facts=(dead, good))) is Use.SMS


@pytest.mark.parametrize(
    "address",
    [None, PostalAddress((), "75001", "PARIS", "FR"), PostalAddress(("1 rue",), "75001", "", "FR")],
)
def test_an_incomplete_address_takes_no_letter(address: PostalAddress | None) -> None:
    bare = ContactPerson(Role.SELF, "C", "", (email("a@example.org"),), address)
    placed = ContactPerson(Role.OWNER, "D", "", (), PostalAddress((), "75001", "", "FR"))
    assert used(someone(bare, placed), Use.LETTER, Use.EMAIL) is Use.EMAIL


def test_an_address_known_to_be_bad_takes_no_letter() -> None:
    """R44: returned mail closes an address, not a person."""
    written = person(ContactPoint(PointKind.POST, "", fault=Fault.RETURNED), email("a@example.org"))
    assert used(someone(written), Use.LETTER, Use.EMAIL) is Use.EMAIL
    marked = ev.PointMarked(id="r", at=instant("2026-03-05 08:00"), kind=PointKind.POST, value="", fault=Fault.RETURNED)
    assert used(a_case(facts=(marked,)), Use.LETTER, Use.EMAIL) is Use.EMAIL


def test_what_is_missing_says_so() -> None:
    decision = decided(a_case(debtor=a_debtor(phone="")))
    assert reason(decision, "CONTACT").values == (("use", "sms"), ("fault", "missing"))


def test_nobody_reachable_is_a_task() -> None:
    act = decided(a_case(debtor=a_debtor(phone="", email="", post=False))).act
    assert isinstance(act, Ask)
    assert act.task == "unreachable"


def test_a_channel_that_no_lane_serves_is_passed_by() -> None:
    context = a_context(uses=frozenset({Use.EMAIL}))
    decision = at(MONDAY, a_case(), a_campaign(a_step("first", at="5d", use=(Use.SMS, Use.EMAIL))), context=context)
    assert isinstance(decision.act, Send)
    assert decision.act.use is Use.EMAIL
    assert reason(decision, "LANE").values == (("use", "sms"), ("why", "no_lane"))


# ---------------------------------------------------------------------------------------------------- roles

BUYER = person(email("achats@example.org"), role=Role.BUYER)
PAYABLE = person(email("compta@example.org"), role=Role.ACCOUNTS_PAYABLE)


def test_a_step_writes_to_the_role_it_names() -> None:
    """R42."""
    decision = decided(someone(BUYER, PAYABLE), Use.EMAIL, to=Role.ACCOUNTS_PAYABLE)
    assert isinstance(decision.act, Send)
    assert decision.act.role is Role.ACCOUNTS_PAYABLE
    found, _ = situated(MONDAY, someone(BUYER, PAYABLE)).usable_point(PointKind.EMAIL, Role.ACCOUNTS_PAYABLE)
    assert found == PAYABLE


def test_a_role_that_nobody_has_is_a_task_and_no_third_person_is_written_to() -> None:
    act = decided(someone(BUYER, PAYABLE), Use.EMAIL, to=Role.FINANCE).act
    assert isinstance(act, Ask)
    assert act.task == "unreachable"


def test_without_a_role_the_first_person_who_can_be_reached_is() -> None:
    nobody = person(role=Role.OWNER)
    found, _ = situated(MONDAY, someone(nobody, BUYER)).usable_point(PointKind.EMAIL, None)
    assert found == BUYER


# ---------------------------------------------------------------------------------------------------- stops

STOP_RULE = a_rule(PermissionRule, "T-STOP", channels=(SMS, EMAIL, ContactChannel.CALL), when=("opted_out",))


def test_a_stop_closes_the_channel_at_once_and_names_the_rule() -> None:
    """FR-HAR-03."""
    case = a_case(facts=(facts.opted_out("sms", at="2026-03-09 08:59"),))
    decision = decided(case, rules=(STOP_RULE,))
    assert isinstance(decision.act, Send)
    assert decision.act.use is Use.EMAIL
    assert reason(decision, "T-STOP").values == (("use", "sms"), ("why", "opted_out"))


def test_a_stop_is_obeyed_where_no_rule_speaks_of_stops() -> None:
    decision = decided(a_case(facts=(facts.opted_out("sms", at="2026-03-09 08:59"),)))
    assert reason(decision, "OPT_OUT").values == (("use", "sms"), ("why", "opted_out"))


def test_a_stop_in_another_case_of_the_person_counts() -> None:
    """Semantics A8."""
    context = a_context(opted_out=frozenset({"sms"}))
    act = at(MONDAY, a_case(), a_campaign(a_step("first", at="5d", use=(Use.SMS, Use.EMAIL))), context=context).act
    assert isinstance(act, Send)
    assert act.use is Use.EMAIL


def test_post_stays_open_to_whoever_closed_the_rest() -> None:
    known = tuple(facts.opted_out(channel, at="2026-03-09 08:00") for channel in ("sms", "email", "letter"))
    assert used(a_case(facts=known), rules=(STOP_RULE,)) is Use.LETTER


def test_a_channel_opened_again_is_open() -> None:
    again = ev.OptedIn(id="i", at=instant("2026-03-09 08:59"), channel=facts.opted_out("sms", at=MONDAY).channel)
    case = a_case(facts=(facts.opted_out("sms", at="2026-03-09 08:00"), again))
    assert used(case) is Use.SMS


def test_a_consumers_stop_for_one_number_closes_the_channel() -> None:
    stop = facts.opted_out("sms", at="2026-03-09 08:00", point="+33644631234")
    both = Debtor(
        "C", "C", DebtorStatus.CONSUMER, people=(person(phone(), phone("+33644631235"), email("a@example.org")),)
    )
    assert used(a_case(debtor=both, facts=(stop,))) is Use.EMAIL


def test_a_companys_contact_closes_an_address_and_not_the_firm() -> None:
    """Semantics A7."""
    stop = facts.opted_out("email", at="2026-03-09 08:00", point="achats@example.org")
    firm = Debtor("C", "SARL", DebtorStatus.COMPANY, people=(BUYER, PAYABLE))
    situation = situated(MONDAY, a_case(debtor=firm, facts=(stop,)))
    assert not is_opted_out(situation, "email")
    assert situation.usable_point(PointKind.EMAIL, None) == (PAYABLE, None)
    assert situation.usable_point(PointKind.EMAIL, Role.BUYER) == (None, Fault.MISSING)


def test_a_company_whose_last_address_is_closed_is_closed() -> None:
    stops: tuple[Event, ...] = tuple(
        facts.opted_out("email", at="2026-03-09 08:00", point=point)
        for point in ("achats@example.org", "compta@example.org")
    )
    firm = Debtor("C", "SARL", DebtorStatus.COMPANY, people=(BUYER, PAYABLE))
    assert is_opted_out(situated(MONDAY, a_case(debtor=firm, facts=stops)), "email")


# ---------------------------------------------------------------------------------------------- other rules


def test_who_complained_gets_no_more_e_mail() -> None:
    """PLT-09."""
    rule = a_rule(PermissionRule, "T-SPAM", channels=(EMAIL,), when=("opted_out", "complained"))
    complaint = facts.reported("M-1", DeliveryStatus.COMPLAINED, at="2026-03-05 08:00")
    assert used(a_case(facts=(complaint,)), Use.EMAIL, Use.SMS, rules=(rule,)) is Use.SMS
    assert used(a_case(facts=(complaint,)), Use.EMAIL, Use.SMS) is Use.EMAIL


def test_a_number_that_the_debtor_did_not_give_is_not_used() -> None:
    """FR-PRIV-02, unless the debtor gave another."""
    rule = a_rule(PermissionRule, "T-GIVEN", channels=(SMS,), when=("not_given_by_debtor",))
    found = phone("+33644631236", given_by_debtor=False)
    assert used(someone(person(found, email("a@example.org"))), rules=(rule,)) is Use.EMAIL
    both = someone(person(found, phone(), email("a@example.org")))
    assert used(both, rules=(rule,)) is Use.SMS
    writing, _ = situated(MONDAY, both).usable_point(PointKind.PHONE, None)
    assert writing is not None
    assert writing.points[0].value == "+33644631234"


def test_a_provider_may_forbid_a_collectors_sms() -> None:
    """PLT-01."""
    rule = a_rule(PermissionRule, "T-3P", channels=(SMS,), when=("party_third_sms",))
    campaign = a_campaign(a_step("first", at="5d", use=(Use.SMS, Use.EMAIL)))
    for party, use in (("own", Use.SMS), ("third_party", Use.EMAIL)):
        context = a_context(creditor=a_creditor(party=party))
        from_book = ruled_by(rule, party=party)
        act = at(MONDAY, a_case(), campaign, book=from_book, context=context).act
        assert isinstance(act, Send)
        assert act.use is use


@pytest.mark.parametrize(
    "name, is_somebody",
    [
        ("The Occupier", False),
        ("Occupier, 12 High Street", False),
        ("The Occupier of 12 High Street", False),
        ("to the current resident", False),
        ("", False),
        ("Jane Tenant", True),
        ("Residents' Association of Leith", True),
        ("O'Ccupier Ltd", True),
    ],
)
def test_nobody_is_written_to_under_no_name(name: str, *, is_somebody: bool) -> None:
    """UK-05."""
    rule = a_rule(PermissionRule, "T-NOBODY", channels=(EMAIL,), when=("unnamed",))
    case = a_case(debtor=a_debtor(name=name, people=(ContactPerson(points=(email("a@example.org"),), address=HOME),)))
    assert (used(case, Use.EMAIL, rules=(rule,)) is Use.EMAIL) is is_somebody
