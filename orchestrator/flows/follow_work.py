"""Follows the cases: whose work each is, what it weighs, and its days, so that lists are read by index.

What the journal tells of is read again within seconds; every case once a day, and whenever portfolios change.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec

from orchestrator.domain.case import CaseState
from orchestrator.domain.case_dates import dates_of, weight_of
from orchestrator.domain.portfolio import NOBODY, Portfolio, Staff, owner_of
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.set_aside import is_of_one_case
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.storage import case_work, cases, facts, portfolios
from orchestrator.storage.case_work import Seen, Work
from orchestrator.storage.database import Connection, Database

CHUNK = 200
# Transactions commit in another order than their lines are numbered: what was looked at lately is looked at again.
OVERLAP = 5_000
_LINES, _ROUND = "work.lines", "work.round"


class _Held(msgspec.Struct, frozen=True):
    """The portfolios in the order in which they are asked, and who may see what."""

    portfolios: tuple[Portfolio, ...]
    staff: Staff


def _held(conn: Connection, now: datetime) -> _Held:
    return _Held(tuple(portfolios.in_force(conn)), portfolios.staff(conn, now.date()))


class _Round(msgspec.Struct):
    """A look at every case: for what (the day, the portfolios), and how far it came. `is_done` once it is over."""

    of: str = ""
    after: str = ""
    is_done: bool = False


def follow_work(database: Database, strategy: Strategy, *, now: datetime, limit: int = CHUNK) -> int:
    """Reads again up to `limit` cases; returns how many it read. First what changed, then what is left of the round."""
    with database.read() as conn:
        held = _held(conn, now)
        told, last = _changed(conn, limit)
        turn = _round(conn, held, now)
        more = case_work.ids_after(conn, turn.after, limit=limit - len(told)) if _goes_on(turn, told, limit) else []
        seen = _read(conn, strategy, held, dict.fromkeys((*told, *more)), now)
    with database.begin() as conn:
        case_work.save(conn, seen)
        if last is not None:
            facts.put(conn, _LINES, str(last), now=now)
        if _goes_on(turn, told, limit):
            end = _Round(turn.of, more[-1] if more else turn.after, is_done=len(more) < limit - len(told))
            facts.put(conn, _ROUND, msgspec.json.encode(end).decode(), now=now)
    return len(seen)


def follow_for(database: Database, strategy: Strategy, *, now: datetime, is_over: Callable[[], bool]) -> int:
    """Rounds until nothing is left to read, or until `is_over`."""
    total = 0
    while read := follow_work(database, strategy, now=now):
        total += read
        if is_over():
            break
    return total


def read_again(database: Database, strategy: Strategy, case_ids: Iterable[str], *, now: datetime) -> None:
    """Reads these cases now, changed or not."""
    ids = sorted(set(case_ids))
    for start in range(0, len(ids), CHUNK):
        with database.read() as conn:
            held = _held(conn, now)
            seen = _read(conn, strategy, held, ids[start : start + CHUNK], now)
        with database.begin() as conn:
            case_work.save(conn, seen)


def _goes_on(turn: _Round, told: Sequence[str], limit: int) -> bool:
    return not turn.is_done and len(told) < limit


def _changed(conn: Connection, limit: int) -> tuple[list[str], int | None]:
    """The cases that changed of which the journal tells, and how far it was read; None where it must be read again."""
    known = facts.get(conn, _LINES)
    if known is None:
        return [], case_work.last_line(conn)  # the round reads every case
    ids, last = case_work.told_since(conn, max(int(known) - OVERLAP, 0), limit=OVERLAP + 10 * limit)
    changed = case_work.changed(conn, ids)
    return changed[:limit], None if len(changed) > limit or last == int(known) else last


def _round(conn: Connection, held: _Held, now: datetime) -> _Round:
    told = msgspec.json.encode((held.portfolios, [(name, sorted(some)) for name, some in held.staff.limited]))
    of = blake2b(f"{now.date()}{told.decode()}".encode(), digest_size=8).hexdigest()
    stored = facts.get(conn, _ROUND)
    turn = msgspec.json.decode(stored, type=_Round) if stored else _Round()
    return turn if turn.of == of else _Round(of)


def _read(conn: Connection, strategy: Strategy, held: _Held, ids: Iterable[str], now: datetime) -> list[Seen]:
    stored = cases.load(conn, ids)
    if not stored:
        return []
    known = case_work.load(conn, [item.case.id for item in stored])
    around = contexts(conn, strategy, stored, now=now)
    seen = []
    for item in stored:
        situation = Situation(item.case, pinned_campaign(item.case, strategy.all_campaigns), around[item.case.id], now)
        try:
            seen.append(_seen(item, situation, held, known.get(item.case.id), now))
        except Exception as error:
            if not is_of_one_case(error):
                raise
            # Whoever decides it sets it aside with a task; until then it is nobody's, so everybody's.
    return seen


def _seen(item: cases.Stored, situation: Situation, held: _Held, known: Work | None, now: datetime) -> Seen:
    is_given = known is not None and known.given_by and held.staff.may_see(known.owner, item.case.creditor)
    owner, why = (known.owner, known.why) if known is not None and is_given else _owner(situation, held)
    is_same = known is not None and (known.owner, known.why) == (owner, why)
    work = Work(
        case_id=item.case.id,
        creditor=item.case.creditor,
        campaign=item.case.campaign,
        currency=item.case.currency,
        owner=owner,
        why=why,
        since=known.since if known is not None and is_same else now,
        given_by=known.given_by if known is not None and is_given else "",
        is_open=item.case.state is CaseState.OPEN and situation.account.balance_cents > 0,
        weight=weight_of(situation),
        seen_version=item.version,
        version=known.version if known is not None else 0,
    )
    return Seen(work, dates_of(situation))


def _owner(situation: Situation, held: _Held) -> tuple[str, str]:
    taken = owner_of(situation.case.creditor, situation, held.portfolios, held.staff)
    return (taken.owner, taken.id) if taken is not None else (NOBODY, "")
