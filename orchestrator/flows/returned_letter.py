"""A letter that came back: its address is closed, and a person looks; what the post says of a death is obeyed (R44)."""

from datetime import datetime, timedelta

from channels.contract import DeliveryStatus, Receipt
from channels.letter.status_csv import DECEASED, MOVED
from orchestrator.domain.agreement import Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.events import Event, HoldPlaced, Marked, TaskOpened
from orchestrator.storage.attempts import Attempt

_BACK = {DeliveryStatus.RETURNED, DeliveryStatus.UNKNOWN_ADDRESS}
_WITHIN, _DEATH_WITHIN = timedelta(days=5), timedelta(days=2)


def returned_letter(receipt: Receipt, attempt: Attempt, now: datetime) -> list[Event]:
    """The task that returned mail is, and the marks that its reason brings; none where no letter came back."""
    if receipt.status not in _BACK:
        return []
    name = f"returned:{attempt.id}:{receipt.code or receipt.status}"
    if receipt.code == DECEASED:
        return _deceased(name, attempt, now)
    task = _task(name, "returned_mail", "agent", receipt.code or receipt.status.value, now, _WITHIN, attempt)
    if receipt.code == MOVED:
        return [Marked(id=f"{name}:mark", at=now, by=attempt.lane, mark="moved"), task]
    return [task]


def _deceased(name: str, attempt: Attempt, now: datetime) -> list[Event]:
    """Nothing more is said to a family before a person has decided."""
    hold = Hold(
        id=f"death:{name}", kind=HoldKind.DEATH, since=now, scope=HoldScope.PERSON, blocks=Blocks.ALL,
        source=attempt.lane, review_on=(now + _DEATH_WITHIN).date(),
    )  # fmt: skip
    return [
        Marked(id=f"{name}:mark", at=now, by=attempt.lane, mark="deceased"),
        HoldPlaced(id=f"{name}:hold", at=now, by=attempt.lane, hold=hold),
        _task(name, "deceased", "manager", "post", now, _DEATH_WITHIN, attempt),
    ]


def _task(
    name: str, kind: str, role: str, cause: str, now: datetime, within: timedelta, attempt: Attempt
) -> TaskOpened:
    return TaskOpened(
        id=f"{name}:task", at=now, by=attempt.lane, task_id=f"{kind}:{name}", kind=kind, subject=name, role=role,
        due_at=now + within, cause=cause,
    )  # fmt: skip
