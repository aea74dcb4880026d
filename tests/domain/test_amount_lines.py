"""What a ledger brings beside the principal: demanded where the pack allows it, settled in the pack's order.

FR-FEE-01 to 06, FR-INT-02, FR-RENT-01; C. civ. 1342-10 and 1343-1.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.amount_line import AmountLine, LegalBasis, LineKind
from orchestrator.domain.amount_rules import AmountsRule, IndemnityRule, InterestRule, PaymentOrderRule
from orchestrator.domain.campaign import Amounts, DocumentKind, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind, OpeningHistory
from orchestrator.domain.decide import decide
from orchestrator.domain.decision import Send, Verdict
from orchestrator.domain.events import Event, PaymentReceived
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.rates import Rates
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.settlement import shares
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import Statement
from orchestrator.domain.voice import Voice
from tests.builders import a_book, a_campaign, a_case, a_context, a_debt, a_debtor, a_pack, hours_rule, instant
from tests.domain import facts
from tests.domain.effort import examples
from tests.domain.packs import a_rule, ruled_by
from tests.domain.test_reckoning import RATES, cents_of

NO_FEE = a_rule(
    AmountsRule, "T-FEE", forbid_lines=("fee", "indemnity", "penalty", "damages"), unless=("has_title",),
    except_bases=(LegalBasis.STATUTE_CHEQUE_COST,),
)  # fmt: skip
PARTS = ("interest", "penalty", "principal", "indemnity", "fee", "damages")
LAW = a_rule(PaymentOrderRule, "T-ORDER", parts=PARTS, debts=("due", "costliest", "oldest"))
KIND = a_rule(PaymentOrderRule, "T-ORDER", parts=("principal", *PARTS[:2], *PARTS[3:]), debts=("oldest",))
FORTY = a_rule(IndemnityRule, "T-40", amount_cents=4000, currency="EUR", legal_basis="D441-5")
PENALTY = a_rule(InterestRule, "T-PEN", line="penalty", series="ecb", points="10", legal_basis="L441-10")
LEGAL = a_rule(InterestRule, "T-LEGAL", line="interest", series="legal", starts="formal_notice", legal_basis="1231-6")

INTEREST = AmountLine(LineKind.INTEREST, 300, LegalBasis.CONTRACT_INTEREST)
FEE = AmountLine(LineKind.FEE, 750, LegalBasis.COURT_AWARD)
CHEQUE = AmountLine(LineKind.FEE, 250, LegalBasis.STATUTE_CHEQUE_COST)
OWN_PENALTY = AmountLine(LineKind.PENALTY, 1200, LegalBasis.L441_10_PENALTY)
OWN_INDEMNITY = AmountLine(LineKind.INDEMNITY, 4000, LegalBasis.L441_10_INDEMNITY)


def followed(*debts: Any, status: DebtorStatus = DebtorStatus.CONSUMER, known: tuple[Event, ...] = ()) -> Case:
    """A case in its campaign: only then is its pack known."""
    begun = facts.entered(*(debt.reference for debt in debts), at="2026-03-03 08:00")
    return a_case(*debts, debtor=a_debtor(status=status), facts=(begun, *known))


def seen(case: Case, book: PolicyBook, now: str = "2026-03-31 09:00", rates: Rates | None = None) -> Situation:
    return Situation(case, a_campaign(), a_context(book=book, rates=rates or RATES), instant(now))


def stated(situation: Situation, book: PolicyBook, **changes: Any) -> Statement:
    policy = book.on("test-pack", situation.today, situation.case.debtor.status)
    references = tuple(position.debt.reference for position in situation.account.due())
    fields = {"amounts": Amounts.CLAIM, "kind": DocumentKind.REMINDER, "purpose": Purpose.DEMAND, **changes}
    send = Send(
        step="s", cycle=1, ordinal=1, channel=Use.EMAIL.channel, use=Use.EMAIL, voice=Voice.FACTUAL, template="t",
        not_before=situation.now, references=references, **fields,
    )  # fmt: skip
    return reckon(situation, policy, send)


def lines(statement: Statement) -> dict[str, int]:
    return {line.basis or line.kind: line.amount_cents for line in statement.statutory}


# ------------------------------------------------------------------------------------------- what is demanded


def test_a_line_of_the_ledger_is_demanded_beside_the_principal_with_its_basis() -> None:
    book = ruled_by(NO_FEE)
    situation = seen(followed(a_debt(lines=(INTEREST,))), book)
    found = stated(situation, book, amounts=Amounts.HIDE)
    assert lines(found) == {"contract_interest": 300}
    assert (found.due[0].open_cents, found.principal_cents, found.total_cents) == (2000, 2000, 2300)
    assert (situation.account.balance_cents, situation.account.overdue_cents) == (2300, 2300)


@pytest.mark.parametrize("line", [FEE, OWN_PENALTY, OWN_INDEMNITY])
def test_a_consumer_is_never_asked_for_a_forbidden_line_and_the_reason_says_so(line: AmountLine) -> None:
    """FR-FEE-01, 02, 04; test idea 4: the balance leaves it out too."""
    book = ruled_by(NO_FEE)
    case = followed(a_debt(lines=(line,)))
    situation = seen(case, book)
    assert (stated(situation, book).total_cents, situation.account.balance_cents) == (2000, 2000)
    policy = book.on("test-pack", situation.today, DebtorStatus.CONSUMER)
    decision = decide(case, a_campaign(), policy, situation.context, situation.now)
    (said,) = [reason for reason in decision.reasons if reason.rule == "T-FEE"]
    assert (said.verdict, said.values) == (
        Verdict.NOTE, (("line", line.kind.value), ("amount_cents", line.amount_cents))
    )  # fmt: skip


def test_a_title_or_a_statute_opens_what_the_pack_forbids() -> None:
    book = ruled_by(NO_FEE)
    titled = followed(a_debt(lines=(FEE,)), known=(facts.marked("title", at="2026-03-04 08:00"),))
    assert lines(stated(seen(titled, book), book)) == {"court_award": 750}
    assert lines(stated(seen(followed(a_debt(lines=(CHEQUE,))), book), book)) == {"statute_cheque_cost": 250}


def test_without_a_pack_only_the_principal_is_owed() -> None:
    situation = Situation(a_case(a_debt(lines=(INTEREST,))), None, a_context(), instant("2026-03-31 09:00"))
    assert situation.account.balance_cents == 2000


def test_the_pack_of_the_day_says_which_lines_may_be_demanded() -> None:
    """A firm that turns out to be a consumer is asked for none of its fees; so is one whose old pack is gone."""
    firms = a_pack(hours_rule(), id="test-pack", debtor="business")
    consumers = a_pack(hours_rule(), NO_FEE, id="test-b2c", debtor="individual")
    entered_as_a_firm = followed(a_debt(lines=(FEE,)), status=DebtorStatus.CONSUMER)
    for book in (a_book(firms, consumers), a_book(consumers)):
        assert seen(entered_as_a_firm, book).account.balance_cents == 2000
    assert (
        seen(followed(a_debt(lines=(FEE,)), status=DebtorStatus.COMPANY), a_book(firms)).account.balance_cents == 2750
    )


def test_a_layer_for_a_claim_that_came_after_the_entry_takes_away_its_lines() -> None:
    base, layer = a_pack(hours_rule()), a_pack(NO_FEE, id="test-rent", party="", claims=(ClaimKind.RENT,))
    fined = followed(a_debt(lines=(FEE,)))
    rented = followed(a_debt(lines=(FEE,)), a_debt("F-2", claim_kind=ClaimKind.RENT))
    book = a_book(base, layer)
    assert (seen(fined, book).account.balance_cents, seen(rented, book).account.balance_cents) == (2750, 4000)


def test_a_payment_that_names_a_debt_twice_settles_it_once_and_the_rest_stands_to_credit() -> None:
    twice = facts.paid(3000, "F-1", "F-1", on="2026-03-10")
    account = seen(followed(a_debt("F-1"), known=(twice,)), ruled_by(LAW)).account
    assert (account.balance_cents, account.unallocated_cents) == (-1000, 1000)


def test_legal_interest_of_a_ledger_waits_for_a_formal_notice() -> None:
    """FR-INT-02."""
    own = AmountLine(LineKind.INTEREST, 90, LegalBasis.LEGAL_INTEREST)
    book = ruled_by(LEGAL)
    noticed = OpeningHistory(formal_notice_on=date(2026, 3, 30))
    assert lines(stated(seen(followed(a_debt(lines=(own,))), book), book)) == {}
    late = stated(seen(followed(a_debt(lines=(own,), history=noticed)), book), book)
    assert lines(late)["legal_interest"] == 90


def test_what_the_ledger_brings_is_not_computed_again() -> None:
    """Its penalty stands for the days up to its own day, and its indemnity for the debt."""
    book = ruled_by(PENALTY)
    debt = a_debt(cents=100_000, as_of=date(2026, 3, 21), lines=(OWN_PENALTY,))
    found = stated(seen(followed(debt, status=DebtorStatus.COMPANY), book), book)
    assert lines(found) == {"l441_10_penalty": 1200, "penalty": cents_of((100_000, "12", 10))}


def test_an_indemnity_that_the_ledger_brings_is_not_computed_for_that_debt() -> None:
    """FR-FEE-03: once per invoice."""
    book = ruled_by(FORTY)
    debts = (a_debt("F-1", lines=(OWN_INDEMNITY,)), a_debt("F-2"))
    found = stated(seen(followed(*debts, status=DebtorStatus.COMPANY), book), book)
    assert lines(found) == {"l441_10_indemnity": 4000, "indemnity": 4000}


def test_a_dispute_takes_the_principal_first_and_then_the_lines() -> None:
    book = ruled_by(NO_FEE)
    known = (facts.disputed("F-1", at="2026-03-05 10:00", cents=2100),)
    found = stated(seen(followed(a_debt(lines=(INTEREST,)), known=known), book), book)
    assert (found.due[0].open_cents, lines(found), found.total_cents) == (0, {"contract_interest": 200}, 200)
    assert found.held[0].amount_cents == 2100


# ---------------------------------------------------------------------------------------- the order of payments


def parts(situation: Situation) -> list[tuple[str, int, int]]:
    """(reference, principal left, lines left)"""
    return [
        (p.debt.reference, p.principal_open_cents, sum(line.amount_cents for line in p.lines))
        for p in situation.account.positions
    ]


@pytest.mark.parametrize("order, left", [(LAW, (1800, 0)), (KIND, (1500, 300))])
def test_a_part_payment_settles_interest_first_unless_the_house_is_kinder(
    order: PaymentOrderRule, left: tuple[int, int]
) -> None:
    book = ruled_by(order)
    case = followed(a_debt(lines=(INTEREST,)), known=(facts.paid(500, "F-1", on="2026-03-10"),))
    situation = seen(case, book)
    assert parts(situation) == [("F-1", *left)]
    found = stated(situation, book)
    assert (found.due[0].open_cents, found.due[0].paid_cents) == (left[0], 2000 - left[0])
    assert found.total_cents == 1800


def test_a_payment_never_settles_a_line_that_may_not_be_demanded() -> None:
    book = ruled_by(LAW, NO_FEE)
    case = followed(a_debt(lines=(OWN_PENALTY,)), known=(facts.paid(500, "F-1", on="2026-03-10"),))
    assert parts(seen(case, book)) == [("F-1", 1500, 0)]


def test_a_case_ends_only_when_its_lines_are_paid_too() -> None:
    book = ruled_by(LAW)
    paid = facts.paid(2000, "F-1", on="2026-03-10")
    situation = seen(followed(a_debt(lines=(INTEREST,)), known=(paid,)), book)
    assert (parts(situation), situation.account.balance_cents) == ([("F-1", 300, 0)], 300)


def test_between_debts_named_together_the_due_then_the_costliest_then_the_oldest_comes_first() -> None:
    book = ruled_by(LAW)
    debts = (
        a_debt("F-1", due="2026-02-01"),
        a_debt("F-2", due="2026-03-01", contract_rate="15"),
        a_debt("F-3", due="2026-06-01", contract_rate="40"),
    )
    case = followed(*debts, known=(facts.paid(4500, "F-1", "F-2", "F-3", on="2026-03-10"),))
    assert parts(seen(case, book)) == [("F-3", 1500, 0)]
    case = followed(*debts, known=(facts.paid(2500, "F-1", "F-2", "F-3", on="2026-03-10"),))
    assert parts(seen(case, book)) == [("F-1", 1500, 0), ("F-3", 2000, 0)]


def test_equal_debts_share_a_payment_in_proportion() -> None:
    book = ruled_by(LAW)
    debts = (a_debt("F-1", cents=3000), a_debt("F-2", cents=1000))
    case = followed(*debts, known=(facts.paid(1001, "F-1", "F-2", on="2026-03-10"),))
    assert parts(seen(case, book)) == [("F-1", 2249, 0), ("F-2", 750, 0)]


def test_the_debt_that_the_debtor_named_comes_first_whatever_the_order() -> None:
    book = ruled_by(LAW)
    debts = (a_debt("F-1", due="2026-02-01", contract_rate="15"), a_debt("F-2"))
    case = followed(*debts, known=(facts.paid(2000, "F-2", on="2026-03-10"),))
    assert parts(seen(case, book)) == [("F-1", 2000, 0)]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5000), max_size=6))
def test_shares_add_up_and_none_is_more_than_its_weight(cents: int, weights: list[int]) -> None:
    cents = min(cents, sum(weights))
    found = shares(cents, weights)
    assert sum(found) == cents
    assert all(0 <= part <= weight for part, weight in zip(found, weights, strict=True))


# ------------------------------------------------------------------------------------------- it always adds up

_SUMS = st.integers(1, 50_000)
_BASES = [(LineKind.INTEREST, LegalBasis.CONTRACT_INTEREST), (LineKind.FEE, LegalBasis.STATUTE_CHEQUE_COST),
          (LineKind.DAMAGES, LegalBasis.COURT_AWARD), (LineKind.PENALTY, LegalBasis.CONTRACT_CLAUSE)]  # fmt: skip


@st.composite
def _debts(draw: st.DrawFn) -> tuple[Any, ...]:
    return tuple(
        a_debt(
            f"F-{index}",
            cents=draw(_SUMS),
            due=str(date(2026, 1, 10) + timedelta(days=draw(st.integers(0, 60)))),
            contract_rate=draw(st.sampled_from(["", "9", "15"])),
            lines=tuple(
                AmountLine(kind, draw(_SUMS), basis)
                for kind, basis in draw(st.lists(st.sampled_from(_BASES), unique=True, max_size=3))
            ),
        )
        for index in range(draw(st.integers(1, 4)))
    )


@st.composite
def _payments(draw: st.DrawFn, references: list[str]) -> list[PaymentReceived]:
    days = sorted(draw(st.lists(st.integers(0, 80), max_size=5)))
    return [
        facts.paid(
            draw(_SUMS),
            *draw(st.lists(st.sampled_from(references), unique=True)),
            on=str(date(2026, 1, 5) + timedelta(days=day)),
            pid=f"P-{index}",
        )
        for index, day in enumerate(days)
    ]


@given(data=st.data(), order=st.sampled_from([LAW, KIND]), free=st.booleans())
@examples(150)
def test_after_every_payment_the_statement_adds_up(data: st.DataObject, order: PaymentOrderRule, *, free: bool) -> None:
    """No cent is made or lost: what is open and what was paid are what was owed, and the table makes its total."""
    debts = data.draw(_debts())
    paid = data.draw(_payments([debt.reference for debt in debts]))
    book = ruled_by(order, PENALTY) if free else ruled_by(order, PENALTY, NO_FEE)
    for count in range(len(paid) + 1):
        situation = seen(followed(*debts, known=tuple(paid[:count])), book)
        account, claims = situation.account, situation.claims
        allowed = sum(line.amount_cents for several in claims.lines.values() for line in several)
        received = sum(event.payment.amount_cents for event in paid[:count])
        owed = sum(debt.principal_cents for debt in debts) + allowed
        assert account.balance_cents == owed - received
        for position in account.positions:
            assert position.principal_open_cents >= 0
            assert all(line.amount_cents > 0 for line in position.lines)
            repaid = sum(cents for _, cents in position.repaid)
            assert position.principal_open_cents + repaid == position.debt.principal_cents
        if not account.due():
            continue
        found = stated(situation, book)
        shown = [line.open_cents for line in (*found.due, *found.credits)]
        claimed = [line.amount_cents for line in found.statutory if line.is_claimed]
        assert found.total_cents == max(sum(shown) + sum(claimed), 0)
        brought = sum(line.amount_cents for line in found.statutory if line.basis)
        assert sum(line.open_cents for line in found.due) + brought == account.due_cents
