"""What a message says is owed (R9, R22, semantics A6, B14): its lines, its statutory amounts, its total."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from channels.contract import DeliveryStatus
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Amounts, DocumentKind, Purpose, Use
from orchestrator.domain.case import Case
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import DocumentKind as LedgerKind
from orchestrator.domain.debt import OpeningHistory
from orchestrator.domain.decision import Send
from orchestrator.domain.events import Event
from orchestrator.domain.policy import AmountsRule, IndemnityRule, InterestRule, PolicyBook
from orchestrator.domain.rates import RatePeriod, Rates, RateSeries
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.situation import Situation
from orchestrator.domain.statement import Statement, StatutoryLine
from orchestrator.domain.voice import Voice
from tests.builders import a_campaign, a_case, a_context, a_debt, a_debtor, instant
from tests.domain import facts
from tests.domain.packs import a_rule, ruled_by

PENALTY = a_rule(
    InterestRule, "T-PEN", line="penalty", series="ecb", points="10", floor_series="legal", contract_floor_multiple=3,
    legal_basis="L441-10", not_during=(HoldKind.INSOLVENCY,),
)  # fmt: skip
LEGAL = a_rule(InterestRule, "T-LEGAL", line="interest", series="legal", starts="formal_notice", legal_basis="1231-6")
FORTY = a_rule(
    IndemnityRule, "T-40", amount_cents=4000, currency="EUR", legal_basis="D441-5", not_during=(HoldKind.INSOLVENCY,)
)
NO_FEE = a_rule(AmountsRule, "T-FEE", forbid_lines=("indemnity", "penalty", "fee"), unless=("has_title",))


def series(name: str, *periods: tuple[str, str, str]) -> RateSeries:
    dated = tuple(RatePeriod(date.fromisoformat(a), date.fromisoformat(b), percent) for a, b, percent in periods)
    return RateSeries(name, name, dated)


RATES: Rates = {
    "ecb": series("ecb", ("2025-07-01", "2025-12-31", "2.50"), ("2026-01-01", "2026-06-30", "2.00")),
    "legal": series("legal", ("2025-07-01", "2025-12-31", "3.00"), ("2026-01-01", "2026-06-30", "4.00")),
}


def stated(
    case: Case,
    *rules: Any,
    now: str = "2026-03-31 09:00",
    references: tuple[str, ...] = ("F-1",),
    rates: Rates | None = None,
    **changes: Any,
) -> Statement:
    context = a_context(rates=RATES if rates is None else rates)
    situation = Situation(case, a_campaign(), context, instant(now))
    policy = ruled_by(*(rules or (PENALTY, FORTY))).on("test-pack", situation.today, case.debtor.status)
    fields = {"amounts": Amounts.CLAIM, "kind": DocumentKind.REMINDER, "purpose": Purpose.DEMAND, **changes}
    send = Send(
        step="s", cycle=1, ordinal=1, channel=Use.EMAIL.channel, use=Use.EMAIL, voice=Voice.FACTUAL, template="t",
        not_before=situation.now, references=references, **fields,
    )  # fmt: skip
    return reckon(situation, policy, send)


def company(*debts: Any, known: tuple[Event, ...] = ()) -> Case:
    return a_case(*debts, debtor=a_debtor(status=DebtorStatus.COMPANY), facts=known)


def line(statement: Statement, kind: str) -> StatutoryLine | None:
    return next((found for found in statement.statutory if found.kind == kind), None)


def cents_of(*parts: tuple[int, str, int]) -> int:
    """Interest on (cents, yearly per cent, days), added up and rounded once."""
    total = sum((Decimal(cents) * Decimal(rate) / 100 * days / 365 for cents, rate, days in parts), Decimal(0))
    return int(total.quantize(Decimal(1), "ROUND_HALF_UP"))


# --------------------------------------------------------------------------------------------------- lines


def test_each_debt_shows_its_principal_what_was_paid_and_what_is_open() -> None:
    found = stated(company(a_debt(cents=10_000), known=(facts.paid(2500, "F-1", on="2026-03-10"),)), NO_FEE)
    (shown,) = found.due
    assert (shown.principal_cents, shown.paid_cents, shown.open_cents, shown.days_late) == (10_000, 2500, 7500, 29)
    assert found.total_cents == 7500


def test_credits_are_listed_and_deducted() -> None:
    note = a_debt("A-1", cents=-500, kind=LedgerKind.CREDIT_NOTE)
    found = stated(company(a_debt(cents=10_000), note, known=(facts.paid(300, on="2026-03-10"),)), NO_FEE)
    assert [(c.reference, c.open_cents) for c in found.credits] == [("A-1", -500), ("", -300)]
    assert (found.total_cents, found.principal_cents) == (9200, 9200)


def test_what_is_disputed_is_shown_apart_and_not_demanded() -> None:
    """R41."""
    found = stated(
        company(a_debt(cents=10_000), known=(facts.disputed("F-1", at="2026-03-05 10:00", cents=4000),)), NO_FEE
    )
    assert [(h.reference, h.amount_cents, h.why) for h in found.held] == [("F-1", 4000, "dispute")]
    assert (found.due[0].open_cents, found.total_cents) == (6000, 6000)


def test_what_is_not_due_is_listed_and_not_demanded() -> None:
    case = company(a_debt(), a_debt("F-2", due="2026-05-01", cents=700))
    found = stated(case, NO_FEE, listed=("F-2",))
    assert ([shown.reference for shown in found.listed], found.total_cents) == (["F-2"], 2000)


def test_a_total_is_never_negative() -> None:
    assert stated(company(a_debt(), known=(facts.paid(9000, on="2026-03-10"),)), NO_FEE).total_cents == 0


# ----------------------------------------------------------------------------------------------- indemnity


def test_the_indemnity_is_forty_euro_for_each_late_invoice() -> None:
    """FR-FEE-03: once per invoice."""
    case = company(a_debt("F-1"), a_debt("F-2"), a_debt("F-3", due="2026-06-01"))
    found = line(stated(case, references=("F-1", "F-2", "F-3")), "indemnity")
    assert found is not None
    assert (found.amount_cents, found.count, found.legal_basis) == (8000, 2, "D441-5")


def test_the_indemnity_is_not_counted_in_another_currency() -> None:
    pounds = a_rule(IndemnityRule, "T-40", amount_cents=4000, currency="GBP", legal_basis="x")
    assert line(stated(company(a_debt()), pounds), "indemnity") is None


def test_a_consumer_is_never_asked_for_fees_or_penalties() -> None:
    """R22, FR-FEE-04."""
    found = stated(a_case(a_debt(cents=100_000)), PENALTY, FORTY, NO_FEE)
    assert (found.statutory, found.total_cents) == ((), 100_000)


def test_a_rule_for_some_statuses_leaves_the_others_alone() -> None:
    """FR-FEE-04 in the pack of businesses concerns associations, not companies."""
    for_some = a_rule(AmountsRule, "T-ASSO", forbid_lines=("indemnity",), statuses=(DebtorStatus.NON_PROFESSIONAL,))
    association = a_case(a_debt(), debtor=a_debtor(status=DebtorStatus.NON_PROFESSIONAL))
    assert line(stated(association, FORTY, for_some), "indemnity") is None
    assert line(stated(company(a_debt()), FORTY, for_some), "indemnity") is not None


def test_a_title_opens_what_the_law_closes_without_one() -> None:
    titled = a_case(a_debt(), facts=(facts.marked("title", at="2026-03-01 08:00"),))
    assert line(stated(titled, FORTY, NO_FEE), "indemnity") is not None


def test_nothing_is_added_during_insolvency() -> None:
    insolvent = company(a_debt(), known=(facts.held(HoldKind.INSOLVENCY, since="2026-03-01 08:00"),))
    assert stated(insolvent).statutory == ()


@pytest.mark.parametrize(
    "amounts, shown, claimed",
    [(Amounts.HIDE, False, False), (Amounts.MENTION, True, False), (Amounts.CLAIM, True, True)],
)
def test_statutory_amounts_are_hidden_mentioned_or_claimed(amounts: Amounts, *, shown: bool, claimed: bool) -> None:
    """Semantics B14: only what is claimed is in the total."""
    found = stated(company(a_debt()), FORTY, amounts=amounts)
    assert bool(found.statutory) is shown
    assert found.total_cents == (6000 if claimed else 2000)


def test_an_answer_adds_nothing() -> None:
    assert stated(company(a_debt()), purpose=Purpose.ANSWER).statutory == ()


# ------------------------------------------------------------------------------------------------- penalty


def test_the_penalty_runs_from_the_day_after_the_due_date_to_today() -> None:
    """29 days of March at 2 + 10 per cent."""
    found = line(stated(company(a_debt(cents=100_000))), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((100_000, "12", 29))
    assert (found.percent, found.from_on, found.to_on) == ("12", date(2026, 3, 3), date(2026, 3, 31))


def test_a_round_rate_is_shown_in_figures() -> None:
    rule = a_rule(InterestRule, "T-PEN", line="penalty", series="legal", points="6")
    found = line(stated(company(a_debt(cents=100_000)), rule), "penalty")
    assert found is not None
    assert found.percent == "10"


def test_the_rate_changes_with_the_half_year() -> None:
    """Due on the 30th of November: 31 days at 12.5, then 31 of January at 12."""
    found = line(stated(company(a_debt(due="2025-11-30", cents=100_000)), now="2026-01-31 09:00"), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((100_000, "12.5", 31), (100_000, "12", 31))
    assert found.percent == ""


def test_a_rate_that_half_years_do_not_fix_changes_with_its_own_periods() -> None:
    monthly = {"ecb": series("ecb", ("2026-03-01", "2026-03-16", "2.00"), ("2026-03-17", "2026-06-30", "1.00"))}
    rule = a_rule(InterestRule, "T-PEN", line="penalty", series="ecb", points="10", half_yearly=False)
    found = line(stated(company(a_debt(cents=100_000)), rule, rates=monthly), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((100_000, "12", 14), (100_000, "11", 15))


def test_the_penalty_follows_what_remained_after_each_part_payment() -> None:
    """10,000 until the 12th, 6,000 from the day of the payment on."""
    case = company(a_debt(cents=1_000_000), known=(facts.paid(400_000, "F-1", on="2026-03-13"),))
    found = line(stated(case), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((1_000_000, "12", 10), (600_000, "12", 19))


def test_a_payment_before_the_due_date_lowers_all_of_it() -> None:
    case = company(a_debt(cents=1_000_000), known=(facts.paid(400_000, "F-1", on="2026-02-13"),))
    found = line(stated(case), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((600_000, "12", 29))


def test_a_reversed_payment_lowers_nothing() -> None:
    known = (facts.paid(400_000, "F-1", on="2026-03-13"), facts.bounced(on="2026-03-16"))
    found = line(stated(company(a_debt(cents=1_000_000), known=known)), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((1_000_000, "12", 29))


def test_no_penalty_is_counted_on_what_is_disputed() -> None:
    case = company(a_debt(cents=1_000_000), known=(facts.disputed("F-1", at="2026-03-05 10:00", cents=400_000),))
    found = line(stated(case), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((600_000, "12", 29))


@pytest.mark.parametrize("contract, used", [("15", "15"), ("12.5", "12.5"), ("11", "12"), ("", "12")])
def test_a_contracts_rate_holds_down_to_three_times_the_legal_one(contract: str, used: str) -> None:
    """FR-INT-01: the legal rate is 4, its triple 12; without a contract the ECB's plus ten, 12."""
    found = line(stated(company(a_debt(cents=1_000_000, contract_rate=contract))), "penalty")
    assert found is not None
    assert found.amount_cents == cents_of((1_000_000, used, 29))


