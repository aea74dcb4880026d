"""The gate: judge each message again under lock, in one short transaction, and open only for what is unchanged.

Share locks first and alone; then the persons in the order of ids, the cases, the limits; then, in new statements, what
decisions need (semantics D1). An attempt is written before anything is called. What is held goes back to its case,
which decides again; what only lacks room on its lane stays planned, the binding limit named.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from orchestrator.domain.condition import ALWAYS, holds
from orchestrator.domain.context import Context
from orchestrator.domain.decision import Decision, Send, Verdict
from orchestrator.domain.errors import kind_and_place
from orchestrator.domain.events import Event, MessageCancelled
from orchestrator.domain.lane import Lane
from orchestrator.domain.progress import make_progress, pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.domain.throttle import Bucket, Limit, Taking
from orchestrator.flows.lane_limits import limits_of, today_of, tomorrow_of
from orchestrator.flows.outgoing import Outgoing, apply_facts, contact_of, is_same_send, move
from orchestrator.flows.pause_scope import over_persons
from orchestrator.flows.ramps_in_force import LONGEST_SILENCE, RampsInForce
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.rendering.compose import Composed
from orchestrator.storage import attempts, barrier, buckets, cases, contacts, contents, messages, pauses, persons, tasks
from orchestrator.storage.database import Connection, Database

# A call takes 10 s at most and starts 2 s after the gate at the latest: past this, its sender is gone.
LEASE = timedelta(seconds=15)
# A message that a pause of its lane keeps back is looked at again after this; the lane goes on with the others.
_PAUSED = timedelta(minutes=2)
# What is free again within this time is simply asked for once more.
_SOON = timedelta(seconds=1)
# What the clocks of two senders may differ by, with room for what a batch waits for its locks.
_CLOCKS_DIFFER = timedelta(seconds=15)
_FAR = datetime.max.replace(tzinfo=UTC)

Passed = Callable[[], timedelta]
"""How long ago the instants were that a gate is given. It waits for locks, and must judge by when it has them."""


class Opened(list[Outgoing]):
    """The messages that may be called now, and how many were held, had expired, or wait for room that comes soon.

    `closed` are the channels that each person had closed, `epoch` that of the barrier, when the gate judged.
    """

    def __init__(self) -> None:
        super().__init__()
        self.held = self.expired = self.waiting = self.epoch = 0
        self.closed: dict[str, frozenset[str]] = {}


def open_gate(
    database: Database,
    strategy: Strategy,
    lane: Lane,
    ready: list[Outgoing],
    *,
    now: datetime,
    real_now: datetime,
    passed: Passed = timedelta,
) -> Opened:
    """Open the gate for what the core would still send, word for word; hold the rest with its reason.

    Leases are in `real_now`, everything else in `now`; `passed` is how long ago both were.
    """
    with database.begin() as conn:
        epoch = barrier.share(conn)
        gate = _Gate(conn, strategy, lane, ready, now, passed)
        opened = gate.judge()
        opened.epoch = epoch
        _write(conn, opened, lane, epoch, gate.now, real_now + passed())
    return opened


class _Gate:
    """One batch under lock."""

    def __init__(
        self,
        conn: Connection,
        strategy: Strategy,
        lane: Lane,
        ready: Sequence[Outgoing],
        now: datetime,
        passed: Passed,
    ) -> None:
        self._conn, self._strategy, self._lane = conn, strategy, lane
        case_ids = {item.message.case_id for item in ready}
        self._locked = persons.lock(conn, cases.person_ids(conn, case_ids))
        read = {item.message.case_id: item.stored for item in ready}
        self._stored = {item.case.id: item for item in cases.lock(conn, case_ids, known=read)}
        self._of_person: dict[str, list[str]] = {}
        for known in self._stored.values():
            self._of_person.setdefault(known.person_id, []).append(known.case.id)
        self._states = messages.states(conn, [item.message.id for item in ready])
        self._ready = [item for item in ready if self._is_ours(item)]
        # What was committed about these cases before they were locked happened before this instant.
        self.now = self._now = now + passed()
        lately = pauses.overlapping(conn, since=self._now - LONGEST_SILENCE, until=_FAR)
        self._ramps = RampsInForce(conn, lane, lately, self._now)
        self._ahead = tuple(
            replace(pause, since=self._now) for pause in lately if pause.since > self._now and pause.resumed_at is None
        )
        self._around: dict[str, Context] = {}
        self._limits = {item.message.id: self._limits_of(item) for item in self._ready}
        self._taking = self._lock_limits()
        # Contacts are counted once the limits are locked too, in statements of their own.
        self._around = self._contexts()

    def judge(self) -> Opened:
        opened, held, waiting = Opened(), [], []
        for item in self._ready:
            context = self._around[item.message.case_id]
            if self._is_paused(item, context):
                waiting.append((item, self._now + _PAUSED))
                continue
            if item.message.expires_at is not None and self._now > item.message.expires_at:
                item.problem = "expired"
            item.problem = item.problem or _changed(item, self._strategy, context, self._now)
            if item.problem:
                held.append(item)
                continue
            key, free_at = self._taking.take(self._limits[item.message.id])
            if key:
                item.problem = f"limit: {key}"
                waiting.append((item, free_at or tomorrow_of(self._lane, self._now)))
                continue
            opened.append(item)
            self._ramps.leaves(item.message.id)
            opened.closed[item.stored.person_id] = context.opted_out
            self._count_contact(item)
        opened.waiting = sum(at <= self._now + _SOON for _, at in waiting)
        self._ramps.save()
        buckets.save(self._conn, self._taking.changed())
        _hold(self._conn, held, self._now, opened)
        _postpone(self._conn, waiting, self._now)
        return opened

    def _is_ours(self, item: Outgoing) -> bool:
        """Planned still, and of a person that this gate has locked: one united with another meanwhile comes later."""
        item.stored = self._stored[item.message.case_id]
        is_planned = self._states[item.message.id] is messages.MessageState.PLANNED
        return is_planned and item.stored.person_id in self._locked

    def _limits_of(self, item: Outgoing) -> list[tuple[Limit, int]]:
        campaign = pinned_campaign(item.case, self._strategy.all_campaigns)
        ramps = self._ramps.limits(item.message.id, item.case, lambda: self._situation(item))
        return limits_of(item, self._lane, campaign) + ramps

    def _situation(self, item: Outgoing) -> Situation:
        self._around = self._around or self._contexts()
        campaign = pinned_campaign(item.case, self._strategy.all_campaigns)
        return Situation(item.case, campaign, self._around[item.message.case_id], self._now)

    def _contexts(self) -> dict[str, Context]:
        """A pause that begins after `now`, by another clock or while the locks were waited for, was committed before
        this gate: it is in force, whatever its clock says, for it may have been acknowledged already."""
        around = contexts(self._conn, self._strategy, list(self._stored.values()), now=self._now)
        if not self._ahead:
            return around
        over = over_persons(self._conn, self._ahead, list(self._stored.values()))
        ahead = {key: over.get(item.person_id, self._ahead) for key, item in self._stored.items()}
        return {key: replace(context, pauses=(*context.pauses, *ahead[key])) for key, context in around.items()}

    def _lock_limits(self) -> Taking:
        """Locks the limits. What another sender has refilled by a clock a little ahead is not refilled again."""
        wanted = {limit.key: limit for item in self._ready for limit, _ in self._limits[item.message.id]}
        today = today_of(self._lane, self._now)
        locked: Mapping[str, Bucket] = {}
        if wanted:
            locked = buckets.lock(self._conn, wanted.values(), now=self._now, today=today)
        latest = max((bucket.refilled_at for bucket in locked.values()), default=self._now)
        is_ahead = self._now < latest < self._now + _CLOCKS_DIFFER
        return Taking(locked, latest if is_ahead else self._now, today)

    def _is_paused(self, item: Outgoing, context: Context) -> bool:
        """Whether a pause of this lane concerns the message; of its channel or its case, the core judges."""
        for pause in context.pauses:
            is_ours = self._lane.id in pause.lanes and pause.is_running(self._now)
            if is_ours and (pause.scope == ALWAYS or holds(pause.scope, self._situation(item))):
                item.problem = f"PAUSE {pause.id}"
                return True
        return False

    def _count_contact(self, item: Outgoing) -> None:
        """A message let through counts at once for every other case of the same person in this batch."""
        contact = contact_of(item, self._now)
        for case_id in self._of_person[item.stored.person_id]:
            context = self._around[case_id]
            self._around[case_id] = replace(context, contacts=(*context.contacts, contact))


def _write(conn: Connection, opened: Opened, lane: Lane, epoch: int, now: datetime, real_now: datetime) -> None:
    """The attempt, its words and its contact are on disk before the first byte leaves."""
    messages.transition(conn, [move(item, messages.MessageState.CALLING, now) for item in opened], now=now)
    contents.put(conn, [_evidence(item.composed) for item in opened if item.composed], now=now)
    met = [contacts.Entry(i.stored.person_id, contact_of(i, now), i.message.send.references) for i in opened]
    contacts.record(conn, met)
    attempts.insert(conn, [_attempt(item, lane, epoch, real_now) for item in opened])


def _attempt(item: Outgoing, lane: Lane, epoch: int, real_now: datetime) -> attempts.Attempt:
    return attempts.Attempt(
        id=item.attempt_id,
        message_id=item.message.id,
        case_id=item.message.case_id,
        number=item.number,
        token=item.token,
        content_hash=item.composed.hash if item.composed else "",
        lane=lane.id,
        channel=lane.channel.value,
        destination=item.composed.destination if item.composed else "",
        marker=item.link,
        units=item.units,
        epoch=epoch,
        started_at=real_now,
        lease_until=real_now + LEASE,
    )


def _evidence(composed: Composed) -> contents.Content:
    return contents.Content(
        hash=composed.hash, text=composed.text, subject=composed.subject, media_type=composed.media_type
    )


def _changed(item: Outgoing, strategy: Strategy, context: Context, now: datetime) -> str:
    """Why the core would not send exactly this now; empty when it still would."""
    case = item.case
    if case.in_hand is None or case.in_hand.message_id != item.message.id:
        return "not_in_hand"
    free = replace(case, in_hand=None)
    try:
        progress = make_progress(free, strategy.all_campaigns, strategy.book, context, now)
    except Exception as error:  # noqa: BLE001 - its case is set aside by advance; the others of the batch go on
        return f"failed: {kind_and_place(error)}"
    act = progress.decision.act
    if not isinstance(act, Send):
        return _why(progress.decision)
    return "" if is_same_send(act, item.message.send) else "decided_otherwise"


def _why(decision: Decision) -> str:
    last = next((r for r in reversed(decision.reasons) if r.verdict is not Verdict.ALLOW), None)
    return last.rule if last else type(decision.act).__name__.lower()


def _postpone(conn: Connection, waiting: Sequence[tuple[Outgoing, datetime]], now: datetime) -> None:
    """What a limit keeps back stays planned; one that opens soon is not even written."""
    state = messages.MessageState.PLANNED
    later = [(item, at) for item, at in waiting if at > now + _SOON]
    messages.transition(conn, [move(item, state, now, not_before=at) for item, at in later], now=now)


def _hold(conn: Connection, held: Sequence[Outgoing], now: datetime, opened: Opened) -> None:
    """The case is free to decide again; the reason is kept with the message and in the journal."""
    facts: list[tuple[Outgoing, Event]] = []
    questions: list[tasks.Task] = []
    for item in held:
        is_expired = item.problem.split(":", 1)[0] == "expired"
        opened.expired += is_expired
        opened.held += not is_expired
        is_worded = item.composed is not None and not item.composed.problems
        # No channel is at fault where the creditor's file is away.
        is_content = not is_worded and item.problem != "CREDITOR"
        cancelled = MessageCancelled(
            id=f"cancelled:{item.message.id}:{now.isoformat()}",
            at=now,
            by="gate",
            message_id=item.message.id,
            why=item.problem[:200],
            blocks_channel=is_content,
        )
        facts.append((item, cancelled))
        if is_content:
            questions.append(_content_task(item, now))
    apply_facts(conn, facts, now)
    tasks.open_tasks(conn, questions)
    state = messages.MessageState
    moves = [move(i, state.EXPIRED if i.problem == "expired" else state.HELD, now) for i in held]
    messages.transition(conn, moves, now=now)


def _content_task(item: Outgoing, now: datetime) -> tasks.Task:
    return tasks.Task(
        id=f"{item.message.case_id}:content:{item.message.id}",
        case_id=item.message.case_id,
        kind="content",
        subject=item.message.id,
        role="manager",
        due_at=now,
        opened_at=now,
        step=item.message.send.step,
    )
