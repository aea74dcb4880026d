"""A case's statement is read from the store, shown to those who may see its creditor, and agrees with its account."""

from datetime import date

import pytest

from orchestrator.domain.campaign import DocumentKind, Use
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.flows.account_statement import StatedAccounts, account_statement
from orchestrator.flows.show_account import show_account
from orchestrator.flows.write_statement import write_statement
from orchestrator.settings import read_settings
from orchestrator.storage import cases
from tests.domain import facts
from tests.flows.conftest import TUESDAY, World, row

FONTS = read_settings({}).fonts


def _cases(world: World) -> list[str]:
    with world.database.read() as conn:
        return [stored.case.id for stored in cases.search(conn, cases.Filter(), limit=10)]


@pytest.fixture
def two(world: World) -> list[str]:
    """A debtor with accounts in two currencies, and another debtor."""
    world.load(row("F-1"), row("F-2", amount="7,50"), row("F-3").replace(";EUR;", ";GBP;"), row("F-4", debtor="C-2"))
    return _cases(world)


def test_it_agrees_with_the_account_that_screens_show(world: World, two: list[str]) -> None:
    strategy = world.strategy()
    for case_id in two:
        stated = account_statement(world.database, strategy, case_id, now=TUESDAY)
        with world.database.read() as conn:
            case = cases.load(conn, [case_id])[0].case
        account = show_account(case, strategy, now=TUESDAY)
        assert [each.balance_cents for each in stated.accounts] == [account.balance_cents]
        assert stated.debtor == case.debtor


def test_a_debtor_s_accounts_stand_together_the_asked_one_first(world: World, two: list[str]) -> None:
    seen = {}
    for case_id in two:
        stated = account_statement(world.database, world.strategy(), case_id, now=TUESDAY, whole_debtor=True)
        assert stated.accounts[0].case_id == case_id
        seen[case_id] = sorted(each.currency for each in stated.accounts)
    assert sorted(seen.values()) == [["EUR"], ["EUR", "GBP"], ["EUR", "GBP"]]


def test_another_creditor_s_case_is_not_found(world: World, two: list[str]) -> None:
    account_statement(world.database, world.strategy(), two[0], now=TUESDAY, creditors=frozenset({"acme-telecom"}))
    for creditors in (frozenset({"someone-else"}), frozenset[str]()):
        with pytest.raises(NotFound):
            account_statement(world.database, world.strategy(), two[0], now=TUESDAY, creditors=creditors)
    with pytest.raises(NotFound):
        account_statement(world.database, world.strategy(), "NONE", now=TUESDAY)


@pytest.mark.parametrize("language, name", [("", "releve-de-compte"), ("en", "statement")])
def test_its_file_is_named_by_case_and_day(world: World, two: list[str], language: str, name: str) -> None:
    stated = account_statement(world.database, world.strategy(), two[0], now=TUESDAY)
    pdf = write_statement(stated, form="pdf", fonts=FONTS, language=language)
    book = write_statement(stated, form="xlsx", fonts=FONTS, language=language)
    day = stated.accounts[0].as_of
    assert (pdf.name, book.name) == (f"{name}-{two[0]}-{day}.pdf", f"{name}-{two[0]}-{day}.xlsx")
    assert (pdf.content[:5], book.content[:2]) == (b"%PDF-", b"PK")


def test_before_a_collector_s_first_letter_only_the_workbook_is_given(world: World) -> None:
    """CPCE R124-4: the letter comes first, and every later paper recalls it."""
    world.load(row("F-1").replace("acme-telecom", "syndic-lilas"))
    case_id = world.case().id

    def stated() -> StatedAccounts:
        return account_statement(world.database, world.strategy(), case_id, now=TUESDAY)

    assert (stated().letter, stated().missing) == (None, (case_id,))
    with pytest.raises(InputError) as refused:
        write_statement(stated(), form="pdf", fonts=FONTS)
    assert (refused.value.code, refused.value.where) == ("first_letter_missing", case_id)
    assert write_statement(stated(), form="xlsx", fonts=FONTS).content
    left = facts.gone("r124-4", at="2026-03-02 09:00", use=Use.LETTER, kind=DocumentKind.R124_4_LETTER)
    world.record(left, now=TUESDAY)
    assert (stated().letter, stated().missing) == ((case_id, date(2026, 3, 2)), ())
    assert write_statement(stated(), form="pdf", fonts=FONTS).content


@pytest.mark.parametrize("creditor, is_refused", [("syndic-lilas", True), ("acme-telecom", False)])
def test_where_no_pack_is_known_a_collector_hands_nothing_over(world: World, creditor: str, is_refused: bool) -> None:
    world.load(row("F-1").replace("acme-telecom", creditor).replace(";FR;fr;", ";JP;fr;"))
    case_id = world.case().id
    stated = account_statement(world.database, world.strategy(), case_id, now=TUESDAY)
    assert (stated.missing == (case_id,)) is is_refused
