"""What a deployment may change in the packs, in both directions, and how a refusal reads."""

from datetime import date
from pathlib import Path

import pytest

from orchestrator.domain.policy import Pack, policy_on
from orchestrator.domain.rules import Cap, FrequencyRule, HoursRule, ProportionRule
from orchestrator.intake.policies.overrides import apply_overrides, read_overrides
from orchestrator.intake.policies.policy_yaml import load_packs, pack_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse

FLOOR = """\
policy: floor
jurisdiction: FR
reviewed_on: 2026-01-01
rules:
  - id: H-1
    title: Two contacts a week
    basis: house
    source: us
    valid_from: 2020-01-01
    kind: frequency
    channels: [sms, email]
    caps: [{count: 2, per: 7d}]
    gap: 72h
    bounds: {caps: [{count: {to: 3}, per: 7d}], gap: {from: 48h}}
    action: defer
  - id: L-1
    title: Hours of the law
    basis: statute
    source: Code of hours 3
    valid_from: 2020-01-01
    kind: hours
    channels: [sms]
    days: [mon, tue]
    from: "09:00"
    to: "19:00"
    action: defer
  - id: H-2
    title: No more than a tenth
    basis: house
    source: us
    valid_from: 2020-01-01
    kind: proportion
    cost: 10 %
    demands: 8
    action: block
"""
LEAF = "policy: leaf\njurisdiction: FR\nextends: floor\nreviewed_on: 2026-01-01\nrules: []\n"
TODAY = date(2026, 6, 1)
DURATIONS = "(write 90m, 12h, 3d, 2w, 1 month or 3 business days)"
FREQUENCY_KEYS = "(known here: channels, caps, gap, conversations_only)"


def packs() -> dict[str, Pack]:
    return {"floor": pack_of(parse(FLOOR, name="floor.yaml")), "leaf": pack_of(parse(LEAF, name="leaf.yaml"))}


def overlay(rule: str, values: str, policy: str = "floor") -> str:
    return (
        f"overrides:\n  - policy: {policy}\n    rule: {rule}\n    set: {values}\n"
        "    changed_by: Claire Morel\n    changed_on: 2026-05-02\n    reason: Committee of May\n"
    )


def changed(*texts: str) -> dict[str, Pack]:
    found = [each for text in texts for each in read_overrides(parse(text, name="local.yaml"))]
    return apply_overrides(packs(), found)


def refusal(*texts: str) -> str:
    with pytest.raises(FileErrors) as caught:
        changed(*texts)
    (error,) = caught.value.errors
    return str(error)


def frequency(found: dict[str, Pack], pack: str = "floor") -> FrequencyRule:
    (rule,) = policy_on(found, pack, TODAY).of(FrequencyRule)
    return rule


# ------------------------------------------------------------------------------------ accepted


def test_a_statute_may_be_tightened() -> None:
    (rule,) = policy_on(changed(overlay("L-1", '{from: "10:00", to: "18:00"}')), "floor", TODAY).of(HoursRule)
    assert [str(rule.windows[0].start), str(rule.windows[0].end)] == ["10:00:00", "18:00:00"]
    assert rule.days == (0, 1)


def test_a_house_value_may_be_tightened_beyond_its_bounds() -> None:
    assert frequency(changed(overlay("H-1", "{caps: [{count: 1, per: 30d}]}"))).caps == (Cap(1, 720),)


def test_a_house_value_may_be_loosened_inside_its_bounds() -> None:
    rule = frequency(changed(overlay("H-1", "{caps: [{count: 3, per: 7d}], gap: 48h}")))
    assert (rule.caps, rule.gap_hours) == ((Cap(3, 168),), 48)


def test_the_author_the_day_and_the_reason_are_kept_on_the_rule() -> None:
    rule = frequency(changed(overlay("H-1", "{gap: 96h}")))
    assert rule.changed_by == "Claire Morel, 2026-05-02: Committee of May"


def test_what_is_not_changed_stays_as_the_pack_says() -> None:
    before, after = frequency(packs()), frequency(changed(overlay("H-1", "{gap: 96h}")))
    assert (after.caps, after.channels, after.title, after.bounds) == (
        before.caps, before.channels, before.title, before.bounds,
    )  # fmt: skip


def test_a_change_reaches_the_packs_that_extend_the_changed_one() -> None:
    assert frequency(changed(overlay("H-1", "{gap: 96h}")), "leaf").gap_hours == 96


def test_a_change_of_an_inherited_rule_stays_in_the_named_pack() -> None:
    found = changed(overlay("H-1", "{gap: 96h}", policy="leaf"))
    assert frequency(found, "leaf").gap_hours == 96
    assert frequency(found, "floor").gap_hours == 72


