"""How facts fold into the sorted tuples of a case: by key, by the latest switch, by the parts of a reaction."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from orchestrator.domain.case import Case, Pending, Switch

T = TypeVar("T")


def put(items: tuple[T, ...], item: T, key: Callable[[T], object]) -> tuple[T, ...]:
    """The sorted tuple with `item` in place of the one of the same key."""
    wanted = key(item)
    return tuple(sorted((*(i for i in items if key(i) != wanted), item), key=key))  # type: ignore[arg-type]  # keys sort


def switch(items: tuple[Switch, ...], new: Switch) -> tuple[Switch, ...]:
    """The latest instant wins; at the same instant `on` wins (a doubt about a stop is a stop)."""
    for old in items:
        if old.key == new.key:
            if (old.at, old.is_on, old.value) >= (new.at, new.is_on, new.value):
                return items
            break
    return put(items, new, lambda one: one.key)


def done(case: Case, cause: str, part: str) -> Case:
    """Note that a part of a reaction is done; `all` ends it for good, whenever its event is told again."""
    if part == "all":
        pending = tuple(known for known in case.pending if known.cause != cause)
        answers = tuple(known for known in case.answers if known.id != cause)
        return replace(case, pending=pending, answers=answers, reacted=tuple(sorted({*case.reacted, cause})))
    noted = (replace(p, done=tuple(sorted({*p.done, part}))) if p.cause == cause else p for p in case.pending)
    return replace(case, pending=tuple(noted))


def pend(case: Case, new: Pending) -> Case:
    """The case with an event that asks for a reaction; one that had it, or waits for it, asks no second time.

    Told again of an earlier instant, it happened then.
    """
    known = next((pending for pending in case.pending if pending.cause == new.cause), None)
    if new.cause in case.reacted or (known is not None and known.at <= new.at):
        return case
    told = new if known is None else replace(known, at=new.at)
    others = tuple(pending for pending in case.pending if pending is not known)
    return replace(case, pending=put(others, told, lambda pending: (pending.at, pending.cause)))
