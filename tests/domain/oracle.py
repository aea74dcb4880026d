"""What must be true of every life, judged again from its moments by other means than the code under test.

Each check takes a life and yields its faults as sentences; none at all is a pass.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import msgspec

from channels.contract import Channel, DeliveryStatus
from orchestrator.domain.agreement import Blocks, HoldKind, HoldScope
from orchestrator.domain.campaign import Campaign, DocumentKind, Mode, Purpose
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.condition import Condition, Every, OneOf, StartsWith
from orchestrator.domain.decision import Send, Verdict, Wait
from orchestrator.domain.interruption import Pause
from orchestrator.domain.policy import (
    FrequencyRule,
    HoldRule,
    HoursRule,
    LetterFirstRule,
    PersonDecidesRule,
    PrescriptionRule,
)
from orchestrator.domain.reckoning import reckon
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from orchestrator.domain.walk import Moment
from tests.domain.histories import World
from tests.domain.lives import Life, failed_ids
from tests.domain.oracle_account import day_of, holds_at, owed_at, zones_of

DEGREES = ["service", "courteous", "factual", "firm", "formal"]


class Told(msgspec.Struct):
    """One message that left, with the case just before it."""

    at: datetime
    act: Send
    case: Case

    @property
    def is_demand(self) -> bool:
        return self.act.purpose is Purpose.DEMAND

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act.step} {self.act.use} {self.act.voice}"


class Judged(msgspec.Struct):
    """A life as the checks read it."""

    world: World
    moments: list[Moment]

    @property
    def told(self) -> list[Told]:
        return [Told(m.at, m.decision.act, m.case) for m in self.moments if isinstance(m.decision.act, Send)]

    def rules(self, kind: type) -> list[object]:
        return [rule for rule in self.world.pack.rules if type(rule) is kind]

    def campaign_of(self, case: Case) -> Campaign | None:
        return next((c for c in self.world.campaigns if c.id == case.campaign), None)


Check = Callable[[Judged], Iterator[str]]


def no_word_outside_hours(life: Judged) -> Iterator[str]:
    """(a) Nothing leaves outside the hours of its channel, in any zone the debtor may live in, or on a holiday."""
    for told in life.told:
        zones = zones_of(told.case)
        for rule in life.rules(HoursRule):
            assert isinstance(rule, HoursRule)
            if told.act.channel.value not in rule.channels:
                continue
            if zones is None:
                yield f"{told}: nobody knows where the debtor lives"
            elif not all(_is_open(told, rule, zone) for zone in zones):
                yield f"{told}: outside {rule.id}"


def _is_open(told: Told, rule: HoursRule, zone: str) -> bool:
    wall = told.at.astimezone(ZoneInfo(zone))
    for window in rule.windows:
        spans_midnight = window.end <= window.start
        day = wall.date() - timedelta(days=1) if spans_midnight and wall.time() < window.end else wall.date()
        inside = (
            wall.time() >= window.start or wall.time() < window.end
            if spans_midnight
            else (window.start <= wall.time() < window.end)
        )
        if (
            inside
            and day.weekday() in rule.days
            and not (rule.skips_holidays and day in _holidays(told.case, day.year))
        ):
            return True
    return False


def _holidays(case: Case, year: int) -> "holidays.HolidayBase":
    address = case.debtor.people[0].address
    assert address is not None
    regions = {"67": "6AE", "57": "57", "97": address.postcode[:3], "98": "PF"}
    region = regions.get(address.postcode[:2]) if address.country == "FR" else None
    return _calendar(address.country, region, year)


@lru_cache
def _calendar(country: str, region: str | None, year: int) -> "holidays.HolidayBase":
    return holidays.country_holidays(country, subdiv=region, years=[year])


def no_cap_exceeded(life: Judged) -> Iterator[str]:
    """(b) Counting again everything that was not proved undelivered, no demand breaks a cap or a gap."""
    for index, told in enumerate(life.told):
        if not told.is_demand:
            continue
        failed = failed_ids(told.case)
        own = [(t.at, t.act.channel.value) for t in life.told[:index] if _counts(t) and _id(t) not in failed]
        others = [(c.at, c.channel.value) for c in life.world.contacts if c.at <= told.at]
        for rule in life.rules(FrequencyRule):
            assert isinstance(rule, FrequencyRule)
            if told.act.channel.value not in rule.channels:
                continue
            ages = [told.at - at for at, channel in (*own, *others) if channel in rule.channels]
            for cap in rule.caps:
                if sum(age < timedelta(hours=cap.per_hours) for age in ages) >= cap.count:
                    yield f"{told}: more than {cap.count} in {cap.per_hours} hours"
            if any(age < timedelta(hours=rule.gap_hours) for age in ages):
                yield f"{told}: closer than {rule.gap_hours} hours"


def _counts(told: Told) -> bool:
    return told.act.purpose is not Purpose.ANSWER


def _id(told: Told) -> str:
    return f"{told.case.id}:{told.act.cycle}:{told.act.step}:{told.act.ordinal}"


def no_demand_where_it_must_not(life: Judged) -> Iterator[str]:
    """(c) No demand in a hold, a pause, after settlement, by a closed channel, for a barred debt."""
    for told in life.told:
        silent = _holds_that_silence(life, told)
        yield from (f"{told}: during {hold}" for hold in silent)
        yield from (f"{told}: during {pause.id}" for pause in _pauses(life, told))
        yield from (f"{told}: by a closed channel ({why})" for why in _closed(life, told))
        if told.act.is_observed is not (_mode(life, told) is Mode.OBSERVE):
            yield f"{told}: observed is {told.act.is_observed}"
        if told.is_demand:
            yield from _unlawful(life, told)


def _holds_that_silence(life: Judged, told: Told) -> list[HoldKind]:
    packs = [rule for rule in life.rules(HoldRule) if isinstance(rule, HoldRule)]
    silent = {kind for rule in packs if rule.blocks == "all" for kind in rule.holds}
    return [
        hold.kind
        for hold in holds_at(told.case, told.at)
        if hold.scope is not HoldScope.DEBTS and (told.is_demand or hold.blocks is Blocks.ALL or hold.kind in silent)
    ]


def _pauses(life: Judged, told: Told) -> list[Pause]:
    found = []
    for pause in life.world.pauses:
        ends = [end for end in (pause.ends_at, pause.resumed_at) if end is not None]
        runs = pause.since <= told.at and all(told.at < end for end in ends)
        if (
            runs
            and _in_scope(pause.scope, told.case)
            and told.act.channel.value in (pause.channels or (told.act.channel.value,))
        ):
            found.append(pause)
    return found


def _in_scope(scope: Condition, case: Case) -> bool:
    match scope:
        case Every():
            return True
        case StartsWith(_, prefixes):
            address = case.debtor.people[0].address
            return address is not None and address.postcode.startswith(prefixes)
        case OneOf("status", values):
            return case.debtor.status.value in values
    raise AssertionError(scope)


def _closed(life: Judged, told: Told) -> Iterator[str]:
    channel, person = told.act.channel, told.case.debtor.people[0]
    if channel is not Channel.LETTER and any(s.is_on and s.key == f"{channel}:" for s in told.case.opt_outs):
        yield "stop"
    if channel is Channel.LETTER:
        if person.address is None or not person.address.lines:
            yield "no address"
        return
    kind = "phone" if channel is Channel.SMS else "email"
    values = [point.value for point in person.points if point.kind == kind]
    dead = {s.key for s in told.case.points if s.is_on}
    if not [value for value in values if f"{kind}:{value}" not in dead]:
        yield "no point"
    has_rule = any(rule.id == "R-STOP" for rule in life.world.pack.rules)
    complaints = [r for r in told.case.receipts if r.status is DeliveryStatus.COMPLAINED and r.channel is channel]
    if has_rule and complaints:
        yield "complaint"


def _mode(life: Judged, told: Told) -> Mode:
    order = [Mode.OBSERVE, Mode.CONFIRM, Mode.AUTOMATIC]
    campaign = life.campaign_of(told.case)
    modes = [campaign.mode if campaign else Mode.OBSERVE, *([life.world.mode] if life.world.mode else [])]
    return min(modes, key=order.index)


def _unlawful(life: Judged, told: Told) -> Iterator[str]:
    if told.case.state.value != "open":
        yield f"{told}: the case is {told.case.state}"
    owed = owed_at(told.case, told.at)
    if owed.balance_cents <= 0:
        yield f"{told}: nothing is owed"
    marks = {
        mark for rule in life.rules(PersonDecidesRule) if isinstance(rule, PersonDecidesRule) for mark in rule.marks
    }
    if any(switch.is_on and switch.key in marks for switch in told.case.marks):
        yield f"{told}: a person decides"
    today = day_of(told.case, told.at)
    for reference in told.act.references:
        debt = next(d for d in told.case.debts if d.reference == reference)
        months = _limit_months(life, debt.claim_kind.value)
        resets = [i.on for i in told.case.interruptions if i.reference == reference]
        gone_back = {reversal.id for reversal in told.case.reversals}
        resets += [p.received_on for p in told.case.payments if reference in p.references and p.id not in gone_back]
        start = max([debt.due_on, *resets])
        if months is not None and (today.year, today.month, today.day) > _months_later(
            start.year, start.month + months, start.day
        ):
            yield f"{told}: {reference} is time-barred"
    letters = [rule for rule in life.rules(LetterFirstRule) if isinstance(rule, LetterFirstRule)]
    if letters and told.act.kind is not DocumentKind.R124_4_LETTER and not _has_letter(told):
        yield f"{told}: no letter first"


def _limit_months(life: Judged, claim: str) -> int | None:
    rules = [rule for rule in life.rules(PrescriptionRule) if isinstance(rule, PrescriptionRule)]
    months = [rule.months for rule in rules if claim == "unknown" or claim in rule.claims]
    return min(months, default=None)


def _months_later(year: int, month: int, day: int) -> tuple[int, int, int]:
    return (year + (month - 1) // 12, (month - 1) % 12 + 1, day)


def _has_letter(told: Told) -> bool:
    failed = failed_ids(told.case)
    imported = any(debt.history and debt.history.letter_on for debt in told.case.debts)
    return imported or any(
        d.kind is DocumentKind.R124_4_LETTER and d.message_id not in failed and d.is_observed <= told.act.is_observed
        for d in told.case.departures
    )


def no_voice_jumps(life: Judged) -> Iterator[str]:
    """(d) Voices climb one degree at most; formal only where the step says so; listening only by a person's mark."""
    for told in life.told:
        campaign = life.campaign_of(told.case)
        step = campaign.step(told.act.step) if campaign else None
        own = step.send.voice if step is not None and step.send is not None else None
        voice = told.act.voice
        if voice is Voice.FORMAL and own is not Voice.FORMAL:
            yield f"{told}: formal where no step says so"
        if own is Voice.FORMAL and voice is not Voice.FORMAL:
            yield f"{told}: a formal step moved"
        if not told.is_demand or voice is Voice.FORMAL:
            continue
        if voice is Voice.LISTENING:
            yield f"{told}: a demand that listens"
            continue
        last = _last_voice(told)
        if told.act.is_restatement:
            if voice is not Voice.FACTUAL:
                yield f"{told}: a restatement is factual, whatever the level"
        elif DEGREES.index(voice) > DEGREES.index(last) + 1:
            yield f"{told}: two degrees above {last}"
        if voice is Voice.SERVICE and own is not Voice.SERVICE:
            yield f"{told}: softer than courteous"


