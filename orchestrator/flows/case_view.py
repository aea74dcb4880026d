"""A case as a person looks at it: who, what is owed and held, what was agreed and said, what comes next and when.

Reads everything in one transaction, decides with the core and stores nothing. Contact data is masked here, for who may
not see it: no page is given what it must not show.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from orchestrator.domain.account import Account, Position
from orchestrator.domain.agreement import Hold, Promise, PromiseState
from orchestrator.domain.amount_line import AmountLine
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt, Payment
from orchestrator.domain.decision import Decision
from orchestrator.domain.demandable_lines import LineLeftOut
from orchestrator.domain.events import DisputeOpened, Event, TaskOpened
from orchestrator.domain.place import Place
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.case_timeline import Told, timeline
from orchestrator.flows.foresee_case import Foreseen, foresee_case
from orchestrator.flows.seen_messages import SeenMessage, seen_messages
from orchestrator.flows.seen_people import SeenPerson, seen_people
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.surroundings import contexts
from orchestrator.flows.visible_case import visible_case
from orchestrator.storage import attempts, case_work, cases, journal, messages, replies, tasks
from orchestrator.storage.database import Connection, Database
from orchestrator.storage.replies import AttachedFile, Reply
from orchestrator.storage.tasks import Task

_MOST_TASKS = 100


class SeenDebt(msgspec.Struct, frozen=True, kw_only=True):
    """A document on a day. `paid_cents` of its principal, by payments that are known; `lines` may be demanded,
    `left_out` may not, with the rule that says so. `holds` says why a part is held, until `held_until` where known.
    """

    debt: Debt
    open_cents: int
    held_cents: int
    demandable_cents: int
    disputed_cents: int
    paid_cents: int
    is_due: bool
    days_late: int
    lines: tuple[AmountLine, ...]
    left_out: tuple[LineLeftOut, ...]
    holds: tuple[str, ...]
    held_until: date | None


class SeenHold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold; `ended_at` where a person or a fact ended it, `last_day` with its grace."""

    hold: Hold
    is_running: bool
    last_day: date | None
    ended_at: datetime | None
    why_ended: str


class SeenPromise(msgspec.Struct, frozen=True, kw_only=True):
    """A promise and what became of it; followed up from the day after its grace."""

    promise: Promise
    state: PromiseState
    followed_up_from: date


class SeenPayment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came, and perhaps went back."""

    payment: Payment
    reversal: Payment | None


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one case at `now`. `local_now` is what the debtor's clock shows; `due_at` None waits for news.

    `disputed_cents` and `promised_cents` are parts of what is held. `foreseen` is what comes if nothing happens.
    `closed_elsewhere` are channels that the person closed in another case. `owner` is whose work it is, if anybody's.
    """

    case: Case
    due_at: datetime | None
    place: Place
    today: date
    account: Account
    demandable_cents: int
    held_cents: int
    disputed_cents: int
    paid_cents: int
    debts: tuple[SeenDebt, ...]
    payments: tuple[SeenPayment, ...]
    holds: tuple[SeenHold, ...]
    promises: tuple[SeenPromise, ...]
    people: tuple[SeenPerson, ...]
    marks: tuple[str, ...]
    opted_out: tuple[str, ...]
    closed_elsewhere: tuple[str, ...]
    mode: str
    tasks: tuple[Task, ...]
    messages: tuple[SeenMessage, ...]
    replies: tuple[Reply, ...]
    files: tuple[AttachedFile, ...]
    told: tuple[Told, ...]
    foreseen: tuple[Foreseen, ...]
    others: tuple[str, ...]
    owner: str

    @property
    def last_left(self) -> SeenMessage | None:
        """The last message that left, or may have left."""
        left = [each for each in self.messages if each.message.left_at is not None]
        return max(left, key=lambda each: str(each.message.left_at), default=None)


def case_view(
    database: Database,
    strategy: Strategy,
    case_id: str,
    *,
    now: datetime,
    creditors: frozenset[str] | None,
    sees_contacts: bool,
    sees_replies: bool,
) -> CaseView:
    """One case in full. `creditors` are those that may be seen, None all. Raises NotFound."""
    with database.read() as conn:
        stored = visible_case(conn, case_id, creditors=creditors)
        return _view(conn, strategy, stored, now=now, sees_contacts=sees_contacts, sees_replies=sees_replies)


def _view(
    conn: Connection,
    strategy: Strategy,
    stored: cases.Stored,
    *,
    now: datetime,
    sees_contacts: bool,
    sees_replies: bool,
) -> CaseView:
    case = stored.case
    context = contexts(conn, strategy, [stored], now=now)[case.id]
    lines = journal.read(conn, case.id)
    written = messages.of_case(conn, case.id)
    said = replies.search(conn, replies.Filter(case_id=case.id), limit=500) if sees_replies else []
    situation = Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now)
    debts = seen_debts(situation)
    own = {s.key.partition(":")[0] for s in case.opt_outs if s.is_on and s.key.endswith(":")}
    return CaseView(
        case=case if sees_contacts else _without_contacts(case),
        due_at=stored.due_at,
        place=situation.place,
        today=situation.today,
        account=situation.account,
        demandable_cents=situation.account.overdue_cents,
        held_cents=sum(each.held_cents for each in debts),
        disputed_cents=sum(each.disputed_cents for each in debts),
        paid_cents=sum(each.payment.amount_cents for each in _payments(case) if each.reversal is None),
        debts=debts,
        payments=_payments(case),
        holds=_holds(case, situation),
        promises=_promises(case),
        people=seen_people(
            case, attempts.of_messages(conn, [item.id for item in written]), lines, sees_contacts=sees_contacts
        ),
        marks=tuple(switch.key for switch in case.marks if switch.is_on),
        opted_out=tuple(sorted(own)),
        closed_elsewhere=tuple(sorted(context.opted_out - own)),
        mode=situation.mode.value,
        tasks=tuple(tasks.search(conn, tasks.Filter(case_id=case.id), limit=_MOST_TASKS)),
        messages=tuple(reversed(seen_messages(conn, written, lines, sees_contacts=sees_contacts))),
        replies=tuple(reversed(said)),
        files=tuple(replies.files_of(conn, [each.id for each in said])) if said else (),
        told=timeline(lines) if sees_replies else _without_words(timeline(lines)),
        foreseen=foresee_case(case, strategy, context, now),
        others=_other_cases(conn, case),
        owner=work[case.id].owner if case.id in (work := case_work.load(conn, [case.id])) else "",
    )


