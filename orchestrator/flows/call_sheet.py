"""The call sheet: whom to call, at which number, whether now, what is owed, the last contacts, what to say (R38)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from orchestrator.domain.account import Position
from orchestrator.domain.calling import Moment, moment_to_call, number_of
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case_dates import care_of
from orchestrator.domain.contact import ContactPerson, ContactPoint, DebtorStatus, Role
from orchestrator.domain.context import Contact
from orchestrator.domain.decision import Reason, Verdict
from orchestrator.domain.entry import pack_for
from orchestrator.domain.errors import NotFound
from orchestrator.domain.place import local_date
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.sending import last_voice
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from orchestrator.domain.who import Who
from orchestrator.flows.my_day import DESK, readable
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.rendering.call_words import CallWords
from orchestrator.rendering.reading import short_name
from orchestrator.rendering.typography import typography
from orchestrator.storage import cases, tasks, worklist
from orchestrator.storage.database import Connection, Database

CALL, CALL_BACK = "call", "call_back"
KINDS = (CALL_BACK, CALL)
CALLS = 25
_CONTACTS = 5
_DOCUMENTS = 3
# Where somebody answers for the debtor; a sole trader is the person.
_FIRMS = frozenset({DebtorStatus.COMPANY, DebtorStatus.PUBLIC_BODY, DebtorStatus.NON_PROFESSIONAL})


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call to make. `number` is empty where none is the debtor's own; `local_time` is theirs, None where unknown.

    `moment` says whether now is allowed by the rules of `pack`; `contacts` are the last ones with the person, the
    latest first; `script` is (part, text) in the order in which it is said, in the debtor's language if there is one.
    """

    case_id: str
    task_id: str = ""
    kind: str = CALL
    due_at: datetime | None = None
    cause: str = ""
    creditor: str
    debtor: str
    person: str
    role: str
    number: str
    local_time: datetime | None
    moment: Moment
    pack: str
    overdue_cents: int
    balance_cents: int
    currency: str
    documents: tuple[Position, ...]
    contacts: tuple[Contact, ...]
    promises_broken: int
    care: str
    voice: Voice
    language: str
    script: tuple[tuple[str, str], ...]
    priority: int = 0


def call_sheet(
    database: Database,
    strategy: Strategy,
    words: Mapping[str, CallWords],
    who: Who,
    *,
    now: datetime,
    limit: int = CALLS,
) -> list[Call]:
    """The calls of a person: those that may be made now first, then by when they may, those asked for before others."""
    with database.read() as conn:
        reader = readable(conn, who, local_date(now, DESK))
        asked = [each.task for kind in KINDS for each in worklist.asked(conn, kind, reader, limit=limit)]
        found = _calls(conn, strategy, words, who, asked, now)
    return sorted(found, key=lambda call: _order(call, now))[:limit]


def call_of(
    database: Database,
    strategy: Strategy,
    words: Mapping[str, CallWords],
    who: Who,
    *,
    case_id: str,
    task_id: str = "",
    now: datetime,
    read_in: str = "",
) -> Call:
    """The sheet of one case, with its task or without any; instructions in `read_in`, the language of the reader.

    Raises NotFound, also for what the reader may not see.
    """
    with database.read() as conn:
        asked = [task for task in tasks.load(conn, [task_id]) if task.case_id == case_id] if task_id else []
        found = _calls(conn, strategy, words, who, asked or [_no_task(case_id, now)], now, read_in)
    if not found or (task_id and not asked):
        raise NotFound("no case has this id", hint="it may be another's")
    return found[0]


def _no_task(case_id: str, now: datetime) -> tasks.Task:
    return tasks.Task(id="", case_id=case_id, kind=CALL, subject="", role="agent", due_at=now, opened_at=now)


def _order(call: Call, now: datetime) -> tuple[bool, bool, datetime, bool, int, datetime, str]:
    """People at risk first, then what may be dialled now; what was asked for before what we want."""
    opens = call.moment.allowed_at
    due_at = call.due_at or now
    never = opens is None
    return (not call.care, never, opens or now, call.kind != CALL_BACK, -call.priority, due_at, call.case_id)


def _calls(
    conn: Connection,
    strategy: Strategy,
    words: Mapping[str, CallWords],
    who: Who,
    asked: Sequence[tasks.Task],
    now: datetime,
    read_in: str = "",
) -> list[Call]:
    stored = {item.case.id: item for item in cases.load(conn, {task.case_id for task in asked})}
    seen = {key: item for key, item in stored.items() if who.sees(item.case.creditor)}
    around = contexts(conn, strategy, list(seen.values()), now=now)
    found = []
    for task in asked:
        if task.case_id in seen:
            case = seen[task.case_id].case
            campaign = pinned_campaign(case, strategy.all_campaigns)
            situation = Situation(case, campaign, around[case.id], now)
            found.append(_call(situation, strategy, words, who, task, read_in))
    return _without_others(conn, found, who)