def _last_voice(told: Told) -> Voice:
    spoken = [d for d in _before(told) if d.purpose is Purpose.DEMAND and d.cycle == told.act.cycle]
    cycle = told.case.cycle
    assert cycle is not None
    return spoken[-1].voice if spoken else cycle.last_voice or Voice.COURTEOUS


def _before(told: Told) -> list[Departure]:
    """What was said before and not proved undelivered; only observed words count for an observed one's sake."""
    failed = failed_ids(told.case)
    return [d for d in told.case.departures if d.message_id not in failed and d.is_observed <= told.act.is_observed]


def no_demands_too_close(life: Judged) -> Iterator[str]:
    """(e) Two demands of a case are never closer than its campaign's gap, follow-ups of a debtor's act excepted.

    The next channel of a step is no second step: it waits for the caps (semantics B7). Gaps here are in days.
    """
    for told in life.told:
        if not told.is_demand or told.act.cause:
            continue
        before = _before(told)
        if (told.act.step, told.act.cycle) in {(d.step, d.cycle) for d in before}:
            continue
        spoken = [d.at for d in before if d.purpose is not Purpose.ANSWER]
        campaign = life.campaign_of(told.case)
        assert campaign is not None
        zone = ZoneInfo((zones_of(told.case) or ["Europe/Paris"])[0])
        if spoken and told.at < (spoken[-1].astimezone(zone) + timedelta(days=campaign.gap.count)):
            yield f"{told}: within {campaign.gap} of {spoken[-1]:%Y-%m-%d %H:%M}"