def _without_contacts(case: Case) -> Case:
    """What is left of it for who may not see how the debtor is reached."""
    debtor = msgspec.structs.replace(case.debtor, people=())
    return msgspec.structs.replace(case, debtor=debtor, file_debtor=None, own_points=(), points=(), opt_outs=())


def _without_words(told: Sequence[Told]) -> tuple[Told, ...]:
    """The story for who may not read replies: what the debtor said in their own words is quoted nowhere."""
    return tuple(msgspec.structs.replace(each, fact=_unsaid(each.fact)) for each in told)


def _unsaid(fact: Event | Decision) -> Event | Decision:
    match fact:
        case DisputeOpened():
            return msgspec.structs.replace(fact, reason="")
        case TaskOpened():
            return msgspec.structs.replace(fact, cause="")
    return fact


def _other_cases(conn: Connection, case: Case) -> tuple[str, ...]:
    """The same debtor's other cases with the same creditor: another currency, or another payee."""
    theirs = cases.find(conn, case.creditor, [case.debtor.ref]).get(case.debtor.ref, [])
    return tuple(stored.case.id for stored in theirs if stored.case.id != case.id)


# ------------------------------------------------------------------------------------------------ the account


def seen_debts(situation: Situation) -> tuple[SeenDebt, ...]:
    """Every document of the case, the oldest due first; what is settled has nothing open."""
    positions = {position.debt.reference: position for position in situation.account.positions}
    return tuple(_debt(debt, positions.get(debt.reference), situation) for debt in situation.case.debts)


def _debt(debt: Debt, position: Position | None, situation: Situation) -> SeenDebt:
    open_cents = position.open_cents if position else min(debt.open_cents, 0)
    days = (situation.today - debt.due_on).days
    return SeenDebt(
        debt=debt,
        open_cents=open_cents,
        held_cents=position.held_cents if position else 0,
        demandable_cents=position.demandable_cents if position else 0,
        disputed_cents=_disputed(debt, position, situation.holds) if position else 0,
        paid_cents=_paid(debt, position),
        is_due=days > 0 and open_cents > 0,
        days_late=max(days, 0) if open_cents > 0 else 0,
        lines=position.lines if position else (),
        left_out=tuple(line for line in situation.claims.left_out if line.reference == debt.reference),
        holds=position.holds if position else (),
        held_until=position.held_until if position else None,
    )


def _paid(debt: Debt, position: Position | None) -> int:
    """What was paid of the principal: what the ledger no longer counts, and payments after its day."""
    if debt.is_credit:
        return 0
    left = position.principal_open_cents if position else 0
    return max(debt.principal_cents - left, 0)


def _disputed(debt: Debt, position: Position, holds: Sequence[Hold]) -> int:
    parts = 0
    for hold in holds:
        if hold.kind.value == "dispute" and (not hold.references or debt.reference in hold.references):
            parts += position.open_cents if hold.amount_cents is None else hold.amount_cents
    return min(parts, position.open_cents)


def _payments(case: Case) -> tuple[SeenPayment, ...]:
    back = {reversal.id: reversal for reversal in case.reversals}
    return tuple(SeenPayment(payment=each, reversal=back.get(each.id)) for each in reversed(case.payments))


# --------------------------------------------------------------------------------------------- what was agreed


def _holds(case: Case, situation: Situation) -> tuple[SeenHold, ...]:
    """Those that run first, then the others, the newest first."""
    running = {hold.id for hold in situation.holds}
    lifted = {switch.key: switch for switch in case.lifted}
    found = [
        SeenHold(
            hold=hold,
            is_running=hold.id in running,
            last_day=hold.until + timedelta(days=hold.grace_days) if hold.until else None,
            ended_at=lifted[hold.id].at if hold.id in lifted else None,
            why_ended=lifted[hold.id].value if hold.id in lifted else "",
        )
        for hold in case.holds
    ]
    return tuple(sorted(found, key=lambda each: (not each.is_running, -each.hold.since.timestamp())))


def _promises(case: Case) -> tuple[SeenPromise, ...]:
    ends = {switch.key: PromiseState.CANCELLED for switch in case.lifted}
    ends |= {switch.key: PromiseState(switch.value) for switch in case.promise_ends}
    found = [
        SeenPromise(
            promise=each,
            state=ends.get(each.id, each.state),
            followed_up_from=each.due_on + timedelta(days=each.grace_days + 1),
        )
        for each in case.promises
    ]
    return tuple(sorted(found, key=lambda each: each.promise.made_at, reverse=True))
