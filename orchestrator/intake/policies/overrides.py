"""What a deployment changes in the packs: stricter always, looser only for house values inside bounds.

Owns the overlay files (campaigns/policies/local/*.yaml), the change itself and the words of its refusal.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import pydantic

from orchestrator.domain.errors import FileError
from orchestrator.domain.policy import Pack
from orchestrator.domain.rules import Basis, Rule
from orchestrator.intake.policies.kinds import CHANGE_MODELS, RuleId
from orchestrator.intake.policies.terms import Terms
from orchestrator.intake.policies.tightening import MOVABLE, loosened
from orchestrator.intake.strict_yaml.field_types import Day, FileModel, Identifier, Text
from orchestrator.intake.strict_yaml.source import FileErrors, Source, sorted_faults, validate
from orchestrator.intake.strict_yaml.wording import Finding, findings_of, nearest


class OverrideFile(FileModel):
    """One change: the values of a rule to `set`, who decided it, when and why."""

    policy: Identifier = pydantic.Field(description="the pack whose rule changes, for itself and those that extend it")
    rule: RuleId = pydantic.Field(description="the id of the rule")
    values: dict[str, Any] = pydantic.Field(alias="set", description="the new values, in the words of the pack")
    changed_by: Text = pydantic.Field(description="who decided it")
    changed_on: Day = pydantic.Field(description="when it was decided")
    reason: Text = pydantic.Field(description="why")

    def author(self) -> str:
        """Who, when and why, as the changed rule carries it."""
        return f"{self.changed_by}, {self.changed_on}: {self.reason}"


class OverridesFile(FileModel):
    """An overlay file."""

    overrides: tuple[OverrideFile, ...]


class Override(msgspec.Struct, frozen=True):
    """A change to a rule, and where it is written. `values` are in the words of pack files."""

    policy: str
    rule: str
    values: dict[str, Any]
    changed_by: str
    source: Source
    index: int

    def fault(self, path: tuple[str | int, ...], message: str, hint: str = "") -> FileError:
        """An error at a path of this change."""
        return self.source.fault(("overrides", self.index, *path), message, hint=hint)


def read_overrides(source: Source) -> list[Override]:
    """The changes of an overlay file, not yet applied. Raises FileErrors."""
    file = validate(OverridesFile, source)
    return [
        Override(each.policy, each.rule, each.values, each.author(), source, index)
        for index, each in enumerate(file.overrides)
    ]


def apply_overrides(packs: Mapping[str, Pack], overrides: Iterable[Override]) -> dict[str, Pack]:
    """The packs with the changes made, each rule naming who changed it. Raises FileErrors for those refused.

    A change of an inherited rule puts a copy into the named pack; the pack it comes from stays as it is.
    """
    changed, faults = dict(packs), []
    done: set[tuple[str, str]] = set()
    for override in overrides:
        key = (override.policy, override.rule)
        if key in done:
            faults.append(override.fault(("rule",), f"{override.rule} is changed twice", "keep one of them"))
            continue
        done.add(key)
        try:
            changed[override.policy] = _changed_pack(packs, changed, override)
        except FileErrors as error:
            faults += error.errors
        except FileError as error:
            faults.append(error)
    if faults:
        raise FileErrors(faults)
    return changed


def _changed_pack(original: Mapping[str, Pack], packs: Mapping[str, Pack], override: Override) -> Pack:
    if override.policy not in packs:
        raise override.fault(("policy",), f'no pack is named "{override.policy}"', nearest(override.policy, packs))
    versions = _versions(original, override.policy, override.rule)
    if not versions:
        known = {rule.id for rule in _all_rules(original, override.policy)}
        message = f"the pack {override.policy} has no rule {override.rule}"
        raise override.fault(("rule",), message, nearest(override.rule, known))
    new = {version.valid_from: _changed_rule(version, override) for version in versions}
    pack = packs[override.policy]
    kept = [new.pop(rule.valid_from) if rule.id == override.rule else rule for rule in pack.rules]
    return msgspec.structs.replace(pack, rules=(*kept, *new.values()))


def _versions(packs: Mapping[str, Pack], name: str, rule_id: str) -> list[Rule]:
    """The rules of that id, of the pack itself or else of the nearest pack that it extends."""
    own = [rule for rule in packs[name].rules if rule.id == rule_id]
    if own:
        return own
    for parent in reversed(packs[name].extends):
        if found := _versions(packs, parent, rule_id):
            return found
    return []


def _all_rules(packs: Mapping[str, Pack], name: str) -> Iterator[Rule]:
    yield from packs[name].rules
    for parent in packs[name].extends:
        yield from _all_rules(packs, parent)


def _changed_rule(rule: Rule, override: Override) -> Rule:
    model = CHANGE_MODELS[str(rule.__struct_config__.tag)]
    path = ("overrides", override.index, "set")
    try:
        change = model.model_validate(override.values)
    except pydantic.ValidationError as error:
        found = findings_of(model, error, override.values)
        placed = [Finding((*path, *each.path), each.message, each.hint, each.at) for each in found]
        raise FileErrors(sorted_faults(override.source, placed)) from None
    if not change.values():
        raise override.fault(("set",), "nothing is changed", "name at least one value")
    new = msgspec.structs.replace(rule, **change.values(), changed_by=override.changed_by)
    if fields := loosened(rule, new):
        raise FileErrors(_refusal(rule, override, model, field) for field in fields)
    return new


def _refusal(rule: Rule, override: Override, model: type[Terms], field: str) -> FileError:
    key = _file_key(model, field, override.values)
    if rule.basis in MOVABLE:
        hint = "see its bounds: in the pack" if rule.bounds else "it has no bounds: it may only be tightened"
        return override.fault(("set", key), f"{rule.id} may not move this far", hint)
    why = {Basis.STATUTE: "a statute", Basis.REGULATOR: "a regulator", Basis.PLATFORM: "a provider's rule"}
    message = f"{rule.id} rests on {why[rule.basis]} ({rule.source}) and may only be made stricter"
    return override.fault(("set", key), message, "delete this change, or make it stricter")


# Where one word of a file becomes a field of another name.
_FILE_KEYS = {
    "windows": ("from", "to", "windows"),
    "months": ("years", "months"),
    "deadline_days_from": ("deadline",),
    "deadline_days_to": ("deadline",),
    "amount_cents": ("amount",),
    "currency": ("amount", "balance"),
    "balance_cents": ("balance",),
}


def _file_key(model: type[Terms], field: str, written: Mapping[str, Any]) -> str:
    info = model.model_fields.get(field)
    candidates = _FILE_KEYS.get(field, (info.alias or field if info is not None else field,))
    return next((key for key in candidates if key in written), candidates[0])