@pytest.mark.parametrize("rates, missing", [({}, ("penalty:ecb",)), ({"ecb": RATES["ecb"]}, ("penalty:ecb",))])
def test_a_missing_rate_removes_its_line_and_is_named(rates: Rates, missing: tuple[str, ...]) -> None:
    """No rate is known from July 2026 on: the line goes, the rest stays (semantics B14)."""
    found = stated(company(a_debt(cents=100_000)), now="2026-07-10 09:00", rates=rates)
    assert (line(found, "penalty"), found.missing) == (None, missing)
    assert found.total_cents == 100_000 + 4000


def test_what_falls_due_today_bears_no_penalty() -> None:
    assert line(stated(company(a_debt(due="2026-03-31", cents=100_000))), "penalty") is None


# ------------------------------------------------------------------------------------------ legal interest


def notice(at: str, **changes: Any) -> Event:
    return facts.gone("formal", "F-1", at=at, kind=DocumentKind.FORMAL_NOTICE, use=Use.REGISTERED, **changes)


def test_a_consumers_interest_runs_from_the_day_after_the_formal_notice() -> None:
    """FR-INT-02. Half past midnight in Paris: the notice is of the 11th."""
    found = line(stated(a_case(a_debt(cents=1_000_000), facts=(notice("2026-03-10 23:30"),)), LEGAL), "interest")
    assert found is not None
    assert (found.from_on, found.amount_cents) == (date(2026, 3, 12), cents_of((1_000_000, "4", 20)))


