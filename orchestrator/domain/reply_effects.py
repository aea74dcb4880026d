"""What a reading causes: a stop closes, a promise holds until its date, doubt holds the case and asks a person.

Certain findings act by themselves. A stop, a death and words about ending one's life act however unsure they are.
Pure: the reading is `intake.replies`, the storing `flows.record_replies`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime

import msgspec

from channels.contract import Channel
from orchestrator.domain.agreement import Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import CaseState
from orchestrator.domain.case_clock import shift_date
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault
from orchestrator.domain.declarations import (
    claim_paid,
    disagree,
    hardship,
    more_time,
    owed_cents,
    promise,
    set_aside_promises,
)
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.events import (
    Event,
    HardshipDeclared,
    HoldPlaced,
    Marked,
    OptedIn,
    OptedOut,
    PointMarked,
    ReplyReceived,
    TaskOpened,
)
from orchestrator.domain.reply import Finding, Intent, Reading
from orchestrator.domain.written_reply import QUESTIONS, SOON, Written, ask_of, question, task, unread

# Nobody is away longer than this without a person looking.
LONGEST_ABSENCE = Duration(21, Unit.DAY)
_OVER_INDEBTED = re.compile(r"surendett|banque de france|over.?indebt|debt relief|insolvenc", re.IGNORECASE)

# Beyond, a reply is kept and listed, and asks nobody once more: whoever floods a case would make it grow for ever.
MOST_WAITING = 20
_WAITS_FOR_PERSON = frozenset({HoldKind.UNREAD_REPLY, HoldKind.DEATH, HoldKind.SELF_HARM})
# What no flood may drown, with the task of each: asked unless such a hold runs already.
_GRAVE = {HoldKind.DEATH: QUESTIONS[Intent.DECEASED].kind, HoldKind.SELF_HARM: QUESTIONS[Intent.DISTRESS].kind}
# Who writes this is not the debtor, or is in danger: the rest of the text is for a person.
_ALONE = (Intent.DECEASED, Intent.WRONG_PERSON)
_SAY_NOTHING = frozenset({Intent.THANKS, Intent.TICKET_ACKNOWLEDGEMENT})


def effects(written: Written, reading: Reading, terms: AgreementTerms) -> tuple[Event, ...]:
    """The facts that a reply makes of its case, the reply itself first.

    Of a flood only what acts by itself, and the first danger or death; the rest stands in the list of replies alone.
    """
    facts: list[Event] = []
    is_understood = True
    for finding in _to_act_on(reading):
        done = _act_in_doubt(written, finding) if written.is_doubted else _act(written, finding, terms, facts)
        if done is None:
            is_understood = False
        else:
            facts += done
    if sum(len(written.running(kind)) for kind in _WAITS_FOR_PERSON) >= MOST_WAITING:
        unheard = {kind for kind in _GRAVE if not written.running(kind)}
        return tuple(fact for fact in facts if not _asks_person(fact) or _is_of(fact, unheard))
    is_open = written.case.state is CaseState.OPEN
    if not is_understood and is_open:
        facts.append(unread(written, written.name))
    heard = ReplyReceived(
        id=written.name, at=written.at, by=written.by, channel=written.channel,
        reading=" ".join(reading.intents), reply_id=written.reply_id, is_understood=is_understood,
    )  # fmt: skip
    return (heard, *facts)


def needs_person(facts: Iterable[Event]) -> bool:
    """Whether a person has to read the reply that these facts came of, or to do what it asks."""
    told = list(facts)
    heard = [fact for fact in told if isinstance(fact, ReplyReceived)]
    return not heard or any(not fact.is_understood for fact in heard) or any(isinstance(f, TaskOpened) for f in told)


def _asks_person(fact: Event) -> bool:
    return isinstance(fact, TaskOpened) or (isinstance(fact, HoldPlaced) and fact.hold.kind in _WAITS_FOR_PERSON)


def _is_of(fact: Event, kinds: set[HoldKind]) -> bool:
    """Whether it is the hold or the task of one of these grave kinds."""
    if isinstance(fact, HoldPlaced):
        return fact.hold.kind in kinds
    return isinstance(fact, TaskOpened) and fact.kind in {_GRAVE[kind] for kind in kinds}


def _to_act_on(reading: Reading) -> list[Finding]:
    """All findings, unless one of them leaves the others to a person."""
    alone = [f for f in reading.findings if f.is_danger or f.intent in _ALONE]
    if not alone:
        return list(reading.findings)
    others = [f for f in reading.findings if f.intent is Intent.STOP]
    return [*alone, *others]


def _act(written: Written, finding: Finding, terms: AgreementTerms, so_far: list[Event]) -> list[Event] | None:
    """What one finding causes; None when a person must read it."""
    if finding.intent is Intent.STOP:
        return _stop(written, finding)
    if finding.intent is Intent.DECEASED:
        return _deceased(written, finding)
    if finding.is_danger:
        return _danger(written)
    if not finding.is_certain:
        return None
    if finding.intent in _SAY_NOTHING:
        return []
    if finding.intent is Intent.OUT_OF_OFFICE:
        return _away(written, finding)
    if written.case.state is not CaseState.OPEN:
        return None
    if finding.intent is Intent.WANTS_TIME and any(fact.id.endswith(f":{Intent.PROMISE}") for fact in so_far):
        return []  # the promise says until when
    if _is_asked(finding.intent, so_far):
        return []
    act = _ACTS.get(finding.intent)
    return act(written.about(finding), finding, terms) if act else None


def _act_in_doubt(written: Written, finding: Finding) -> list[Event] | None:
    """Of what may be forged only what silences acts, and leaves no mark; a person reads the rest."""
    if finding.intent is Intent.STOP and not finding.is_resume:
        return _stop(written, msgspec.structs.replace(finding, confidence=0))
    if finding.is_danger:
        return [fact for fact in _danger(written) if not isinstance(fact, Marked)]
    return None


def _is_asked(intent: Intent, so_far: list[Event]) -> bool:
    """Two intents that ask the same of us are one task, and one answer."""
    if intent in (Intent.CANNOT_PAY, Intent.DISTRESS):
        return any(isinstance(fact, HardshipDeclared) for fact in so_far)
    asked = QUESTIONS.get(intent)
    return asked is not None and any(isinstance(fact, TaskOpened) and fact.kind == asked.kind for fact in so_far)


# ------------------------------------------------------------------------------------------ the way out


def _stop(written: Written, finding: Finding) -> list[Event] | None:
    """A stop closes the channel for a person, the addresses for a firm (semantics A7). A doubt is a stop."""
    if finding.is_resume:
        return _resume(written) if finding.is_certain else None
    channel = Channel(written.channel)
    points = [""]
    if not written.case.debtor.status.is_individual:
        points = list(dict.fromkeys(filter(None, (written.point, written.destination))))
    return [
        OptedOut(id=f"{written.name}:stop:{number}", at=written.at, by=written.by, channel=channel, point=point)
        for number, point in enumerate(points)
    ] + ([] if finding.is_certain else [_unread_event(written)])


def _unread_event(written: Written) -> Event:
    """A stop that may be none is obeyed at once, and read by a person who may open the channel again."""
    return task(written, "read_reply", Duration(1, Unit.BUSINESS_DAY), "agent", subject=f"{written.name}:doubt")


def _resume(written: Written) -> list[Event] | None:
    """Opens what was closed before it was written; one that is older than a stop and came later is for a person."""
    channel = Channel(written.channel)
    points = {f"{channel}:": "", f"{channel}:{written.point}": written.point}
    closed = [s for s in (*written.case.opt_outs, *written.opt_outs) if s.is_on and s.key in points]
    if any(switch.at >= (written.written_at or written.at) for switch in closed):
        return None
    return [
        OptedIn(id=f"{written.name}:start:{number}", at=written.at, by=written.by, channel=channel, point=point)
        for number, point in enumerate(sorted({points[switch.key] for switch in closed}))
    ]


# ------------------------------------------------------------------------------------- what a person must see


def _deceased(written: Written, finding: Finding) -> list[Event]:
    """Nothing is said to a family before a person has decided, however unsure the reading is."""
    about = written.about(finding)
    hold = Hold(
        id=f"death:{about.name}", kind=HoldKind.DEATH, since=written.at, scope=HoldScope.PERSON, blocks=Blocks.ALL,
        source=written.by, review_on=shift_date(written.today, SOON, written.place),
    )  # fmt: skip
    facts: list[Event] = [HoldPlaced(id=f"{about.name}:hold", at=written.at, by=written.by, hold=hold)]
    if finding.is_certain:
        facts.append(Marked(id=f"{about.name}:mark", at=written.at, by=written.by, mark="deceased"))
    return [*facts, question(about, Intent.DECEASED)]


def _danger(written: Written) -> list[Event]:
    """Words about ending one's life: silence from every machine, and a person within the hour."""
    name = f"{written.name}:{Intent.DISTRESS}"
    hold = Hold(
        id=f"self_harm:{name}", kind=HoldKind.SELF_HARM, since=written.at, scope=HoldScope.PERSON, blocks=Blocks.ALL,
        source=written.by, review_on=written.today,
    )  # fmt: skip
    return [
        HoldPlaced(id=f"{name}:hold", at=written.at, by=written.by, hold=hold),
        Marked(id=f"{name}:mark", at=written.at, by=written.by, mark="vulnerable"),
        question(msgspec.structs.replace(written, name=name), Intent.DISTRESS),
    ]


