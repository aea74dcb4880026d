"""Contact packs from campaigns/policies/: each file a pack, checked by itself, then with the others.

Owns what a pack file may say. How rules judge is the domain's; what a deployment changes, policy_overrides.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Self

import pydantic

from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.errors import FileError
from orchestrator.domain.place import OVERLAYS
from orchestrator.domain.policy import Pack
from orchestrator.domain.rules import Rule
from orchestrator.intake.policies.kinds import AnyRule, RuleFile
from orchestrator.intake.policies.overrides import apply_overrides, read_overrides
from orchestrator.intake.policies.tightening import loosened
from orchestrator.intake.strict_yaml.field_types import Day, FileModel, Identifier, Several, Text, Written, one_of
from orchestrator.intake.strict_yaml.source import FileErrors, Source, read, validate
from orchestrator.intake.strict_yaml.wording import nearest, refusal

LOCAL = "local"


def _jurisdiction(text: str) -> str:
    if text != "any" and not (len(text) == 2 and text.isalpha() and text.isupper()):
        raise ValueError
    return text


class PackFile(FileModel):
    """A pack as written."""

    policy: Identifier = pydantic.Field(description="the short name of the pack")
    jurisdiction: Annotated[str, Written(_jurisdiction, "a country in two capitals, EU or any", "FR")]
    party: Annotated[str, one_of("own", "third_party")] = ""
    debtor: Annotated[str, one_of("individual", "business")] = ""
    sectors: Several[Text] = pydantic.Field((), alias="sector", description="laid over cases of these creditors")
    claims: Several[ClaimKind] = pydantic.Field((), description="laid over cases that owe such a claim")
    region: Annotated[str, one_of(*OVERLAYS)] = pydantic.Field("", description="laid over cases of this part")
    extends: Several[Identifier] = ()
    reviewed_on: Day = pydantic.Field(description="the day on which someone last checked the rules")
    expires_on: Day | None = None
    rules: tuple[AnyRule, ...]

    @pydantic.model_validator(mode="after")
    def _has_rules(self) -> Self:
        if not self.rules and not self.extends:
            raise refusal("the pack has no rule and extends no other", "write one of the two")
        if self.expires_on is not None and self.expires_on <= self.reviewed_on:
            raise refusal("the pack expires before it was reviewed", "check reviewed_on and expires_on")
        return self

    def pack(self) -> Pack:
        """The domain's pack."""
        rules: tuple[RuleFile, ...] = self.rules
        return Pack(
            id=self.policy,
            jurisdiction=self.jurisdiction,
            party=self.party,
            debtor=self.debtor,
            sectors=self.sectors,
            claims=self.claims,
            region=self.region,
            extends=self.extends,
            reviewed_on=self.reviewed_on,
            expires_on=self.expires_on,
            rules=tuple(rule.rule() for rule in rules),
        )


def pack_of(source: Source) -> Pack:
    """One pack, checked in itself: shapes, dates, bounds, ids. Raises FileErrors."""
    pack = validate(PackFile, source).pack()
    if faults := list(_repeated_ids(pack, source)):
        raise FileErrors(faults)
    return pack


def load_packs(folder: Path) -> dict[str, Pack]:
    """Every pack of a folder by id, checked with one another, with the overrides of its `local/` applied.

    Raises FileErrors with the faults of all files together.
    """
    sources: dict[str, Source] = {}
    packs: dict[str, Pack] = {}
    faults: list[FileError] = []
    for path in _yaml_files(folder):
        try:
            source = read(path)
            pack = pack_of(source)
        except FileErrors as error:
            faults += error.errors
            continue
        except FileError as error:
            faults.append(error)
            continue
        if pack.id in packs:
            first = sources[pack.id].name
            faults.append(source.fault(("policy",), f'the pack "{pack.id}" is already in {first}', hint="rename one"))
            continue
        sources[pack.id], packs[pack.id] = source, pack
    if faults:
        raise FileErrors(faults)
    if not packs:
        raise FileError("there is no contact pack here", hint="a pack is a file *.yaml", where=str(folder))
    if faults := [fault for name in packs for fault in _faults_among(packs, name, sources[name])]:
        raise FileErrors(faults)
    return apply_overrides(packs, [each for path in _local_files(folder) for each in read_overrides(read(path))])


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileError("there is no such folder", hint="contact packs are in campaigns/policies", where=str(folder))
    return sorted(folder.glob("*.yaml"))


def _local_files(folder: Path) -> list[Path]:
    return sorted((folder / LOCAL).glob("*.yaml"))


def _repeated_ids(pack: Pack, source: Source) -> Iterator[FileError]:
    """A rule may change over time: the same id twice, in periods that do not overlap."""
    for index, rule in enumerate(pack.rules):
        for earlier in pack.rules[:index]:
            if earlier.id == rule.id and _overlap(earlier, rule):
                message = f'"{rule.id}" is already a rule of this pack, in force at the same time'
                hint = "give it another id, or end the earlier one with valid_to"
                yield source.fault(("rules", index, "id"), message, hint=hint)


def _overlap(one: Rule, other: Rule) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )


def _faults_among(packs: Mapping[str, Pack], name: str, source: Source) -> Iterator[FileError]:
    pack = packs[name]
    unknown = [parent for parent in pack.extends if parent not in packs]
    for parent in unknown:
        path = ("extends", pack.extends.index(parent))
        yield source.fault(path, f'no pack is named "{parent}"', hint=nearest(parent, packs))
    if unknown:
        return
    if (circle := _circle(packs, name, (name,))) is not None:
        shown = " → ".join(circle)
        yield source.fault(("extends",), f"the packs extend one another in a circle: {shown}", hint="break it")
        return
    inherited = [rule for parent in pack.extends for rule in _with_inherited(packs, parent)]
    covered = _rules_under(packs, name) if pack.is_layer else []
    for index, rule in enumerate(pack.rules):
        yield from _loosening(rule, [*inherited, *covered], source, index)


def _rules_under(packs: Mapping[str, Pack], layer: str) -> list[Rule]:
    """The rules of every pack and layer that a layer may be laid over: of two with one id the later one counts."""
    country = packs[layer].jurisdiction
    sound = (name for name, pack in packs.items() if pack.jurisdiction == country and not _circle(packs, name, (name,)))
    return [rule for name in sound if name != layer for rule in _with_inherited(packs, name)]


def _circle(packs: Mapping[str, Pack], name: str, trail: tuple[str, ...]) -> tuple[str, ...] | None:
    for parent in packs[name].extends:
        if parent in trail:
            return (*trail[trail.index(parent) :], parent)
        if parent in packs and (found := _circle(packs, parent, (*trail, parent))) is not None:
            return found
    return None


def _with_inherited(packs: Mapping[str, Pack], name: str) -> list[Rule]:
    above = [rule for parent in packs[name].extends if parent in packs for rule in _with_inherited(packs, parent)]
    return [*above, *packs[name].rules]


def _loosening(rule: Rule, inherited: list[Rule], source: Source, index: int) -> Iterator[FileError]:
    """A pack may say again a rule that it inherits, but only as strictly."""
    for parent in inherited:
        if parent.id == rule.id and _overlap(parent, rule) and (fields := loosened(parent, rule)):
            message = f'"{rule.id}" is inherited, and this one is looser in {", ".join(fields)}'
            hint = "a pack may only tighten what it extends, and a layer what it is laid over"
            yield source.fault(("rules", index), message, hint=hint, at="key")
            return
