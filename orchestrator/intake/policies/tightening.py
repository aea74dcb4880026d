"""Whether a changed rule is at least as strict as the rule it changes, field by field, and within its bounds.

Owns which way is stricter for every field. A field without a direction cannot be changed by a deployment.
"""

from collections.abc import Callable
from datetime import time
from typing import Any

import msgspec

from orchestrator.domain.amount_rules import PRINCIPAL
from orchestrator.domain.rules import (
    Action,
    AmountsRule,
    ApprovalRule,
    Basis,
    Bound,
    Cap,
    CreditorFactsRule,
    DocumentRule,
    DutyRule,
    FloorRule,
    FormalNoticeRule,
    FrequencyRule,
    FreshnessRule,
    HoldRule,
    HoursRule,
    IndemnityRule,
    InterestRule,
    LetterFirstRule,
    MentionsRule,
    PaymentOrderRule,
    PermissionRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
    ScheduleRule,
    SimilarTextRule,
    TextRule,
    Window,
)

AtLeastAsStrict = Callable[[Any, Any], bool]  # (old, new)

_DAY_MINUTES = 24 * 60
_ROLES = ("agent", "manager", "admin")
_ACTIONS = (Action.WARN, Action.DEFER, Action.ASK, Action.BLOCK)


def _lower(old: Any, new: Any) -> bool:
    return bool(new <= old)


