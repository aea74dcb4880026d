"""Portfolios are made and ended, cases given to somebody with a reason, absences covered. Each act keeps who did it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.portfolio import NOBODY, Absence, Portfolio
from orchestrator.domain.who import Who
from orchestrator.flows.follow_work import read_again
from orchestrator.flows.grant_access import require_name
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import access, case_work, portfolios
from orchestrator.storage.database import Connection, Database

# Nobody chooses more cases than these by hand; a portfolio takes any number.
MOST_AT_ONCE = 1_000
LONGEST_ABSENCE_DAYS = 366


class Given(msgspec.Struct, frozen=True):
    """What became of cases that were given: how many, and the ids not known, or that one of the two may not see."""

    count: int
    unknown: tuple[str, ...]


def add_portfolio(
    database: Database,
    portfolio_id: str,
    *,
    owner: str,
    creditors: Sequence[str] = (),
    scope: Condition = ALWAYS,
    who: Who,
    now: datetime,
) -> Portfolio:
    """A new portfolio, asked after those there are. Its cases change hands within minutes.

    Of whoever sees some creditors only, it takes theirs: all of them where none is named.
    Raises InputError, NotFound for its owner, Conflict for a name that was ever used or a role that is too low.
    """
    who.require("manager")
    require_name(portfolio_id)
    item = Portfolio(id=portfolio_id, owner=owner, creditors=_theirs(who, creditors), scope=scope)
    with database.begin() as conn:
        _require_user(conn, owner)
        portfolios.insert(conn, item, by=who.name, now=now)
    return item


def end_portfolio(database: Database, portfolio_id: str, *, who: Who, now: datetime) -> None:
    """Ends a portfolio: its cases go to the next that takes them, or to everybody. Raises NotFound, Conflict.

    Whoever sees some creditors only ends no portfolio that takes cases of others.
    """
    who.require("manager")
    with database.begin() as conn:
        found = next((each for each in portfolios.in_force(conn) if each.id == portfolio_id), None)
        if found is not None and may_know(who, found) and not _is_of(who, found.creditors):
            hint = "ask who sees them all"
            raise Conflict("this portfolio takes more than your creditors", hint=hint, code="portfolio_of_others")
        if found is None or not may_know(who, found) or not portfolios.end(conn, portfolio_id, now=now):
            raise NotFound("no portfolio in force has this name", hint="see `relance portfolio list`")


def give_cases(
    database: Database,
    strategy: Strategy,
    case_ids: Sequence[str],
    *,
    to: str,
    why: str,
    who: Who,
    now: datetime,
) -> Given:
    """Gives cases to a user, over any portfolio; with `to` empty, back to their portfolios.

    Raises InputError without a reason or for too many, NotFound for the user, Conflict for a role too low.
    """
    who.require("manager")
    ids = sorted(set(case_ids))
    if not why.strip():
        raise InputError("say why; it is kept with the case", where="why", code="reason_missing")
    if len(ids) > MOST_AT_ONCE:
        raise InputError(f"at most {MOST_AT_ONCE} cases at once", hint="make a portfolio of them", code="too_many")
    read_again(database, strategy, ids, now=now)  # those that nobody has looked at yet
    with database.begin() as conn:
        if to != NOBODY:
            _require_user(conn, to)
        known = case_work.load(conn, ids)
        seen = portfolios.staff(conn, now.date())
        mine = [
            each
            for each in ids
            if each in known and who.sees(known[each].creditor) and seen.may_see(to, known[each].creditor)
        ]
        given = case_work.give(conn, mine, owner=to, by=who.name if to else "", why=why if to else "", now=now)
        case_work.note_change(conn, given, owner=to, by=who.name, why=why, now=now)
    read_again(database, strategy, given, now=now)
    return Given(len(given), tuple(each for each in ids if each not in given))


def cover_absence(database: Database, told: Absence, *, who: Who, now: datetime) -> Absence:
    """Somebody is away from a day to a day; their substitute sees and answers their list meanwhile. The id is drawn.

    Anybody may say it of themselves, a manager of others. Without a substitute their cases show to everybody.
    Raises InputError, NotFound for a user, Conflict for a role too low.
    """
    if who.name != told.absent:
        who.require("manager")
    if told.to_on < told.from_on:
        raise InputError("an absence ends after it begins", where="to", code="date_past")
    if told.to_on < now.date():
        raise InputError("this absence is over", where="to", code="date_past")
    if (told.to_on - told.from_on).days > LONGEST_ABSENCE_DAYS:
        raise InputError("this is too long for an absence", hint="disable the user, or end the portfolio", where="to")
    if told.substitute == told.absent:
        raise InputError("nobody stands in for themselves", where="substitute")
    item = replace(told, id=f"abs-{secrets.token_hex(4)}")
    with database.begin() as conn:
        _require_user(conn, told.absent)
        if told.substitute:
            _require_user(conn, told.substitute)
        portfolios.insert_absence(conn, item, by=who.name, now=now)
    return item


def end_absence(database: Database, absence_id: str, *, who: Who, now: datetime) -> None:
    """Somebody is back before the day. Raises NotFound, or Conflict for a role too low."""
    with database.begin() as conn:
        absent = {each.id: each.absent for each in portfolios.absences_from(conn, now.date())}.get(absence_id)
        if absent is not None and absent != who.name:
            who.require("manager")
        if absent is None or not portfolios.end_absence(conn, absence_id, now=now):
            raise NotFound("no absence of this id runs or is to come", hint="see `relance portfolio list`")


def may_know(who: Who, portfolio: Portfolio) -> bool:
    """Whether a portfolio may take cases of a creditor whom they see."""
    return not portfolio.creditors or any(who.sees(each) for each in portfolio.creditors)


def _is_of(who: Who, creditors: Sequence[str]) -> bool:
    """Whether nobody's cases are meant but those that they see; no creditor named means any."""
    return who.creditors is None or (bool(creditors) and all(who.sees(each) for each in creditors))


def _theirs(who: Who, creditors: Sequence[str]) -> tuple[str, ...]:
    named = sorted(set(creditors) if creditors or who.creditors is None else who.creditors)
    if not _is_of(who, named):
        hint = "choose among yours"
        raise InputError("you do not see every creditor named", hint=hint, where="creditor", code="portfolio_of_others")
    return tuple(named)


def _require_user(conn: Connection, name: str) -> None:
    user = access.load_user(conn, name)
    if user is None:
        raise NotFound("no user has this name", hint="see `relance user list`")
    if user.disabled_at is not None:
        raise Conflict("this user is disabled", code="user_disabled")