def _without_others(conn: Connection, calls: list[Call], who: Who) -> list[Call]:
    """The person's contacts about cases that the reader may not see count in what is allowed, and are not told."""
    if who.creditors is None:
        return calls
    told = {contact.case_id for call in calls for contact in call.contacts}
    seen = {item.case.id for item in cases.load(conn, told) if who.sees(item.case.creditor)}
    return [replace(call, contacts=tuple(each for each in call.contacts if each.case_id in seen)) for call in calls]


def _call(
    situation: Situation, strategy: Strategy, words: Mapping[str, CallWords], who: Who, task: tasks.Task, read_in: str
) -> Call:
    case, account = situation.case, situation.account
    terms = _terms(situation.campaign, task.step)
    reached = number_of(situation, terms[0])
    due = account.due() or account.positions
    voice = _voice(situation, task)
    language = _language(situation, words, reached)
    zone = situation.place.zone if situation.place.zones else ""
    return Call(
        case_id=case.id,
        task_id=task.id,
        kind=task.kind,
        due_at=task.due_at if task.id else None,
        cause=task.cause,
        creditor=case.creditor,
        debtor=case.debtor.name,
        person=reached[0].name if reached else "",
        role=reached[0].role.value if reached else "",
        number=reached[1].value if reached else "",
        local_time=situation.now.astimezone(ZoneInfo(zone)) if zone else None,
        moment=_moment(situation, strategy, task),
        pack=pack_for(situation, strategy.book) or "",
        overdue_cents=account.overdue_cents,
        balance_cents=account.balance_cents,
        currency=case.currency,
        documents=due,
        contacts=situation.context.contacts[-_CONTACTS:][::-1],
        promises_broken=sum(1 for switch in case.promise_ends if switch.value == "broken"),
        care=care_of(situation),
        voice=voice,
        language=language,
        script=words[language].script(
            voice,
            {**_facts(situation, due, who, language), "contact": _contact(situation, reached)},
            is_firm=case.debtor.status in _FIRMS,
            told=words.get(read_in),
        ),
        priority=terms[1],
    )


def _terms(campaign: Campaign | None, step_id: str) -> tuple[Role | None, int]:
    """Whom the step wants called, and how it ranks among calls."""
    for step in campaign.steps if campaign is not None else ():
        if step.id == step_id and step.call is not None:
            return step.call.to, step.call.priority
    return None, 0


def _moment(situation: Situation, strategy: Strategy, task: tasks.Task) -> Moment:
    pack = pack_for(situation, strategy.book)
    if pack is None or not situation.context.is_creditor_known:
        country = situation.place.country or "unknown"
        return Moment(False, None, (Reason("POLICY", Verdict.BLOCK, (("country", country),)),))
    policy = strategy.book.on(pack, situation.today, situation.case.debtor.status)
    return moment_to_call(situation, policy, was_asked=task.kind == CALL_BACK)


def _voice(situation: Situation, task: tasks.Task) -> Voice:
    """That of the last message, so that the telephone is never harsher; listening to whoever asked or is at risk."""
    if task.kind == CALL_BACK or care_of(situation) or any(h.kind.value == "hardship" for h in situation.holds):
        return Voice.LISTENING
    if not situation.account.due():
        return Voice.SERVICE
    return last_voice(situation) or Voice.COURTEOUS


def _language(
    situation: Situation, words: Mapping[str, CallWords], reached: tuple[ContactPerson, ContactPoint] | None
) -> str:
    own = (reached[0].language if reached else "") or situation.case.debtor.language
    wanted = own or situation.context.creditor.language
    return next((each for each in (wanted, situation.context.creditor.language) if each in words), next(iter(words)))


def _contact(situation: Situation, reached: tuple[ContactPerson, ContactPoint] | None) -> str:
    """Whom to ask for, where a person has a name of their own beside the debtor's."""
    name = reached[0].name if reached else ""
    return name if name != situation.case.debtor.name else ""


def _facts(situation: Situation, due: Sequence[Position], who: Who, language: str) -> dict[str, str]:
    creditor, hand = situation.context.creditor, typography(language)
    collector = creditor.collector if creditor.party == "third_party" else None
    account = situation.account
    named = [position.debt.reference for position in due]
    more = f" (+ {len(named) - _DOCUMENTS})" if len(named) > _DOCUMENTS else ""
    return {
        "agent": who.shown_name or who.name,
        "debtor": situation.case.debtor.name,
        "sender": short_name(collector.name if collector else creditor.name),
        "creditor": short_name(creditor.name),
        "amount": hand.amount(account.overdue_cents or account.balance_cents, situation.case.currency),
        "due_on": hand.day(due[0].debt.due_on) if due else "",
        "documents": ", ".join(named[:_DOCUMENTS]) + more,
        "case": situation.case.id,
    }
