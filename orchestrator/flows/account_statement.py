"""The statement of account of a case, or of a debtor's cases with one creditor (R48). Reads only; asks for nothing."""

from datetime import date, datetime, timedelta

import msgspec

from channels.contract import Channel
from orchestrator.domain.account_statement import AccountStatement, state_account
from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.case import Case
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.contact import Debtor
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.decision import Decision, Verdict
from orchestrator.domain.errors import InputError, NotFound
from orchestrator.domain.events import Event
from orchestrator.domain.gates import letter_first
from orchestrator.domain.past_account import case_on
from orchestrator.domain.policy import Policy
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.brief_message import first_letter
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases, journal
from orchestrator.storage.database import Connection, Database

MOST_CASES = 200  # of one debtor with one creditor: one for each currency and payee


class StatedAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one debtor with one creditor, the asked case first, and the language to tell them in.

    `letter` is the reference and day of a collector's first letter. `missing` are the cases whose pack wants a document
    to be posted before anything else is said to the debtor, and it was not.
    """

    creditor: Creditor
    debtor: Debtor
    language: str
    accounts: tuple[AccountStatement, ...]
    letter: tuple[str, date] | None = None
    missing: tuple[str, ...] = ()


def account_statement(
    database: Database,
    strategy: Strategy,
    case_id: str,
    *,
    now: datetime,
    whole_debtor: bool = False,
    creditors: frozenset[str] | None = None,
    on: date | None = None,
) -> StatedAccounts:
    """The statement of a case at `now`, on the debtor's day; with `whole_debtor` of all of the debtor's cases with it.

    With `on`, as of the end of that past day, by what is known now. `creditors` are those that the reader may see,
    None all. Raises NotFound for a case that is not, or not theirs; InputError for a day to come.
    """
    with database.read() as conn:
        found = cases.load(conn, [case_id])
        if not found or (creditors is not None and found[0].case.creditor not in creditors):
            raise NotFound("no case has this id", hint="check the case id")
        asked = found[0].case
        others: list[Case] = []
        if whole_debtor:
            same = cases.Filter(creditor=asked.creditor, debtor_ref=asked.debtor.ref)
            others = [item.case for item in cases.search(conn, same, limit=MOST_CASES) if item.case.id != asked.id]
        facts = {case.id: _facts(conn, case.id) for case in (asked, *others)} if on is not None else {}
    creditor = strategy.creditors.get(asked.creditor) or Creditor(id=asked.creditor, name=asked.creditor)
    situations = [_situation(case, creditor, strategy, now) for case in (asked, *others)]
    policies = [_policy(situation, strategy) for situation in situations]
    both = list(zip(situations, policies, strict=True))
    stated = [_stated_on(each, facts[each.case.id], strategy, on) if on else state_account(each, policy)
              for each, policy in both]  # fmt: skip
    return StatedAccounts(
        creditor=creditor,
        debtor=asked.debtor,
        language=asked.debtor.language or creditor.language,
        accounts=tuple(stated),
        letter=first_letter(situations[0]) if creditor.party == "third_party" else None,
        missing=tuple(situation.case.id for situation, policy in both if _lacks_letter(situation, policy)),
    )


def _facts(conn: Connection, case_id: str) -> list[Event]:
    return [line.fact for line in journal.read(conn, case_id) if not isinstance(line.fact, Decision)]


def _stated_on(now: Situation, facts: list[Event], strategy: Strategy, day: date) -> AccountStatement:
    """The account as of the end of a day. What must be posted before a paper is handed over is judged of today."""
    if day > now.today:
        hint = "name today or an earlier day"
        raise InputError("a statement cannot be of a day to come", hint=hint, code="date_to_come")
    if day == now.today:
        return state_account(now, _policy(now, strategy))
    at = end_of(day, 0, now.place) - timedelta(microseconds=1)
    then = _situation(case_on(now.case, facts, day, now.place), now.context.creditor, strategy, at)
    return msgspec.structs.replace(state_account(then, _policy(then, strategy)), known_on=now.today)


def _situation(case: Case, creditor: Creditor, strategy: Strategy, now: datetime) -> Situation:
    """As `show_account` sees it: pauses, crises and contacts change no sum."""
    context = Context(creditor=creditor, book=strategy.book, mode=strategy.mode, is_rehearsal=strategy.is_rehearsal)
    return Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)


def _policy(situation: Situation, strategy: Strategy) -> Policy | None:
    pack = strategy.book.select(situation.pack_facts)
    return None if pack is None else strategy.book.on(pack, situation.today, situation.case.debtor.status)


def _lacks_letter(situation: Situation, policy: Policy | None) -> bool:
    if policy is None:  # no law is known here: a collector hands nothing over
        return situation.context.creditor.party == "third_party"
    found = letter_first(situation, policy, Channel.LETTER.value, DocumentKind.REMINDER)
    return found is not None and found.verdict is Verdict.ASK