_ENDLESS = {"PAUSE", "IN_HAND", "STATE", "LADDER", "CRISIS", "CLOCK", "HOLD", "CAMPAIGN", "POLICY"}


def no_silence_without_a_reason(life: Judged) -> Iterator[str]:
    """(f, g) Each decision has reasons; a wait has an instant ahead, or names what a person or a fact must end."""
    for moment in life.moments:
        reasons, act = moment.decision.reasons, moment.decision.act
        if not reasons:
            yield f"{moment.at}: {act} has no reason"
        if not isinstance(act, Wait):
            continue
        if act.until is not None and act.until <= moment.at:
            yield f"{moment.at}: waits for {act.until}, which is over"
        named = [r for r in reasons if r.verdict is Verdict.ASK or (r.verdict is Verdict.BLOCK)]
        if act.until is None and not [
            r for r in named if r.verdict is Verdict.ASK or r.rule in _ENDLESS or _is_rule(life, r.rule)
        ]:
            yield f"{moment.at}: waits for ever because of {[r.rule for r in reasons]}"


def _is_rule(life: Judged, rule_id: str) -> bool:
    return any(rule.id == rule_id for rule in life.world.pack.rules)


def no_message_twice(life: Judged) -> Iterator[str]:
    """(i) No cycle, step and channel ordinal leaves twice; an act of the debtor is answered once."""
    keys = [told.act.key for told in life.told]
    yield from (f"{key} left twice" for key in set(keys) if keys.count(key) > 1)
    causes = [told.act.cause for told in life.told if told.act.cause]
    yield from (f"{cause} was answered twice" for cause in set(causes) if causes.count(cause) > 1)


