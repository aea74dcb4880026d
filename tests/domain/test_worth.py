"""The rank of a piece of work: each factor by its table, and care before everything."""

from datetime import date, timedelta

import pytest

from orchestrator.domain.reply_order import Risk
from orchestrator.domain.worth import Chance, Family, Rank, chance_of, family_of, rank_of, urgency_of

TODAY = date(2026, 3, 10)


def chance(days: int, broken: int = 0, answered: int = 0) -> int:
    return chance_of(TODAY - timedelta(days=days), broken=broken, answered=answered, today=TODAY).percent


@pytest.mark.parametrize(
    "days, percent",
    [(-3, 95), (0, 95), (1, 90), (30, 90), (31, 80), (60, 80), (61, 70), (91, 50), (181, 30), (365, 30), (366, 15)],
)
def test_the_older_the_debt_the_smaller_the_chance(days: int, percent: int) -> None:
    assert chance(days) == percent


@pytest.mark.parametrize("broken, percent", [(0, 80), (1, 64), (2, 51), (3, 40), (9, 40)])
def test_each_broken_promise_makes_it_smaller_three_at_most(broken: int, percent: int) -> None:
    assert chance(45, broken) == percent


@pytest.mark.parametrize(
    "days, broken, answered, percent", [(45, 0, 2, 92), (10, 0, 1, 95), (45, 1, 1, 73), (900, 3, 0, 7)]
)
def test_who_spoke_with_us_is_likelier_to_pay_never_certain(
    days: int, broken: int, answered: int, percent: int
) -> None:
    assert chance(days, broken, answered) == percent


@pytest.mark.parametrize("left, urgency", [(-9, 40), (-1, 40), (0, 30), (1, 20), (2, 15), (7, 15), (8, 10), (400, 10)])
def test_urgency_grows_with_the_deadline(left: int, urgency: int) -> None:
    assert urgency_of(Family.MONEY, left) == urgency


def test_what_the_law_ends_within_the_week_weighs_most() -> None:
    assert [urgency_of(Family.LAW, left) for left in (-1, 0, 7, 8)] == [50, 50, 50, 10]


@pytest.mark.parametrize(
    "kind, care, family",
    [
        ("call", "", Family.MONEY),
        ("call", "vulnerable", Family.CARE),
        ("distress", "", Family.CARE),
        ("deceased", "", Family.CARE),
        ("claim_expires", "", Family.LAW),
        ("read_reply", "", Family.ANSWER),
        ("never-heard-of", "", Family.HOUSE),
    ],
)
def test_every_kind_has_a_family(kind: str, care: str, family: Family) -> None:
    assert family_of(kind, care) is family


def ranked(family: Family, cents: int, left: int = 0) -> Rank:
    return rank_of(family, cents, Chance(50, 0, 0, 0), due_on=TODAY + timedelta(days=left), today=TODAY)


def test_the_score_is_amount_by_chance_by_urgency() -> None:
    found = ranked(Family.MONEY, 20_000)
    assert (found.score, found.is_floor) == (20_000 * 50 // 100 * 3, False)


def test_a_small_sum_weighs_its_floor() -> None:
    found = ranked(Family.ANSWER, 500)
    assert (found.stake_cents, found.is_floor, found.score) == (20_000, True, 30_000)


def test_care_comes_before_any_amount() -> None:
    assert ranked(Family.CARE, 0, left=30).key < ranked(Family.MONEY, 10**12, left=-30).key
    assert ranked(Family.MONEY, 5_000).key < ranked(Family.MONEY, 4_000).key


def replied(risk: Risk, kind: str = "call_back", cents: int = 0) -> Rank:
    free = Chance(50, 0, 0, 0)
    return rank_of(family_of(kind, "", risk), cents, free, due_on=TODAY, today=TODAY, kind=kind, risk=risk)


def test_a_reply_at_risk_or_unread_never_stands_below_money_and_the_gravest_first() -> None:
    money = ranked(Family.MONEY, 10**12, left=-30)
    unread = [replied(Risk.ORDINARY, "read_reply"), replied(Risk.ORDINARY, "reply_unread")]
    grave = [replied(Risk.DANGER), replied(Risk.VULNERABLE), replied(Risk.DISPUTE, cents=10**9), *unread]
    assert [each.key for each in grave] == sorted(each.key for each in grave)
    assert all(each.key < money.key for each in grave)
    assert replied(Risk.ORDINARY).key > money.key, "what was read and is not grave is weighed"


def test_danger_in_a_reply_is_care_whatever_it_asks_for() -> None:
    assert replied(Risk.DANGER).family is Family.CARE
    assert ranked(Family.CARE, 0).key < replied(Risk.VULNERABLE).key


def test_what_the_law_ends_within_the_week_is_not_buried_under_unread_replies() -> None:
    assert ranked(Family.LAW, 0, left=7).key < replied(Risk.ORDINARY, "read_reply").key
    assert ranked(Family.LAW, 0, left=8).key > replied(Risk.ORDINARY, "read_reply").key
