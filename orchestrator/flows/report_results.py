"""Results as a collections lead reads them: by campaign, step, channel: what left, what did not and why, what came in.

Reads every case and message once: for reports, not for hot paths. Amounts are minor units; a case has one currency.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

import msgspec

from orchestrator.domain.account import account_of
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.case import Case, Departure
from orchestrator.domain.decision import Decision, Verdict
from orchestrator.domain.place import local_date, place_of
from orchestrator.storage import cases, journal, messages
from orchestrator.storage.database import Database


class StepResult(msgspec.Struct, kw_only=True):
    """One campaign, step and channel. `recovered_cents` came in after this message and before any later one.

    `not_sent` counts by reason the messages that were planned and did not leave, or the steps passed by.
    """

    campaign: str
    step: str
    channel: str
    planned: int = 0
    left: int = 0
    undelivered: int = 0
    not_sent: Counter[str] = msgspec.field(default_factory=Counter)
    payments: int = 0
    recovered_cents: int = 0
    cost_cents: int = 0


class Totals(msgspec.Struct, kw_only=True):
    """The portfolio in figures. `silences` counts by reason the open cases that wait now."""

    cases: int = 0
    open_cases: int = 0
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    left: int = 0
    cost_cents: int = 0
    received_cents: int = 0
    open_cents: int = 0
    promises_made: int = 0
    promises_kept: int = 0
    promises_broken: int = 0
    disputes: int = 0
    hardships: int = 0
    opt_outs: int = 0
    open_tasks: Counter[str] = msgspec.field(default_factory=Counter)
    silences: Counter[str] = msgspec.field(default_factory=Counter)


class Results(msgspec.Struct, kw_only=True):
    """Everything, rows in the order of campaigns and of their steps, reactions last."""

    steps: list[StepResult] = []
    totals: Totals = msgspec.field(default_factory=Totals)


def report_results(database: Database, *, now: datetime, campaigns: Sequence[Campaign] = ()) -> Results:
    """The results of a whole database at an instant. `campaigns` give the order of the steps."""
    rows: dict[tuple[str, str, str], StepResult] = {}
    totals = Totals()
    with database.read() as conn:
        for page in cases.each(conn):
            ids = [stored.case.id for stored in page]
            planned: dict[str, list[messages.Message]] = {}
            for message in messages.of_cases(conn, ids):
                planned.setdefault(message.case_id, []).append(message)
            waiting = journal.last_decisions(conn, ids)
            for stored in page:
                own = planned.get(stored.case.id, [])
                _steps(stored.case, own, rows)
                _totals(stored.case, totals, now)
                line = waiting.get(stored.case.id)
                if stored.case.state.value == "open" and line is not None:
                    totals.silences[_silence(line.fact)] += 1
    position = {(campaign.id, step.id): index for campaign in campaigns for index, step in enumerate(campaign.steps)}

    def rank(row: StepResult) -> tuple[str, bool, int, str, str]:
        index = position.get((row.campaign, row.step), len(position))
        return (row.campaign, "." in row.step, index, row.step, row.channel)

    return Results(steps=sorted(rows.values(), key=rank), totals=totals)


def _row(rows: dict[tuple[str, str, str], StepResult], campaign: str, step: str, channel: str) -> StepResult:
    name = step.split(":", 1)[0]
    key = (campaign, name, channel)
    if key not in rows:
        rows[key] = StepResult(campaign=campaign, step=name, channel=channel)
    return rows[key]


def _steps(case: Case, own: list[messages.Message], rows: dict[tuple[str, str, str], StepResult]) -> None:
    campaign_of = {message.id: message.campaign for message in own}
    failed = {r.message_id for r in case.receipts if r.status.value in ("bounced", "undelivered", "failed", "returned")}
    for message in own:
        row = _row(rows, message.campaign, message.send.step, message.send.use.value)
        row.planned += 1
        if message.state is messages.MessageState.ACCEPTED:
            row.left += 1
            row.cost_cents += message.cost_cents
            row.undelivered += message.id in failed
        elif message.state is not messages.MessageState.PLANNED:
            row.not_sent[message.reason.split(":", 1)[0] or message.state.value] += 1
    for passed in case.passed:
        if not passed.why.startswith("call:") and case.cycle is not None:
            _row(rows, case.campaign, passed.step, "-").not_sent[passed.why] += 1
    for paid_at, cents in _payments(case):
        last = _last_before(case, paid_at)
        if last is not None:
            row = _row(rows, campaign_of.get(last.message_id, case.campaign), last.step, last.use.value)
            row.payments += 1
            row.recovered_cents += cents


def _payments(case: Case) -> Iterator[tuple[datetime, int]]:
    reversed_ids = {payment.id for payment in case.reversals}
    for payment in case.payments:
        if payment.id not in reversed_ids:
            # A payment is known by its day: it answers what had left by that evening.
            yield datetime.combine(payment.received_on, time(21), UTC), payment.amount_cents


def _last_before(case: Case, instant: datetime) -> Departure | None:
    sent = [d for d in case.departures if d.at <= instant and not d.is_observed and d.purpose.value != "answer"]
    return sent[-1] if sent else None


def _totals(case: Case, totals: Totals, now: datetime) -> None:
    address = case.debtor.address
    today = local_date(now, place_of(address.country if address else "", address.postcode if address else ""))
    totals.cases += 1
    if case.state.value == "open":
        totals.open_cases += 1
    else:
        totals.outcomes[case.outcome or case.state.value] += 1
    sent = [d for d in case.departures if not d.is_observed]
    totals.left += len(sent)
    totals.cost_cents += sum(d.cost_cents for d in sent)
    totals.received_cents += sum(cents for _, cents in _payments(case))
    totals.open_cents += max(account_of(case, (), today).balance_cents, 0)
    totals.promises_made += len(case.promises)
    totals.promises_kept += sum(1 for switch in case.promise_ends if switch.value == "kept")
    totals.promises_broken += sum(1 for switch in case.promise_ends if switch.value == "broken")
    totals.disputes += sum(1 for hold in case.holds if hold.kind is HoldKind.DISPUTE)
    totals.hardships += case.has_mark("hardship")
    totals.opt_outs += any(switch.is_on for switch in case.opt_outs)
    totals.open_tasks.update(task.kind for task in case.tasks)


def _silence(fact: object) -> str:
    """The rule that keeps a case silent: the last that said anything but yes."""
    if not isinstance(fact, Decision):
        return ""
    said = [reason for reason in fact.reasons if reason.verdict not in (Verdict.ALLOW, Verdict.NOTE)]
    if not said:
        return str(fact.act.__struct_config__.tag)
    last = said[-1]
    values = dict(last.values)
    detail = values.get("hold") or values.get("step") or values.get("why")
    return f"{last.rule} ({detail})" if detail else last.rule
