"""A person or a program acts on a case: promises, disputes, holds, marks, notes. Each act is its facts, stored once.

What an act causes, and what is refused, is `domain/act_effects.py`; here is the transaction around it.
"""

from datetime import datetime

from orchestrator.domain.act_effects import effects_of
from orchestrator.domain.acting import Acting
from orchestrator.domain.acts import Act, AddPoint, PlaceHold
from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import Case
from orchestrator.domain.decision import Decision
from orchestrator.domain.errors import NotFound
from orchestrator.domain.events import Event
from orchestrator.domain.progress import pinned_campaign
from orchestrator.flows.bring_point import link_point, read_point, stops_of_point
from orchestrator.flows.protect_person import told_elsewhere
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.task_rows import follow_facts
from orchestrator.storage import cases, journal
from orchestrator.storage.database import Connection, Database


def act_on_case(
    database: Database, strategy: Strategy, case_id: str, act: Act, *, by: str, role: str, now: datetime, name: str
) -> tuple[Event, ...]:
    """Does an act, and returns its facts. `name` is the act's own: told twice, it is done once.

    Raises NotFound for an unknown case or hold, InputError or Conflict for what may not be done, with the remedy.
    """
    with database.begin() as conn:
        return act_in(conn, strategy, case_id, act, by=by, role=role, now=now, name=name)


def act_in(
    conn: Connection, strategy: Strategy, case_id: str, act: Act, *, by: str, role: str, now: datetime, name: str
) -> tuple[Event, ...]:
    """The same inside a transaction of the caller's."""
    if isinstance(act, AddPoint):
        act = read_point(conn, strategy, case_id, act)
        link_point(conn, case_id, act)
    case, others = lock_case(conn, case_id)
    if journal.told(conn, case.id, prefix=name):
        return _facts_of(conn, case.id, name)
    campaign = pinned_campaign(case, strategy.all_campaigns)
    acting = Acting(
        case=case,
        name=name,
        at=now,
        by=by,
        channel="person",
        role=role,
        terms=campaign.agreements if campaign else AgreementTerms(),
        review_days=strategy.book.review_days(act.kind) if isinstance(act, PlaceHold) else None,
        opt_outs=tuple(switch for each in (case, *others) for switch in each.opt_outs if switch.is_on),
    )
    facts = effects_of(acting, act)
    mine = [case, *(each for each in others if (each.creditor, each.debtor.ref) == (case.creditor, case.debtor.ref))]
    told = [*told_elsewhere(case, others, facts), *stops_of_point(conn, mine, facts, now=now)]
    record_in(conn, [*((case.id, fact) for fact in facts), *told], now=now)
    follow_facts(conn, case.id, facts, by=by, now=now)
    return facts


def lock_case(conn: Connection, case_id: str) -> tuple[Case, tuple[Case, ...]]:
    """The case and its person's others, locked in the order of ids: two acts never wait for each other in a circle."""
    found = cases.load(conn, [case_id])
    if not found:
        raise NotFound("no case has this id", hint="`relance case list` and GET /cases list them")
    theirs = cases.of_persons(conn, [found[0].person_id])[found[0].person_id]
    locked = [stored.case for stored in cases.load(conn, theirs, for_update=True)]
    (case,) = [each for each in locked if each.id == case_id]
    return case, tuple(each for each in locked if each.id != case_id)


def _facts_of(conn: Connection, case_id: str, name: str) -> tuple[Event, ...]:
    """What the act of this name did when it was done."""
    lines = (line.fact for line in journal.read(conn, case_id))
    return tuple(f for f in lines if not isinstance(f, Decision) and (f.id == name or f.id.startswith(f"{name}:")))