def _higher(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _longer(old: int | None, new: int | None) -> bool:
    """None is without end."""
    return new is None or (old is not None and new >= old)


def _later(old: int | None, new: int | None) -> bool:
    """None is from the start."""
    return old is None or (new is not None and new >= old)


def _fewer_but_some(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    """None named is any."""
    return not old or (bool(new) and _fewer(old, new))


def _more(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return set(new) >= set(old)


def _fewer(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    return set(new) <= set(old)


def _documents(old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
    """None named is every kind."""
    return not new or (bool(old) and _more(old, new))


def _only_true(old: bool, new: bool) -> bool:
    return new or not old


def _role(old: str, new: str) -> bool:
    return _ROLES.index(new) >= _ROLES.index(old)


def _action(old: Action, new: Action) -> bool:
    if old in _ACTIONS and new in _ACTIONS:
        return _ACTIONS.index(new) >= _ACTIONS.index(old)
    return new in (old, Action.BLOCK)


def _caps(old: tuple[Cap, ...], new: tuple[Cap, ...]) -> bool:
    """Each old cap is implied by a new one: as few contacts or fewer, in as long a time or longer."""
    return all(any(n.count <= o.count and n.per_hours >= o.per_hours for n in new) for o in old)


def _windows(old: tuple[Window, ...], new: tuple[Window, ...]) -> bool:
    return _open_minutes(new) <= _open_minutes(old)


def _open_minutes(windows: tuple[Window, ...]) -> set[int]:
    """The open minutes, counted from midnight; a window past midnight runs on into the next day."""
    found: set[int] = set()
    for window in windows:
        start, end = _minutes(window.start), _minutes(window.end)
        found |= set(range(start, end if end > start else end + _DAY_MINUTES))
    return found


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _text_values(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Numbers are limits and may only fall; anything else lists what is forbidden and may only grow."""
    if all(value.isdecimal() for value in old) and old:
        return len(new) == len(old) and all(n.isdecimal() and int(n) <= int(o) for o, n in zip(old, new, strict=True))
    return _more(old, new)


def _kinder_parts(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """The same parts, the principal no later than before: what is paid stops interest the sooner."""
    return sorted(old) == sorted(new) and new.index(PRINCIPAL) <= old.index(PRINCIPAL)


def _lower_ceiling(old: int | None, new: int | None) -> bool:
    """None is without a ceiling."""
    return old is None or (new is not None and new <= old)


_DIRECTIONS: dict[type, dict[str, AtLeastAsStrict]] = {
    FrequencyRule: {"channels": _more, "caps": _caps, "gap_hours": _higher, "conversations_only": _lower},
    SimilarTextRule: {"channels": _more, "days": _higher},
    HoursRule: {"channels": _more, "days": _fewer, "windows": _windows, "skips_holidays": _only_true},
    AmountsRule: {"forbid_lines": _more, "unless": _fewer, "except_bases": _fewer},
    ScheduleRule: {
        "at_least_cents": _lower,
        "at_most_cents": _lower_ceiling,
        "computes": lambda old, new: old or not new,
        "free_reminders": _higher,
        "after_days": _higher,
        "post_business_days": _higher,
        "needs_clause": _only_true,
        "not_during": _more,
    },
    PaymentOrderRule: {"parts": _kinder_parts},
    IndemnityRule: {"amount_cents": _lower, "not_during": _more},
    InterestRule: {"not_during": _more},
    PrescriptionRule: {"months": _lower, "reset_by": _fewer, "warn_days": _more},
    HoldRule: {
        "holds": _more,
        "blocks": lambda old, new: new in (old, "all"),
        "default_days": _longer,
        "at_most_months": _longer,
        "stops_penalties": _only_true,
    },
    LetterFirstRule: {"channels": _more, "min_delay_days": _higher, "marks": _documents},
    CreditorFactsRule: {"requires": _more},
    PermissionRule: {"channels": _more, "when": _more},
    FormalNoticeRule: {
        "deadline_days_from": _higher,
        "deadline_days_to": _lower,
        "needs_prior_reminder": _only_true,
    },
    DocumentRule: {
        "documents": _more,
        "min_days_after": _higher,
        "days_from_due": _later,
        "days_from_issue": _later,
        "deadline_days": _higher,
        "protected_days": _higher,
        "protected": _more,
        "channels": _fewer_but_some,
        "not_during": _more,
        "not_marked": _more,
    },
    DutyRule: {"on": _more, "days": _lower, "by": _role},
    FloorRule: {"balance_cents": _higher, "last_level": _lower},
    ProportionRule: {"cost_per_cent": _lower, "demands_per_debt": _lower},
    FreshnessRule: {"business_days": _lower, "formal_notice_business_days": _lower},
    MentionsRule: {"documents": _documents, "channels": _more, "mentions": _more, "texts": _more},
    ApprovalRule: {"acts": _more, "by": _role},
    PersonDecidesRule: {"marks": _more},
    TextRule: {"channels": _more, "values": _text_values},
}
# Identity, source and dates are the pack's: a deployment changes what a rule asks, not what it is.
_KEPT_APART = frozenset({"id", "title", "titles", "source", "valid_from", "valid_to", "evidence", "changed_by"})
MOVABLE = frozenset({Basis.HOUSE, Basis.INDUSTRY})
# These say what may be claimed; every other kind says what may not be done.
_PERMITS = (IndemnityRule, InterestRule, ScheduleRule)


def loosened(old: Rule, new: Rule) -> list[str]:
    """The domain fields in which `new` is less strict than `old` beyond what its basis and bounds allow."""
    if type(old) is not type(new):
        return ["kind"]
    found = []
    for field in msgspec.structs.fields(type(old)):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name in _KEPT_APART or before == after or _is_stricter(type(old), field.name, before, after):
            continue
        if not (old.basis in MOVABLE and is_inside(old.bounds, field.name, before, after)):
            found.append(field.name)
    return found


def _is_stricter(kind: type, name: str, before: Any, after: Any) -> bool:
    if name == "action":
        return _action(before, after)
    if name == "statuses":
        wider, narrower = (before, after) if issubclass(kind, _PERMITS) else (after, before)
        return not wider or (bool(narrower) and _more(narrower, wider))
    if name == "bounds":
        return _more(after, before)
    direction = _DIRECTIONS[kind].get(name)
    return direction is not None and direction(before, after)


def is_inside(bounds: tuple[Bound, ...], name: str, before: Any, after: Any) -> bool:
    """Whether a looser value of a field stays inside its bounds; without a bound nothing is inside."""
    if name == "caps":
        return _caps_inside(bounds, before, after)
    if name == "windows":
        return _windows_inside(bounds, before, after)
    for bound in bounds:
        if bound.field == name == "days" and isinstance(after, tuple):
            return set(after) <= set(bound.among)
        if bound.field == name and isinstance(after, int):
            return _between(bound, after)
    return False


def _between(bound: Bound, value: int) -> bool:
    above = bound.at_least is None or value >= bound.at_least
    return above and (bound.at_most is None or value <= bound.at_most)


def _caps_inside(bounds: tuple[Bound, ...], before: tuple[Cap, ...], after: tuple[Cap, ...]) -> bool:
    """Each old cap is kept by a stricter one, or by one as long whose count is inside its bound."""
    return all(
        _caps((old,), after)
        or any(
            new.per_hours == old.per_hours == bound.per_hours and bound.field == "caps" and _between(bound, new.count)
            for new in after
            for bound in bounds
        )
        for old in before
    )


def _windows_inside(bounds: tuple[Bound, ...], before: tuple[Window, ...], after: tuple[Window, ...]) -> bool:
    """Every window starts and ends inside its bound, or where the old ones already allowed."""
    limits = {bound.field: bound for bound in bounds if bound.field in ("start", "end")}
    if not limits:
        return False
    start = limits.get("start", Bound("start", at_least=min(_minutes(each.start) for each in before)))
    end = limits.get("end", Bound("end", at_most=max(_minutes(each.end) for each in before)))
    return all(
        each.start < each.end and _between(start, _minutes(each.start)) and _between(end, _minutes(each.end))
        for each in after
    )


def outside_own_bounds(rule: Rule) -> list[str]:
    """The fields whose bounds the rule's own value breaks: a mistake in the pack."""
    return [name for name, holds in (_own_value(rule, bound) for bound in rule.bounds) if not holds]


def _own_value(rule: Rule, bound: Bound) -> tuple[str, bool]:
    if bound.field == "caps" and isinstance(rule, FrequencyRule):
        same = [cap for cap in rule.caps if cap.per_hours == bound.per_hours]
        return "caps", any(_between(bound, cap.count) for cap in same)
    name = "windows" if bound.field in ("start", "end") else bound.field
    value = getattr(rule, name)
    return name, is_inside((bound,), name, value, value)