def _away(written: Written, finding: Finding) -> list[Event]:
    """Nobody reads before the day of return; without one, nothing is known and nothing changes."""
    if finding.on is None or finding.on <= written.today:
        return []
    until = min(finding.on, shift_date(written.today, LONGEST_ABSENCE, written.place))
    name = f"{written.name}:{finding.intent}"
    hold = Hold(id=f"away:{name}", kind=HoldKind.AWAY, since=written.at, until=until, source=written.by)
    return [HoldPlaced(id=name, at=written.at, by=written.by, hold=hold)]


def _wrong_person(written: Written, _finding: Finding, _terms: AgreementTerms) -> list[Event]:
    """Whoever has this address is left alone; who the debtor is, a person finds out."""
    kind = POINT_OF_CHANNEL[Channel(written.channel)]
    points = dict.fromkeys(filter(None, (written.point, written.destination)))
    marks = [
        PointMarked(
            id=f"{written.name}:{number}", at=written.at, by=written.by, kind=kind, value=point, fault=Fault.NOT_OWNED
        )
        for number, point in enumerate(points)
    ]
    return [*marks, *ask_of(written, Intent.WRONG_PERSON)]


def _in_distress(written: Written, _finding: Finding, _terms: AgreementTerms) -> list[Event] | None:
    if written.running(HoldKind.HARDSHIP):
        return None  # they were answered, and a person is on it: what they write now is for that person
    mark = Marked(id=f"{written.name}:mark", at=written.at, by=written.by, mark="vulnerable")
    return [mark, *hardship(written)]