def no_wrong_sum(life: Judged) -> Iterator[str]:
    """(l) What is demanded is due, open and not held, and the statement's total is the sum of its parts."""
    for told in life.told:
        context = life.world.context(told.at)
        situation = Situation(told.case, life.campaign_of(told.case), context, told.at)
        statement = reckon(situation, life.world.book.on("test-pack", situation.today), told.act)
        parts = [line.open_cents for line in (*statement.due, *statement.credits)]
        claimed = [line.amount_cents for line in statement.statutory if line.is_claimed]
        if statement.total_cents != max(sum(parts) + sum(claimed), 0):
            yield f"{told}: the total {statement.total_cents} is not the sum of its parts"
        if not told.is_demand:
            continue
        owed, today = owed_at(told.case, told.at), day_of(told.case, told.at)
        if statement.total_cents <= 0:
            yield f"{told}: asks for {statement.total_cents}"
        asked = {line.reference: line.open_cents for line in statement.due}
        if asked != {r: owed.open_cents.get(r, 0) - owed.held_cents.get(r, 0) for r in told.act.references}:
            yield f"{told}: asks for {asked}, owed {owed}"
        for line in statement.due:
            if line.due_on >= today and told.act.kind is not DocumentKind.UPCOMING:
                yield f"{told}: {line.reference} is not due before {line.due_on}"


CHECKS: tuple[Check, ...] = (
    no_word_outside_hours,
    no_cap_exceeded,
    no_demand_where_it_must_not,
    no_voice_jumps,
    no_demands_too_close,
    no_silence_without_a_reason,
    no_message_twice,
    no_wrong_sum,
)


def faults_of(life: Life) -> list[str]:
    """Every fault of a life, each with the name of the law it breaks."""
    told = Judged(life.world, life.moments)
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(told)]