def test_the_packs_given_are_not_touched() -> None:
    given = packs()
    apply_overrides(given, read_overrides(parse(overlay("H-1", "{gap: 96h}"), name="local.yaml")))
    assert frequency(given).gap_hours == 72


# ------------------------------------------------------------------------------------- refused


def test_a_statute_may_not_be_loosened() -> None:
    assert refusal(overlay("L-1", '{from: "08:00", to: "19:00"}')) == (
        "local.yaml:4:17: overrides[0].set.from: L-1 rests on a statute (Code of hours 3) and may only be made stricter"
        " (delete this change, or make it stricter)"
    )


def test_a_house_value_may_not_leave_its_bounds() -> None:
    assert refusal(overlay("H-1", "{caps: [{count: 4, per: 7d}]}")) == (
        "local.yaml:4:17: overrides[0].set.caps: H-1 may not move this far (see its bounds: in the pack)"
    )


def test_a_house_value_without_bounds_may_not_be_loosened() -> None:
    assert refusal(overlay("H-2", "{demands: 9}")) == (
        "local.yaml:4:20: overrides[0].set.demands: H-2 may not move this far"
        " (it has no bounds: it may only be tightened)"
    )


@pytest.mark.parametrize(
    "text, sentence",
    [
        (overlay("H-1", "{gap: 96h}", policy="flor"),
         'local.yaml:2:13: overrides[0].policy: no pack is named "flor" (did you mean "floor"?)'),
        (overlay("H-9", "{gap: 96h}"),
         'local.yaml:3:11: overrides[0].rule: the pack floor has no rule H-9 (did you mean "H-2"?)'),
        (overlay("H-1", "{gab: 96h}"),
         'local.yaml:4:11: overrides[0].set.gab: this key is not known (did you mean "gap"?)'),
        (overlay("H-1", "{gap: 96}"), f"local.yaml:4:16: overrides[0].set.gap: this is not a duration {DURATIONS}"),
        (overlay("H-1", "{basis: house}"),
         f"local.yaml:4:11: overrides[0].set.basis: this key is not known {FREQUENCY_KEYS}"),
        (overlay("H-1", "{valid_to: 2020-01-02}"),
         f"local.yaml:4:11: overrides[0].set.valid_to: this key is not known {FREQUENCY_KEYS}"),
        (overlay("H-1", "{bounds: {gap: {from: 1h}}}"),
         f"local.yaml:4:11: overrides[0].set.bounds: this key is not known {FREQUENCY_KEYS}"),
        (overlay("H-1", "{}"), "local.yaml:4:10: overrides[0].set: nothing is changed (name at least one value)"),
        (overlay("L-1", '{from: "10:00"}'),
         "local.yaml:4:10: overrides[0].set: hours are written as `from` and `to` together, or as `windows`"),
        (overlay("h1", "{gap: 96h}"),
         'local.yaml:3:11: overrides[0].rule: "h1" is not a rule\'s id (write it like FR-HAR-01)'),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_read_is_refused_at_its_place(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


def test_a_change_needs_an_author_a_day_and_a_reason() -> None:
    with pytest.raises(FileErrors) as caught:
        changed("overrides:\n  - {policy: floor, rule: H-1, set: {gap: 96h}}\n")
    assert [str(error).split(": ")[1] for error in caught.value.errors] == [
        "overrides[0].changed_by", "overrides[0].changed_on", "overrides[0].reason",
    ]  # fmt: skip


def test_a_rule_is_changed_once() -> None:
    assert "H-1 is changed twice" in refusal(overlay("H-1", "{gap: 96h}"), overlay("H-1", "{gap: 80h}"))


def test_every_refused_change_is_told() -> None:
    with pytest.raises(FileErrors) as caught:
        changed(overlay("H-2", "{demands: 9}"), overlay("L-1", "{days: [sun]}"))
    assert len(caught.value.errors) == 2


# ------------------------------------------------------------------------------- from the folder


def test_the_files_of_local_are_applied_when_the_packs_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "floor.yaml").write_text(FLOOR, encoding="utf-8")
    (tmp_path / "local" / "ours.yaml").write_text(overlay("H-2", "{demands: 5}"), encoding="utf-8")
    (rule,) = policy_on(load_packs(tmp_path), "floor", TODAY).of(ProportionRule)
    assert rule.demands_per_debt == 5


def test_a_change_that_loosens_the_law_keeps_the_packs_from_loading(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "floor.yaml").write_text(FLOOR, encoding="utf-8")
    (tmp_path / "local" / "ours.yaml").write_text(overlay("L-1", "{days: [mon, tue, sun]}"), encoding="utf-8")
    with pytest.raises(FileErrors, match="may only be made stricter"):
        load_packs(tmp_path)
