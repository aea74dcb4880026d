"""Record what the providers answered, by attempt: the message left, did not, or nobody knows. Then its case decides.

An attempt that a callback settled first is left as it is; its case knows already. One that passes for doubtful, for
its answer came after its lease, is settled by that answer. Never an unconditional update.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from channels.contract import Accepted, InDoubt, ReasonClass, Rejected, Throttled
from orchestrator.domain.contact import POINT_OF_CHANNEL, Fault, PointKind
from orchestrator.domain.events import Event, MessageCancelled, OptedOut, PointMarked
from orchestrator.domain.lane import Lane
from orchestrator.domain.progress import left
from orchestrator.flows.lane_health import note_outcomes
from orchestrator.flows.late_proof import tell_of_late_proofs
from orchestrator.flows.outgoing import Outgoing, apply_facts, move
from orchestrator.flows.settle_attempts import Proof, settle_attempts
from orchestrator.storage import attempts, cases, contacts, messages, tasks
from orchestrator.storage.attempts import AttemptState
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.messages import MessageState

# Nothing was written: tried again after a breath, for the fault is likely to last a little.
_BREATH = timedelta(seconds=5)
# A handset that was off, a mailbox that was full: another day.
_ANOTHER_DAY = timedelta(days=1)
_TRIES_OF_UNREACHABLE = 2


class Recorded:
    """How many messages left, were refused, are in doubt, or were put back."""

    def __init__(self) -> None:
        self.left = self.refused = self.in_doubt = self.put_back = 0


def record_sends(
    database: Database,
    lane: Lane,
    called: Sequence[Outgoing],
    *,
    lanes: Sequence[Lane],
    now: datetime,
    real_now: datetime,
) -> Recorded:
    """Stores every outcome in one transaction. `lanes` are those that a refused message may fail over to."""
    done = Recorded()
    if not called:
        return done
    with database.begin() as conn:
        read = {item.message.case_id: item.stored for item in called}
        stored = {item.case.id: item for item in cases.lock(conn, read, known=read)}
        settled = attempts.settle(conn, [_settled(item, real_now) for item in called])
        mine = [item for item in called if item.attempt_id in settled]
        record = _Record(conn, lane, tuple(lanes), now, done)
        for item in mine:
            item.stored = stored[item.message.case_id]
            record.add(item)
        record.write()
        _settle_doubts(conn, [item for item in called if item.attempt_id not in settled], now, real_now)
        note_outcomes(conn, lane, [item.outcome for item in called if item.outcome], now=now, real_now=real_now)
    return done


def _settled(item: Outgoing, real_now: datetime) -> attempts.Settled:
    state, provider_id, reason = AttemptState.IN_DOUBT, None, ""
    match item.outcome:
        case Accepted(provider_id=given):
            state, provider_id = AttemptState.ACCEPTED, given
        case Rejected(reason_class=ReasonClass.NOT_WRITTEN, code=code):
            state, reason = AttemptState.ABSENT, code
        case Rejected(reason_class=why, code=code):
            state, reason = AttemptState.REJECTED, f"{why.value}: {code}"
        case Throttled():
            state, reason = AttemptState.REJECTED, attempts.THROTTLED
        case InDoubt(reason=why):
            reason = why
    return attempts.Settled(
        attempt_id=item.attempt_id,
        expected=AttemptState.CALLING,
        to=state,
        ended_at=real_now,
        provider_id=provider_id,
        reason=reason,
    )


def _settle_doubts(conn: Connection, late: Sequence[Outgoing], now: datetime, real_now: datetime) -> None:
    """What was taken for the attempt of a sender that is gone: it was only slow, and knows."""
    answers = {item.attempt_id: item.outcome for item in late}
    known = attempts.load(conn, answers) if late else []
    tell_of_late_proofs(conn, (each for each in known if isinstance(answers[each.id], Accepted)), now)
    proofs = []
    for attempt in known:
        match answers[attempt.id]:
            case Accepted(provider_id=given):
                proofs.append(Proof(attempt=attempt, was_sent=True, evidence="answer", provider_id=given))
            case Rejected() | Throttled():
                proofs.append(Proof(attempt=attempt, was_sent=False, evidence="answer"))
            case _:
                pass
    settle_attempts(conn, proofs, now=now, real_now=real_now)


class _Record:
    """Collects what one batch writes."""

    def __init__(self, conn: Connection, lane: Lane, lanes: tuple[Lane, ...], now: datetime, done: Recorded) -> None:
        self._conn, self._lane, self._lanes, self._now, self._done = conn, lane, lanes, now, done
        self._facts: list[tuple[Outgoing, Event]] = []
        self._moves: list[messages.Move] = []
        self._not_left: list[str] = []
        self._questions: list[tasks.Task] = []

    def add(self, item: Outgoing) -> None:
        match item.outcome:
            case Accepted():
                self._left(item, MessageState.ACCEPTED)
                self._done.left += 1
            case InDoubt() | None:
                item.problem = "in_doubt"
                self._left(item, MessageState.IN_DOUBT)
                self._done.in_doubt += 1
            case Throttled(retry_after_seconds=seconds):
                item.problem = "throttled"
                self._put_back(item, self._now + timedelta(seconds=max(seconds, 1.0)))
            case Rejected(reason_class=ReasonClass.NOT_WRITTEN, code=code):
                item.problem = f"not_written: {code}"
                self._put_back(item, self._now + _BREATH)
            case Rejected() as refusal:
                self._refused(item, refusal)

    def write(self) -> None:
        apply_facts(self._conn, self._facts, self._now)
        messages.transition(self._conn, self._moves, now=self._now)
        if self._not_left:
            contacts.withdraw(self._conn, self._not_left)
        tasks.open_tasks(self._conn, self._questions)

    def _left(self, item: Outgoing, state: MessageState) -> None:
        is_in_doubt = state is MessageState.IN_DOUBT
        self._facts.append((item, departure(item, self._lane.id, self._now, is_in_doubt=is_in_doubt)))
        self._moves.append(move(item, state, self._now, expected=MessageState.CALLING))

    def _put_back(self, item: Outgoing, not_before: datetime, lane: str | None = None) -> None:
        planned = move(
            item, MessageState.PLANNED, self._now, expected=MessageState.CALLING, not_before=not_before, lane=lane
        )
        self._moves.append(planned)
        self._not_left.append(item.message.id)
        self._done.put_back += 1

    def _refused(self, item: Outgoing, refusal: Rejected) -> None:
        item.problem = f"{refusal.reason_class.value}: {refusal.code}"
        if refusal.reason_class is ReasonClass.CONFIG:
            # The lane is at fault, not the message: another lane takes it, or it waits for this one to be mended.
            other = self._next_lane(item)
            self._put_back(item, self._now, other.id if other is not None else None)
            return
        if refusal.reason_class is ReasonClass.UNREACHABLE and self._tried(item).unreachable < _TRIES_OF_UNREACHABLE:
            self._put_back(item, self._now + _ANOTHER_DAY)
            return
        self._facts += [(item, fact) for fact in self._facts_of(item, refusal)]
        self._moves.append(move(item, MessageState.REJECTED, self._now, expected=MessageState.CALLING))
        self._not_left.append(item.message.id)
        if refusal.reason_class in (ReasonClass.BLOCKED, ReasonClass.CONTENT, ReasonClass.UNKNOWN):
            self._questions.append(self._question(item))
        self._done.refused += 1

    def _next_lane(self, item: Outgoing) -> Lane | None:
        refused = self._tried(item).refused | {self._lane.id}
        for lane in self._lanes:
            if lane.id not in refused and lane.serves(item.message.send.use, item.message.creditor):
                return lane
        return None

    def _tried(self, item: Outgoing) -> attempts.Tried:
        """What was tried of a message, this attempt among it."""
        return attempts.tried(self._conn, [item.message.id])[item.message.id]

    def _facts_of(self, item: Outgoing, refusal: Rejected) -> list[Event]:
        at, name = self._now, f"{item.attempt_id}"
        channel = item.message.send.channel
        facts: list[Event] = []
        if refusal.reason_class is ReasonClass.ADDRESS and item.composed is not None and item.composed.destination:
            kind = POINT_OF_CHANNEL[channel]
            fault = Fault.DEAD if kind is PointKind.PHONE else Fault.BOUNCED
            value = item.composed.destination
            facts.append(PointMarked(id=f"point:{name}", at=at, by=self._lane.id, kind=kind, value=value, fault=fault))
        if refusal.reason_class is ReasonClass.OPTED_OUT:
            facts.append(OptedOut(id=f"opted_out:{name}", at=at, by=self._lane.id, channel=channel))
        facts.append(
            MessageCancelled(
                id=f"refused:{name}",
                at=at,
                by=self._lane.id,
                message_id=item.message.id,
                why=item.problem,
                blocks_channel=True,
            )
        )
        return facts

    def _question(self, item: Outgoing) -> tasks.Task:
        return tasks.Task(
            id=f"{item.message.case_id}:message_refused:{item.message.id}:{item.number}",
            case_id=item.message.case_id,
            kind="message_refused",
            subject=f"{item.message.id}:{item.number}",
            role="manager",
            due_at=self._now,
            opened_at=self._now,
            step=item.message.send.step,
            cause=item.problem,
        )


def departure(item: Outgoing, lane_id: str, now: datetime, *, is_in_doubt: bool = False) -> Event:
    """The fact that a message left by a lane at `now`, or may have."""
    fact = left(
        item.message.case_id, item.message.send, now, message_id=item.message.id, amount_cents=item.amount_cents
    )
    return replace(
        fact,
        id=f"left:{item.attempt_id}",
        by=lane_id,
        cost_cents=item.cost_cents,
        attempt_id=item.attempt_id,
        is_in_doubt=is_in_doubt,
    )
