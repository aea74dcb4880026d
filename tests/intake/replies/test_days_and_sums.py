"""Days and sums, one by one: what is said, what is read, and what is never taken for either."""

from datetime import date

import pytest

from orchestrator.intake.replies.amounts import find_sums
from orchestrator.intake.replies.dates import find_days
from orchestrator.intake.replies.day_rules import LOOSE, PLAIN
from orchestrator.intake.replies.normalise import fold_text

_TODAY = date(2026, 3, 10)  # a Tuesday


def _day(text: str, *, is_past: bool = False) -> tuple[date, int] | None:
    folded = fold_text(text)
    days = find_days(folded, 1, len(folded.words) - 2, _TODAY, is_past=is_past)
    return (days[0].on, days[0].sure) if days else None


def _cents(text: str) -> int | None:
    folded = fold_text(text)
    sums = find_sums(folded, 1, len(folded.words) - 2)
    return sums[0].cents if sums else None


@pytest.mark.parametrize(
    "text, expected",
    [
        ("le 15", "03-15"), ("le 5", "04-05"), ("15/03", "03-15"), ("15/03/2026", "03-15"), ("15.03.26", "03-15"),
        ("2026-03-15", "03-15"), ("03/15", "03-15"), ("vendredi", "03-13"), ("mardi", "03-17"),
        ("ce vendredi", "03-13"),
        ("vendredi en huit", "03-20"), ("lundi prochain", "03-16"), ("fin du mois", "03-31"), ("fin mars", "03-31"),
        ("à la fin du mois prochain", "04-30"), ("fin de semaine", "03-13"), ("après-demain", "03-12"),
        ("2main", "03-11"),
        ("demain", "03-11"), ("aujourd'hui", "03-10"), ("auj", "03-10"), ("ce soir", "03-10"),
        ("dans 10 jours", "03-20"),
        ("sous huitaine", "03-18"), ("sous quinzaine", "03-25"), ("sous 48h", "03-12"),
        ("d'ici une semaine", "03-17"),
        ("dans deux semaines", "03-24"), ("le 5 du mois prochain", "04-05"), ("d'ici vendredi", "03-13"),
        ("le 1er avril", "04-01"), ("le premier", "04-01"), ("le quinze", "03-15"), ("30 avril 2026", "04-30"),
        ("avant le 20", "03-20"), ("on the 15th", "03-15"), ("by the 3rd", "04-03"), ("in two weeks", "03-24"),
        ("in a fortnight", "03-24"), ("end of the month", "03-31"), ("end of next month", "04-30"),
        ("tomorrow", "03-11"),
        ("the day after tomorrow", "03-12"), ("Monday", "03-16"), ("April 15", "04-15"), ("15th of April", "04-15"),
        ("Monday 23 March", "03-23"), ("within 10 days", "03-20"), ("dans un mois", "04-10"),
        ("end of next week", "03-20"),
    ],
)  # fmt: skip
def test_a_plain_day(text: str, expected: str) -> None:
    assert _day(text) == (date.fromisoformat(f"2026-{expected}"), PLAIN)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("vendredi prochain", "2026-03-13"), ("next Friday", "2026-03-13"), ("début avril", "2026-04-05"),
        ("la semaine prochaine", "2026-03-20"), ("next week", "2026-03-20"), ("le mois prochain", "2026-04-30"),
        ("ce week-end", "2026-03-15"), ("mi-avril", "2026-04-15"), ("05/02", "2027-02-05"),
    ],
)  # fmt: skip
def test_a_day_that_could_be_another_is_not_certain(text: str, expected: str) -> None:
    assert _day(text) == (date.fromisoformat(expected), LOOSE)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("hier", "03-09"), ("avant-hier", "03-08"), ("le 5", "03-05"), ("lundi dernier", "03-09"), ("lundi", "03-09"),
        ("il y a trois jours", "03-07"), ("two days ago", "03-08"), ("last Friday", "03-06"), ("ce matin", "03-10"),
        ("le 27/02", "02-27"), ("on 26 February", "02-26"),
    ],
)  # fmt: skip
def test_a_day_past(text: str, expected: str) -> None:
    assert _day(text, is_past=True) == (date.fromisoformat(f"2026-{expected}"), PLAIN)


@pytest.mark.parametrize(
    "text", ["31/02", "le 45", "20 euros", "06 44 63 12 34", "facture 2025-118", "36105", "3 fois", "18h30", "rien"]
)
def test_what_is_no_day(text: str) -> None:
    assert _day(text) is None


def test_another_spelling_of_a_month_is_left_to_dateparser() -> None:
    assert _day("le 3 septbre") is None
    assert _day("le 3 sept") == (date(2026, 9, 3), PLAIN)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("20 euros", 2000), ("20€", 2000), ("20,50 EUR", 2050), ("1 200 €", 120000), ("1 200,50 €", 120050),
        ("1.200,50 euros", 120050), ("£1,200.50", 120050), ("vingt euros", 2000), ("20 e", 2000), ("20e", 2000),
        ("£20", 2000), ("20 quid", 2000), ("cent cinquante euros", 15000), ("quatre-vingt-dix euros", 9000),
        ("deux cents euros", 20000), ("mille deux cents euros", 120000), ("twenty five pounds", 2500),
        ("je paye 50", 5000),
        ("un virement de 80", 8000),
    ],
)  # fmt: skip
def test_a_sum(text: str, expected: int) -> None:
    assert _cents(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "06 44 63 12 34", "le 15/03", "facture 2025-118", "à 18h30", "dans 10 jours", "je paye le 15",
        "je paye en 3 fois",
        "STOP 36105", "je paie 2 factures", "je vais payer 15 mars",
    ],
)  # fmt: skip
def test_what_is_no_sum(text: str) -> None:
    assert _cents(text) is None
