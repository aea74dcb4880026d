"""`/cases`: lists, one case, and why. Contact points stay inside: who pushed them knows them."""

from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from orchestrator.domain.agreement import PromiseState
from orchestrator.domain.case import Case
from orchestrator.domain.contact import Debtor
from orchestrator.domain.debt import Debt, Payment
from orchestrator.flows.show_account import show_account
from orchestrator.flows.strategy import Strategy
from orchestrator.storage import cases
from orchestrator.web.api.shapes import After, Amount, Given, Limit, Page, Word, amount_of, nothing_named
from orchestrator.web.auth import needs
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[needs("viewer", "cases:read")])


class CaseLine(Given):
    """A case in a list. `balance` is all that is open on the day and may be demanded, holds aside."""

    id: str
    creditor: str
    debtor_ref: str
    state: str
    outcome: str
    campaign: str
    balance: Amount
    due_at: datetime | None


class CasesOut(Page):
    """A page of cases."""

    cases: tuple[CaseLine, ...]


class DebtorOut(Given):
    """Who owes."""

    ref: str
    name: str
    status: str
    language: str
    sector: str


class DebtOut(Given):
    """A document of the ledger."""

    reference: str
    kind: str
    principal: Amount
    open: Amount
    as_of: date
    issued_on: date | None
    due_on: date
    is_presumed_settled: bool


class PaymentOut(Given):
    """Money that came, and perhaps went back."""

    reference: str
    amount: Amount
    received_on: date
    documents: tuple[str, ...]
    is_reversed: bool


class HoldOut(Given):
    """Something that keeps demands, or with `blocks` all every message, from leaving."""

    id: str
    kind: str
    since: datetime
    until: date | None
    grace_days: int
    review_on: date | None = Field(description="when a person looks at it, where it has no end")
    documents: tuple[str, ...] = Field(description="none: all of the case")
    amount: Amount | None = Field(description="the part that is held; None: all of it")
    blocks: str
    reason: str
    owner: str = Field(description="who must answer it")
    source: str
    paper: str
    is_lifted: bool


class PromiseOut(Given):
    """What was promised. Nothing is demanded before `followed_up_from`, unless it is moved or broken off."""

    id: str
    amount: Amount
    documents: tuple[str, ...]
    made_at: datetime
    due_on: date
    grace_days: int
    followed_up_from: date
    state: str = Field(description="open, kept, broken, cancelled")


class CaseOut(CaseLine):
    """One case in full. `due_at` is when it is looked at again; None waits for a fact."""

    payee: str
    release: str
    debtor: DebtorOut
    debts: tuple[DebtOut, ...]
    payments: tuple[PaymentOut, ...]
    holds: tuple[HoldOut, ...]
    promises: tuple[PromiseOut, ...]
    marks: tuple[str, ...]
    opted_out: tuple[str, ...]
    open_tasks: tuple[str, ...]


@router.get("")
def list_cases(
    desk: AtDesk,
    creditor: Word | None = None,
    debtor_ref: Word | None = None,
    campaign: Word | None = None,
    state: Word | None = None,
    limit: Limit = 50,
    after: After = "",
) -> CasesOut:
    """Cases in the order of their ids; every filter that is given must match."""
    wanted = cases.Filter(creditor=creditor, debtor_ref=debtor_ref, campaign=campaign, state=state)
    with desk.database.read() as conn:
        found = cases.search(conn, wanted, limit=limit, after=after)
    strategy, now = desk.strategy(), desk.now()
    lines = tuple(CaseLine(**_line(stored, strategy, now)) for stored in found)
    return CasesOut(cases=lines, next=found[-1].case.id if len(found) == limit else None)


@router.get("/{case_id}")
def one_case(case_id: str, desk: AtDesk) -> CaseOut:
    """One case in full. What was decided, noted and done, in its order, is `/why`."""
    with desk.database.read() as conn:
        found = cases.load(conn, [case_id])
    if not found:
        raise nothing_named("case")
    return case_out(found[0], desk.strategy(), desk.now())


def case_out(stored: cases.Stored, strategy: Strategy, now: datetime) -> CaseOut:
    """A case as it is shown at an instant."""
    case = stored.case
    return CaseOut(
        **_line(stored, strategy, now),
        payee=case.payee,
        release=case.release,
        debtor=_debtor(case.debtor),
        debts=tuple(_debt(debt, case.currency) for debt in case.debts),
        payments=tuple(_payment(payment, case) for payment in case.payments),
        holds=_holds(case),
        promises=_promises(case),
        marks=tuple(switch.key for switch in case.marks if switch.is_on),
        opted_out=tuple(sorted({s.key.partition(":")[0] for s in case.opt_outs if s.is_on})),
        open_tasks=tuple(f"{case.id}:{task.id}" for task in case.tasks),
    )


def _line(stored: cases.Stored, strategy: Strategy, now: datetime) -> dict[str, Any]:
    case = stored.case
    return {
        "id": case.id,
        "creditor": case.creditor,
        "debtor_ref": case.debtor.ref,
        "state": case.state.value,
        "outcome": case.outcome,
        "campaign": case.campaign,
        "balance": amount_of(show_account(case, strategy, now=now).balance_cents, case.currency),
        "due_at": stored.due_at,
    }


def _debtor(debtor: Debtor) -> DebtorOut:
    return DebtorOut(
        ref=debtor.ref,
        name=debtor.name,
        status=debtor.status.value,
        language=debtor.language,
        sector=debtor.sector,
    )


def _debt(debt: Debt, currency: str) -> DebtOut:
    return DebtOut(
        reference=debt.reference,
        kind=debt.kind.value,
        principal=amount_of(debt.principal_cents, currency),
        open=amount_of(debt.open_cents, currency),
        as_of=debt.as_of,
        issued_on=debt.issued_on,
        due_on=debt.due_on,
        is_presumed_settled=debt.is_presumed_settled,
    )


def _payment(payment: Payment, case: Case) -> PaymentOut:
    return PaymentOut(
        reference=payment.id,
        amount=amount_of(payment.amount_cents, case.currency),
        received_on=payment.received_on,
        documents=payment.references,
        is_reversed=any(each.id == payment.id for each in case.reversals),
    )


def _holds(case: Case) -> tuple[HoldOut, ...]:
    lifted = {switch.key for switch in case.lifted if switch.is_on}
    return tuple(
        HoldOut(
            id=hold.id,
            kind=hold.kind.value,
            since=hold.since,
            until=hold.until,
            grace_days=hold.grace_days,
            review_on=hold.review_on,
            documents=hold.references,
            amount=None if hold.amount_cents is None else amount_of(hold.amount_cents, case.currency),
            blocks=hold.blocks.value,
            reason=hold.reason,
            owner=hold.owner,
            source=hold.source,
            paper=hold.paper,
            is_lifted=hold.id in lifted,
        )
        for hold in case.holds
    )


def _promises(case: Case) -> tuple[PromiseOut, ...]:
    ends = {switch.key: PromiseState.CANCELLED.value for switch in case.lifted}
    ends.update({switch.key: switch.value for switch in case.promise_ends})
    return tuple(
        PromiseOut(
            id=promise.id,
            amount=amount_of(promise.amount_cents, case.currency),
            documents=promise.references,
            made_at=promise.made_at,
            due_on=promise.due_on,
            grace_days=promise.grace_days,
            followed_up_from=promise.due_on + timedelta(days=promise.grace_days + 1),
            state=ends.get(promise.id) or promise.state.value,
        )
        for promise in case.promises
    )
