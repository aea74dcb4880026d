"""Search: cases by a word that somebody has in hand, by filters, and by any condition that a campaign may have.

The figures choose candidates and their order; the core judges a condition on the case itself. A page ends with its
hits, or with its time: it then says how many cases it looked at, and where the next one goes on.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from orchestrator.domain.condition import ALWAYS, Condition, holds
from orchestrator.domain.contact import PointKind
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.strategy import Strategy
from orchestrator.intake.ledger.contact_points import read_email, read_phone
from orchestrator.intake.ledger.person_points import point_digest
from orchestrator.rendering.latin_letters import unaccented
from orchestrator.storage import case_search, cases, persons
from orchestrator.storage.case_search import Row, Sort, Wanted
from orchestrator.storage.database import Connection, Database

PAGE = 50
# A condition reads cases: so many at once.
_CHUNK = 100
_PHONE = re.compile(r"[+0-9][0-9 ./()-]{5,}")
_LONGEST_REFERENCE = 64


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page. `after` leads to the next one, empty when there is none; `is_cut`: the time was over before the end.

    `looked` cases were judged on this page. `is_exact`: these are all that the words name.
    """

    rows: tuple[Row, ...]
    after: str
    looked: int
    is_cut: bool = False
    is_exact: bool = False


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `words` are a case id, a document, a debtor's reference, a number or an e-mail, exactly; else
    parts of a name. `wanted.creditors` are those that may be seen; who sees no contacts finds nobody by them.
    """

    wanted: Wanted
    words: str = ""
    condition: Condition | None = None
    sort: Sort = Sort.OVERDUE
    after: str = ""
    sees_contacts: bool = True


def search_cases(
    database: Database,
    strategy: Strategy,
    search: Search,
    *,
    now: datetime,
    is_over: Callable[[], bool] = lambda: False,
) -> Found:
    """A page of cases, those behind `search.after`."""
    wanted, said = search.wanted, bool(search.words.strip())
    with database.read() as conn:
        named = _named(conn, search) if said else []
        if named:
            wanted = msgspec.structs.replace(wanted, ids=frozenset(named))
        elif said:
            wanted = msgspec.structs.replace(wanted, words=folded_words(search.words))
        if search.condition is None:
            found = _listed(conn, wanted, search)
        else:
            wanted = msgspec.structs.replace(wanted, narrowed=search.condition)
            found = _judged(conn, strategy, wanted, search, now, is_over)
    return msgspec.structs.replace(found, is_exact=bool(named))


def _listed(conn: Connection, wanted: Wanted, search: Search) -> Found:
    rows = case_search.page(conn, wanted, search.sort, limit=PAGE + 1, after=search.after)
    more = rows[PAGE - 1].case_id if len(rows) > PAGE else ""
    return Found(rows=tuple(rows[:PAGE]), after=more, looked=min(len(rows), PAGE))


def _judged(
    conn: Connection,
    strategy: Strategy,
    wanted: Wanted,
    search: Search,
    now: datetime,
    is_over: Callable[[], bool],
) -> Found:
    condition, after = search.condition or ALWAYS, search.after
    hits: list[Row] = []
    looked = 0
    while True:
        rows = case_search.page(conn, wanted, search.sort, limit=_CHUNK, after=after)
        fitting = _fitting(conn, strategy, rows, condition, now)
        for row in rows:
            looked, after = looked + 1, row.case_id
            if row.case_id in fitting:
                hits.append(row)
            if len(hits) == PAGE:
                return Found(rows=tuple(hits), after=after, looked=looked)
        if len(rows) < _CHUNK:
            return Found(rows=tuple(hits), after="", looked=looked)
        if is_over():
            return Found(rows=tuple(hits), after=after, looked=looked, is_cut=True)


def _fitting(
    conn: Connection, strategy: Strategy, rows: Sequence[Row], condition: Condition, now: datetime
) -> frozenset[str]:
    """Those of which the condition holds now, as an audience would find."""
    creditors = strategy.creditors
    found = set()
    for stored in cases.load(conn, [row.case_id for row in rows]):
        case = stored.case
        context = Context(
            creditor=creditors.get(case.creditor) or Creditor(id=case.creditor, name=case.creditor),
            book=strategy.book,
            mode=strategy.mode,
            is_rehearsal=strategy.is_rehearsal,
        )
        if holds(condition, Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)):
            found.add(case.id)
    return frozenset(found)


# -------------------------------------------------------------------------------------------------- by words


def folded_words(words: str) -> tuple[str, ...]:
    """As names are folded for search: no accents, small letters."""
    return tuple(unaccented(words).casefold().split())


def _named(conn: Connection, search: Search) -> list[str]:
    """The cases that the words name exactly, whatever they are; none where they may be a name."""
    text, creditors = search.words.strip(), search.wanted.creditors
    if len(text) > _LONGEST_REFERENCE and "@" not in text:
        return []
    found = [stored.case.id for stored in cases.load(conn, [text.upper()])]
    mine = case_search.creditors(conn) if creditors is None else creditors
    found += case_search.of_debtor_ref(conn, text, mine)
    found += case_search.of_document(conn, text)
    if search.sees_contacts:
        found += _with_point(conn, text)
    return sorted(_seen(conn, set(found), creditors))


def _seen(conn: Connection, ids: set[str], creditors: frozenset[str] | None) -> set[str]:
    """Those of them that may be seen: that a number is known to another creditor is not told either."""
    if creditors is None:
        return ids
    return {stored.case.id for stored in cases.load(conn, ids) if stored.case.creditor in creditors}


def _with_point(conn: Connection, text: str) -> list[str]:
    """The cases whose debtor has this number or address now."""
    if "@" in text:
        kind, value = PointKind.EMAIL, read_email(text).point.value
    elif _PHONE.fullmatch(text):
        kind, value = PointKind.PHONE, read_phone(text, country="FR", postcode="").point.value
    else:
        return []
    person = persons.of_point(conn, point_digest(kind, value)) if value else None
    if person is None:
        return []
    theirs = cases.load(conn, cases.of_persons(conn, [person]).get(person, []))
    return [stored.case.id for stored in theirs if _has(stored, kind, value)]


def _has(stored: cases.Stored, kind: PointKind, value: str) -> bool:
    points = (point for person in stored.case.debtor.people for point in person.points)
    return any(point.kind is kind and point.value.casefold() == value.casefold() for point in points)