def _cannot_pay(written: Written, finding: Finding, _terms: AgreementTerms) -> list[Event] | None:
    if written.running(HoldKind.HARDSHIP):
        return None
    facts = hardship(written)
    if _OVER_INDEBTED.search(finding.evidence) or _OVER_INDEBTED.search(written.words):
        hold = Hold(
            id=f"over_indebtedness:{written.name}", kind=HoldKind.OVER_INDEBTEDNESS_CLAIMED, since=written.at,
            scope=HoldScope.PERSON, source=written.by, review_on=shift_date(written.today, SOON, written.place),
        )  # fmt: skip
        facts.append(HoldPlaced(id=f"{written.name}:file", at=written.at, by=written.by, hold=hold))
    return facts


# ------------------------------------------------------------------------------------------- agreements


def _promise(written: Written, finding: Finding, terms: AgreementTerms) -> list[Event] | None:
    """Taken without a person inside the campaign's limits, and never further than its ceiling (semantics B15)."""
    granted = terms.promise
    if finding.on is None or not owed_cents(written) or len(_promises_of_cycle(written)) >= granted.at_most:
        return None
    if not written.today <= finding.on <= _last_day(written, granted.within, terms):
        return None
    # Unless documents are named it holds all of the case: who pays a part by then is in good faith.
    about = msgspec.structs.replace(written, references=written.named(finding))
    made = promise(about, on=finding.on, amount_cents=finding.amount_cents, grace_days=granted.grace.days)
    return [*set_aside_promises(about), *made]


def _promises_of_cycle(written: Written) -> list[str]:
    since = written.case.cycle.entered_at if written.case.cycle else datetime.min.replace(tzinfo=written.at.tzinfo)
    return [known.id for known in written.case.promises if known.made_at >= since]


def _more_time(written: Written, finding: Finding, terms: AgreementTerms) -> list[Event] | None:
    granted = terms.deferral
    if granted is None or finding.on is None or finding.on < written.today:
        return None
    taken = [hold for hold in written.case.holds if hold.kind is HoldKind.DEFERRAL]
    if len(taken) >= granted.at_most or finding.on > _last_day(written, granted.longest, terms):
        return None
    return more_time(msgspec.structs.replace(written, references=written.named(finding)), until=finding.on)


def _last_day(written: Written, within: Duration, terms: AgreementTerms) -> date:
    return min(shift_date(written.today, each, written.place) for each in (within, terms.ceiling))


def _already_paid(written: Written, finding: Finding, _terms: AgreementTerms) -> list[Event]:
    return claim_paid(written, by_cheque=bool(_CHEQUE.search(finding.evidence)))


_CHEQUE = re.compile(r"ch[eè]que|cheque|check", re.IGNORECASE)


def _disagree(written: Written, finding: Finding, _terms: AgreementTerms) -> list[Event]:
    return disagree(written, words=written.quoted, amount_cents=finding.amount_cents)


def _asks(intent: Intent) -> Callable[[Written, Finding, AgreementTerms], list[Event]]:
    return lambda written, _finding, _terms: ask_of(written, intent)


_ACTS: dict[Intent, Callable[[Written, Finding, AgreementTerms], list[Event] | None]] = {
    Intent.PROMISE: _promise,
    Intent.WANTS_TIME: _more_time,
    Intent.ALREADY_PAID: _already_paid,
    Intent.DISPUTE: _disagree,
    Intent.CANNOT_PAY: _cannot_pay,
    Intent.DISTRESS: _in_distress,
    Intent.WRONG_PERSON: _wrong_person,
    **{
        intent: _asks(intent)
        for intent in (
            Intent.WANTS_PLAN,
            Intent.WANTS_CALL,
            Intent.ASKS_INVOICE,
            Intent.NOT_RECEIVED,
            Intent.MISSING_ORDER_NUMBER,
            Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE,
            Intent.WRITE_TO_SOMEONE_ELSE,
        )
    },
}
