"""Play the `tests:` of a campaign file: given a case and what happens, the campaign must say exactly this.

The case is followed by `domain.walk` on a virtual clock; tasks are opened and only answered by the test's own lines.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import msgspec

from orchestrator.domain.apply import apply_all
from orchestrator.domain.campaign import Campaign, Mode
from orchestrator.domain.case import Case, Switch
from orchestrator.domain.case_clock import end_of
from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, PointKind, PostalAddress
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.debt import Debt
from orchestrator.domain.decision import Ask, Close, HandOver, Send
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.events import DebtorRecorded, DebtRecorded, Event, Marked
from orchestrator.domain.place import Place, at_local, local_date, place_of
from orchestrator.domain.policy import PolicyBook
from orchestrator.domain.rates import Rates
from orchestrator.domain.walk import Moment, walk
from orchestrator.flows.campaign_test_facts import REFERENCE, facts_of
from orchestrator.flows.strategy import USUAL_COSTS_CENTS
from orchestrator.intake.campaigns.campaign_tests import (
    ApprovalExpected,
    CampaignTest,
    CloseExpected,
    Given,
    HandOverExpected,
    NoneUntil,
    StepExpected,
    TaskExpected,
)

_MORNING = time(7)
# A test looks this far beyond its last line, so that a later message can still contradict it.
_BEYOND = timedelta(days=120)


class Failure(msgspec.Struct, frozen=True):
    """A line of a test that did not come true: where it stands, what was expected, what happened instead."""

    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found}"


class Act(msgspec.Struct, frozen=True):
    """One thing that happened in a play: `kind` message, call, task, approve, close or hand_over."""

    on: date
    kind: str
    name: str
    channel: str = ""
    voice: str = ""
    role: str = ""

    def __str__(self) -> str:
        details = ", ".join(filter(None, (self.channel, self.voice, self.role)))
        return f"{self.kind} {self.name} on {self.on}" + (f" ({details})" if details else "")


def play_campaign_test(
    test: CampaignTest, campaign: Campaign, book: PolicyBook, *, rates: Rates
) -> tuple[Failure, ...]:
    """The failures of a test; none when it passes. A walk that breaks is a failure too."""
    try:
        acts = list(_acts(test, campaign, book, rates))
    except RelanceError as error:
        return (Failure(test.where, "the test to run", str(error)),)
    return tuple(_compare(test, acts))


def moments_of(test: CampaignTest, campaign: Campaign, book: PolicyBook, *, rates: Rates) -> Iterator[Moment]:
    """Each decision of a play, from the day of import to well after the last line of the test."""
    given = test.given
    pack = book.pack(campaign.policy)
    party = given.party or (pack.party if pack else "") or "own"
    creditor = Creditor(id="test", name="Test", party=party, mode=Mode.AUTOMATIC)
    place = _place(given, campaign, book)
    start_on = given.imported_on or given.due_on - timedelta(days=60)
    start = at_local(start_on, _MORNING, place.zone)
    grace_days = campaign.agreements.promise.grace.days
    facts = [f for h in test.when for f in facts_of(h, test.given, place.zone, grace_days=grace_days)]
    last = max([_last_day(test), *(h.on for h in test.when)])
    anyone = msgspec.structs.replace(campaign, creditors=None)

    def context(now: datetime) -> Context:
        return Context(
            creditor=creditor,
            ledger_as_of=local_date(now, place),
            costs_cents=USUAL_COSTS_CENTS,
            rates=rates,
            book=book,
            mode=Mode.AUTOMATIC,
            is_rehearsal=True,
        )

    yield from walk(
        _case(given, place.country, start),
        [anyone],
        book,
        context,
        start=start,
        end=end_of(last + _BEYOND, 0, place),
        facts=facts,
    )


def _acts(test: CampaignTest, campaign: Campaign, book: PolicyBook, rates: Rates) -> Iterator[Act]:
    place = _place(test.given, campaign, book)
    for moment in moments_of(test, campaign, book, rates=rates):
        on = local_date(moment.at, place)
        act = moment.decision.act
        if isinstance(act, Send):
            name = act.step.split(":", 1)[0] if act.cause else act.step
            yield Act(on, "message", name, act.use.value, act.voice.value)
        elif isinstance(act, Ask):
            kind = {"approve": "approve", "call": "call"}.get(act.task, "task")
            yield Act(on, kind, act.step if kind != "task" else act.task, role=act.role)
        elif isinstance(act, Close):
            yield Act(on, "close", act.outcome)
        elif isinstance(act, HandOver):
            yield Act(on, "hand_over", act.stage)


def _place(given: Given, campaign: Campaign, book: PolicyBook) -> Place:
    """Where the test's debtor lives: its postcode, in the jurisdiction of the campaign's pack."""
    pack = book.pack(campaign.policy)
    is_country = pack is not None and len(pack.jurisdiction) == 2 and pack.jurisdiction != "EU"
    return place_of(pack.jurisdiction if pack is not None and is_country else "FR", given.postcode)


def _last_day(test: CampaignTest) -> date:
    named = [line.until if isinstance(line, NoneUntil) else line.on for line in test.expect]
    return max([day for day in named if day is not None], default=test.given.due_on)


def _case(given: Given, country: str, start: datetime) -> Case:
    points = []
    if given.has_phone:
        points.append(ContactPoint(PointKind.PHONE, "+33644631234"))
    if given.has_email:
        points.append(ContactPoint(PointKind.EMAIL, "test@example.org"))
    address = PostalAddress(("1 rue du Test",) if given.has_post else (), given.postcode, "PARIS", country)
    debtor = Debtor(
        ref="T-1",
        name="Test",
        status=given.status,
        language=given.language,
        sector=given.sector,
        solvency=given.solvency,
        people=(ContactPerson(points=tuple(points), address=address),),
    )
    debt = Debt(
        reference=REFERENCE,
        principal_cents=given.balance.cents,
        open_cents=given.balance.cents,
        as_of=start.date(),
        issued_on=given.due_on - timedelta(days=30),
        due_on=given.due_on,
        debt_kind=given.debt_kind,
        claim_kind=given.claim_kind,
        payment_method=given.payment_method,
    )
    facts: list[Event] = [
        DebtorRecorded(id="debtor", at=start, debtor=debtor),
        DebtRecorded(id="debt", at=start, debt=debt),
    ]
    marks = sorted(given.marks | ({"title"} if given.has_title else set()))
    facts += [Marked(id=f"mark:{mark}", at=start, mark=mark) for mark in marks]
    case = apply_all(Case(id="TEST", creditor="test", debtor=debtor, currency=given.balance.currency), facts)
    return msgspec.structs.replace(case, promise_ends=_past_promises(given, start))


def _past_promises(given: Given, start: datetime) -> tuple[Switch, ...]:
    """Promises of before, without the reactions that they had then: only their count matters."""
    return tuple(
        Switch(key=f"past:{state}:{index}", is_on=True, at=start, value=state)
        for state, count in (("broken", given.promises_broken), ("kept", given.promises_kept))
        for index in range(count)
    )


def _compare(test: CampaignTest, acts: list[Act]) -> Iterator[Failure]:
    said = [act for act in acts if act.kind in ("message", "call")]
    others = [act for act in acts if act.kind not in ("message", "call")]
    since = date.min
    for line, where in zip(test.expect, test.expect_where, strict=True):
        if isinstance(line, StepExpected):
            act = said.pop(0) if said else None
            if act is None or not _is_step(line, act):
                yield Failure(where, _wanted(line), str(act) if act else "nothing more")
                return
            since = act.on
        elif isinstance(line, NoneUntil):
            if said and said[0].on <= line.until:
                yield Failure(where, f"nothing until {line.until}", str(said[0]))
                return
            since = max(since, line.until)
        else:
            found = next((act for act in others if act.on >= since and _is_other(line, act)), None)
            if found is None:
                seen = "; ".join(str(act) for act in others if act.on >= since) or "nothing of the kind"
                yield Failure(where, _wanted(line), seen)
                return
            since = found.on


def _is_step(line: StepExpected, act: Act) -> bool:
    return (
        act.name == line.step
        and (line.channel is None or act.channel == line.channel.value)
        and (line.voice is None or act.voice == line.voice.value)
        and (line.on is None or act.on == line.on)
    )


Other = TaskExpected | ApprovalExpected | CloseExpected | HandOverExpected


def _is_other(line: Other, act: Act) -> bool:
    kind, name, role = _named(line)
    return act.kind == kind and act.name == name and role in ("", act.role) and line.on in (None, act.on)


def _named(line: Other) -> tuple[str, str, str]:
    match line:
        case TaskExpected():
            return "task", line.task, line.by
        case ApprovalExpected():
            return "approve", line.step, line.by
        case CloseExpected():
            return "close", line.outcome, ""
        case HandOverExpected():
            return "hand_over", line.stage, ""


def _wanted(line: StepExpected | Other) -> str:
    if isinstance(line, StepExpected):
        parts = [line.step, line.channel and line.channel.value, line.voice and line.voice.value]
    else:
        parts = list(_named(line))
    return " ".join(str(part) for part in parts if part) + (f" on {line.on}" if line.on else "")