def test_without_a_formal_notice_there_is_no_interest() -> None:
    assert line(stated(a_case(a_debt(cents=1_000_000)), LEGAL), "interest") is None


def test_a_notice_that_was_observed_or_came_back_starts_no_interest() -> None:
    back = facts.reported("CASE000001:1:formal:1", DeliveryStatus.RETURNED, at="2026-03-20 09:00", channel="letter")
    for known in ((notice("2026-03-10 09:00", is_observed=True),), (notice("2026-03-10 09:00"), back)):
        assert line(stated(a_case(a_debt(cents=1_000_000), facts=known), LEGAL), "interest") is None


def test_an_imported_notice_starts_interest() -> None:
    debt = a_debt(cents=1_000_000, history=OpeningHistory(formal_notice_on=date(2026, 3, 10)))
    found = line(stated(a_case(debt), LEGAL), "interest")
    assert found is not None
    assert found.from_on == date(2026, 3, 11)


def test_the_book_gives_the_rules_of_the_day() -> None:
    book: PolicyBook = ruled_by(
        a_rule(IndemnityRule, "T-40", amount_cents=4000, currency="EUR", legal_basis="x", valid_to=date(2026, 3, 30))
    )
    assert book.on("test-pack", date(2026, 3, 30)).of(IndemnityRule)
    assert not book.on("test-pack", date(2026, 3, 31)).of(IndemnityRule)
