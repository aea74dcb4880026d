"""Packs from files: every kind of rule, every mistake at its place, and the packs of a folder with one another."""

from datetime import date, time
from pathlib import Path

import pytest

from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.debt import ClaimKind
from orchestrator.domain.policy import Pack, policy_on
from orchestrator.domain.rules import (
    Action,
    AmountsRule,
    Bound,
    Cap,
    ContactChannel,
    FrequencyRule,
    HoursRule,
    PersonDecidesRule,
    PrescriptionRule,
    ProportionRule,
    Rule,
    Window,
)
from orchestrator.intake.policies.policy_yaml import load_packs, pack_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse

# The shape that the shipped packs follow.
EXAMPLE = """\
policy: fr-own-b2c
jurisdiction: FR
party: own
debtor: individual
extends: [platform, eu-floor]
reviewed_on: 2026-11-21
rules:
  - id: FR-HAR-01
    title: At most two contacts in seven days, six in thirty, three days apart
    basis: house                   # statute | regulator | industry | platform | house
    source: "DGCCRF 2022 survey as reported; no statutory number exists"
    valid_from: 2020-01-01
    kind: frequency
    channels: [sms, email, letter, call]   # registered counts as letter
    caps: [{count: 2, per: 7d}, {count: 6, per: 30d}]
    gap: 72h
    bounds: {caps: [{count: {to: 3}, per: 7d}]}    # a tenant may move house values inside these
    action: defer
  - id: FR-TIME-01
    title: SMS from Monday to Saturday, 09:00 to 19:00 where the debtor lives, never on a public holiday
    basis: house
    source: "no statute; proxy of the telemarketing decree"
    valid_from: 2020-01-01
    kind: hours
    channels: [sms]
    days: [mon, tue, wed, thu, fri, sat]
    from: "09:00"
    to: "19:00"
    holidays: debtor
    action: defer
  - id: FR-FEE-01
    title: No collection fee to a consumer without an enforcement title
    basis: statute
    source: "CPCE L111-8"
    valid_from: 2012-06-01
    kind: amounts
    forbid_lines: [fee, indemnity]
    unless: {facts: [has_title]}
    action: block
  - id: FR-PRE-01
    title: No demand once time-barred (two years)
    basis: statute
    source: "C. conso L218-2"
    valid_from: 2016-07-01
    kind: prescription
    years: 2
    reset_by: [payment, acknowledgment, court_action]
    action: block
"""

TWO_WINDOWS = "windows: [{from: 10:00, to: 13:00}, {from: 14:00, to: 20:00}]"
FLOOR = "floor_series: fr.legal.other, floor_multiple: 3"
HEAD = "id: X-1, title: t, basis: house, source: s, valid_from: 2020-01-01"


def pack(text: str) -> Pack:
    return pack_of(parse(text, name="p.yaml"))


def rule(terms: str, head: str = HEAD) -> Rule:
    return pack(f"policy: p\njurisdiction: FR\nreviewed_on: 2026-01-01\nrules:\n  - {{{head}, {terms}}}\n").rules[0]


def a_pack(name: str, *rules: str, more: str = "") -> str:
    lines = "".join(f"  - {each}\n" for each in rules) or "  []\n"
    return f"policy: {name}\njurisdiction: FR\nreviewed_on: 2026-01-01\n{more}rules:\n{lines}"


def a_folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def faults_in(folder: Path) -> list[str]:
    with pytest.raises(FileErrors) as caught:
        load_packs(folder)
    return [str(error).replace(f"{folder}/", "") for error in caught.value.errors]


# ------------------------------------------------------------------------------------- the example


def test_the_head_of_the_example_is_read() -> None:
    made = pack(EXAMPLE)
    assert (made.id, made.jurisdiction, made.party, made.debtor) == ("fr-own-b2c", "FR", "own", "individual")
    assert made.extends == ("platform", "eu-floor")
    assert made.reviewed_on == date(2026, 11, 21)


def test_the_frequency_rule_of_the_example_is_read() -> None:
    found = pack(EXAMPLE).rules[0]
    assert isinstance(found, FrequencyRule)
    assert found.caps == (Cap(2, 168), Cap(6, 720))
    assert found.gap_hours == 72
    assert found.channels == tuple(ContactChannel)
    assert found.bounds == (Bound("caps", at_most=3, per_hours=168),)
    assert found.action is Action.DEFER


def test_the_hours_rule_of_the_example_is_read() -> None:
    found = pack(EXAMPLE).rules[1]
    assert isinstance(found, HoursRule)
    assert found.days == (0, 1, 2, 3, 4, 5)
    assert found.windows == (Window(time(9), time(19)),)
    assert found.skips_holidays


def test_the_amounts_rule_of_the_example_is_read() -> None:
    found = pack(EXAMPLE).rules[2]
    assert isinstance(found, AmountsRule)
    assert found.forbid_lines == ("fee", "indemnity")
    assert found.unless == ("has_title",)


def test_the_prescription_rule_of_the_example_is_read() -> None:
    found = pack(EXAMPLE).rules[3]
    assert isinstance(found, PrescriptionRule)
    assert found.months == 24
    assert found.reset_by == ("payment", "acknowledgment", "court_action")
    assert found.warn_days == (90, 30)


# ---------------------------------------------------------------------------------- every other kind


@pytest.mark.parametrize(
    "terms, expected",
    [
        (f"kind: hours, channels: call, days: mon, {TWO_WINDOWS}, holidays: ignored, action: defer",
         {"windows": (Window(time(10), time(13)), Window(time(14), time(20))), "skips_holidays": False, "days": (0,)}),
        ("kind: similar_text, channels: [sms], within: 10d, action: defer", {"days": 10}),
        ("kind: indemnity, amount: 40.00 EUR, legal_basis: L441-10, not_during: [insolvency], action: remove_line",
         {"amount_cents": 4000, "currency": "EUR", "not_during": (HoldKind.INSOLVENCY,)}),
        (f"kind: interest, line: penalty, series: ecb.refi, points: 10, {FLOOR}, legal_basis: L, action: remove_line",
         {"points": "10", "contract_floor_multiple": 3, "starts": "due", "half_yearly": True}),
        ("kind: prescription, months: 6, claims: [cheque], reset_by: [payment], warn: [10d], action: block",
         {"months": 6, "claims": (ClaimKind.CHEQUE,), "warn_days": (10,)}),
        ("kind: hold, holds: [over_indebtedness], at_most_months: 24, stops_penalties: yes, task: ask, action: block",
         {"holds": (HoldKind.OVER_INDEBTEDNESS,), "at_most_months": 24, "stops_penalties": True, "blocks": "demands"}),
        ("kind: hold, holds: already_paid, for: 7d, blocks: all, action: block", {"default_days": 7, "blocks": "all"}),
        ("kind: letter_first, document: r124_4_letter, channels: [sms, email], min_delay: 3d, action: block",
         {"min_delay_days": 3}),
        ("kind: creditor_facts, requires: [insurance, mandate], action: block", {"requires": ("insurance", "mandate")}),
        ("kind: permission, channels: [sms], when: [opted_out, landline], action: block",
         {"when": ("opted_out", "landline")}),
        ("kind: formal_notice, deadline: {from: 8d, to: 15d}, needs_prior_reminder: no, action: block",
         {"deadline_days_from": 8, "deadline_days_to": 15, "needs_prior_reminder": False}),
        ("kind: floor, balance: 15 EUR, last_level: 2, action: block",
         {"balance_cents": 1500, "currency": "EUR", "last_level": 2}),
        ("kind: proportion, cost: 10 %, demands: 8, action: block", {"cost_per_cent": 10, "demands_per_debt": 8}),
        ("kind: freshness, ledger: 2 business days, formal_notice: 1 business day, action: block",
         {"business_days": 2, "formal_notice_business_days": 1}),
        ("kind: mentions, channels: letter, documents: [formal_notice], mentions: [signatory], action: require_text",
         {"mentions": ("signatory",), "texts": ()}),
        ("kind: approval, acts: [hand_over, formal_notice], by: admin, action: ask",
         {"acts": ("hand_over", "formal_notice"), "by": "admin"}),
        ("kind: person_decides, marks: [deceased], action: ask", {"marks": ("deceased",)}),
        ("kind: text, channels: sms, check: sms_segments, values: 2, action: warn", {"values": ("2",)}),
    ],
)  # fmt: skip
def test_each_kind_of_rule_is_read(terms: str, expected: dict[str, object]) -> None:
    found = rule(terms)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_rule_may_concern_some_statuses_only() -> None:
    found = rule("statuses: [sole_trader, company], kind: person_decides, marks: [x], action: ask")
    assert found.statuses == (DebtorStatus.SOLE_TRADER, DebtorStatus.COMPANY)


def test_a_rule_for_other_statuses_is_not_in_force(tmp_path: Path) -> None:
    terms = f"{{{HEAD}, statuses: [company], kind: person_decides, marks: [x], action: ask}}"
    packs = load_packs(a_folder(tmp_path, p=a_pack("p", terms)))
    on = date(2026, 1, 1)
    assert policy_on(packs, "p", on, DebtorStatus.COMPANY).rule("X-1")
    assert policy_on(packs, "p", on, DebtorStatus.NON_PROFESSIONAL).rule("X-1") is None
    assert policy_on(packs, "p", on).rule("X-1")


# ------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    "head, place, words",
    [
        ("policy: P one\njurisdiction: FR\nreviewed_on: 2026-01-01", "1:9", "is not a short name"),
        ("policy: p\njurisdiction: France\nreviewed_on: 2026-01-01", "2:15", "a country in two capitals"),
        ("policy: p\njurisdiction: FR\nreviewed_on: today", "3:14", "is not a date"),
        ("policy: p\njurisdiction: FR\nparty: owner\nreviewed_on: 2026-01-01", "3:8", "own, third_party"),
        ("policy: p\njurisdiction: FR\nreviewed_on: 2026-01-01", "1:1", "no rule and extends no other"),
        ("policy: p\njurisdiction: FR\nreviewed_on: 2026-01-01\nexpires_on: 2025-01-01\nextends: x", "1:1",
         "expires before it was reviewed"),
    ],
)  # fmt: skip
def test_each_mistake_in_the_head_of_a_pack_is_told_at_its_place(head: str, place: str, words: str) -> None:
    with pytest.raises(FileErrors) as caught:
        pack(f"{head}\nrules: []\n")
    (error,) = caught.value.errors
    assert words in str(error)
    assert error.where == f"p.yaml:{place}"


# A rule in one line, and the words at which its fault is told ("{" is the rule as a whole).
@pytest.mark.parametrize(
    "terms, at, words",
    [
        ("action: ask", "{", "kind (\"X-1\"): this key is missing (one of amounts"),
        ("kind: frequenzy", "frequenzy", 'did you mean "frequency"?'),
        ("kind: frequency, channels: [fax], action: defer", "fax", "not one of sms"),
        ("kind: frequency, channels: sms, caps: {count: 2, per: 7d}, action: defer", "{count", "expected a list"),
        ("kind: frequency, channels: sms, caps: [{count: 2, per: 7}], action: defer", "7}", "not a duration"),
        ("kind: frequency, channels: sms, caps: [{count: -2, per: 7d}], action: defer", "-2", "expected at least 1"),
        ("kind: frequency, channels: sms, every: 3, action: defer", "every", "this key is not known (known here"),
        ("kind: frequency, channels: sms, action: require_text", "require_text", "not one of defer, block"),
        ("kind: hours, channels: sms, days: [monday], from: 9:00, to: 19:00, action: defer", "monday", "one of mon"),
        ("kind: hours, channels: sms, days: [mon], from: 9h, to: 19:00, action: defer", "9h", "not a time of day"),
        ("kind: hours, channels: sms, days: [mon], from: 9:00, action: defer", "{", "`from` and `to` together"),
        ("kind: hours, channels: sms, days: [mon], action: defer", "{", "the hours are missing"),
        ("kind: hours, channels: sms, days: mon, from: 9:00, to: 9:00, action: defer", "{", "is empty"),
        ("kind: prescription, years: 2, reset_by: [reminder], action: block", "reminder", "not one of payment"),
        ("kind: prescription, reset_by: [payment], action: block", "{", "the length is missing"),
        ("kind: prescription, years: 2, months: 3, reset_by: payment, action: block", "{", "given twice"),
        ("kind: prescription, years: 2, claims: [goods, telco], reset_by: payment, action: block", "telco", "telecom"),
        ("kind: amounts, forbid_lines: [fees], action: block", "fees", 'did you mean "fee"?'),
        ("kind: hold, holds: [plans], action: block", "plans", 'did you mean "plan"?'),
        ("kind: formal_notice, deadline: {from: 15d, to: 8d}, action: block", "{from", "nothing lies between"),
        ("kind: floor, balance: 15, last_level: 2, action: block", "15,", "an amount needs one currency"),
        ("kind: proportion, cost: 110 %, demands: 8, action: block", "110", "not a share from 1 to 100 %"),
        ("kind: freshness, ledger: 2d, formal_notice: 1 business day, action: block", "2d", "business days"),
        ("kind: text, channels: sms, check: segments, action: warn", "segments", "not one of words"),
        ("kind: mentions, channels: sms, mentions: [way_in], action: block", "way_in", 'did you mean "way_out"?'),
        ("kind: approval, acts: [handover], action: ask", "handover", 'did you mean "hand_over"?'),
        ("evidence: sure, kind: person_decides, marks: x, action: ask", "sure", "statute seen"),
        ("valid_to: 2019-01-01, kind: person_decides, marks: x, action: ask", "{", "ends before it begins"),
        ("kind: person_decides, marks: x, bounds: {marks: 3}, action: ask", "marks: 3", "this key is not known"),
        ("kind: proportion, cost: 1 %, demands: 8, bounds: {demands: {to: 6}}, action: block", "{", "outside its"),
        ("kind: proportion, cost: 1 %, demands: 8, bounds: {demands: {}}, action: block", "{}", "bound has no end"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_rule_is_told_at_its_place(terms: str, at: str, words: str) -> None:
    line = f"  - {{{HEAD}, {terms}}}"
    with pytest.raises(FileErrors) as caught:
        pack(f"policy: p\njurisdiction: FR\nreviewed_on: 2026-01-01\nrules:\n{line}\n")
    (error,) = caught.value.errors
    assert words in str(error)
    column = line.index(at, 0 if at == "{" else len(HEAD))
    assert error.where == f"p.yaml:5:{column + 1}"


@pytest.mark.parametrize(
    "change, words",
    [
        (("X-1", "one"), "is not a rule's id"),
        (("house", "law"), "not one of statute"),
        (("title: t", 'title: ""'), "it is empty"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_head_of_a_rule_is_told(change: tuple[str, str], words: str) -> None:
    with pytest.raises(FileErrors, match=words):
        rule("kind: person_decides, marks: x, action: ask", HEAD.replace(*change))


def test_only_house_and_industry_rules_have_bounds() -> None:
    terms = "kind: proportion, cost: 10 %, demands: 8, bounds: {demands: {to: 9}}, action: block"
    assert rule(terms, HEAD.replace("house", "industry")).bounds
    for basis in ("statute", "regulator", "platform"):
        with pytest.raises(FileErrors, match="may only be tightened"):
            rule(terms, HEAD.replace("house", basis))


def test_an_id_is_used_once_at_a_time() -> None:
    terms = "kind: person_decides, marks: x, action: ask"
    with pytest.raises(FileErrors, match="already a rule of this pack") as caught:
        pack(a_pack("p", f"{{{HEAD}, {terms}}}", f"{{{HEAD}, {terms}}}"))
    assert caught.value.where == "p.yaml:6:10"


def test_a_rule_may_change_on_a_date() -> None:
    terms = "kind: proportion, cost: 10 %, action: block"
    early = f"{{{HEAD}, valid_to: 2025-12-31, demands: 8, {terms}}}"
    late = f"{{{HEAD.replace('2020', '2026')}, demands: 6, {terms}}}"
    made = pack(a_pack("p", early, late))
    demands = []
    for year in (2025, 2026):
        (found,) = policy_on({"p": made}, "p", date(year, 6, 1)).of(ProportionRule)
        demands.append(found.demands_per_debt)
    assert demands == [8, 6]


# --------------------------------------------------------------------------- the packs of a folder

ASK = f"{{{HEAD}, kind: person_decides, marks: [x, y], action: ask}}"


def test_a_pack_extends_those_it_names(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, a=a_pack("a", ASK), b=a_pack("b", more="extends: a\n"))
    assert [each.id for each in policy_on(load_packs(folder), "b", date(2026, 1, 1)).rules] == ["X-1"]


def test_a_pack_that_does_not_exist_cannot_be_extended(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, floor=a_pack("floor", ASK), b=a_pack("b", more="extends: [flor]\n"))
    assert faults_in(folder) == ['b.yaml:4:11: extends[0]: no pack is named "flor" (did you mean "floor"?)']


def test_packs_do_not_extend_one_another_in_a_circle(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, a=a_pack("a", ASK, more="extends: b\n"), b=a_pack("b", more="extends: a\n"))
    assert faults_in(folder)[0].startswith("a.yaml:4:10: extends: the packs extend one another in a circle: a → b → a")


def test_two_files_are_not_the_same_pack(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, a=a_pack("p", ASK), b=a_pack("p", ASK))
    assert faults_in(folder)[0].startswith('b.yaml:1:9: policy: the pack "p" is already in')


def test_a_pack_may_say_an_inherited_rule_again_more_strictly(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path, a=a_pack("a", ASK), b=a_pack("b", ASK.replace("[x, y]", "[x, y, z]"), more="extends: a\n")
    )
    (found,) = policy_on(load_packs(folder), "b", date(2026, 1, 1)).of(PersonDecidesRule)
    assert found.marks == ("x", "y", "z")


def test_a_pack_may_not_loosen_a_rule_that_it_inherits(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, a=a_pack("a", ASK), b=a_pack("b", ASK.replace("[x, y]", "[x]"), more="extends: a\n"))
    (fault,) = faults_in(folder)
    assert fault.startswith('b.yaml:6:5: rules[0] ("X-1"): "X-1" is inherited, and this one is looser in marks')


def test_a_pack_may_not_turn_a_statute_into_a_house_rule(tmp_path: Path) -> None:
    law = ASK.replace("house", "statute")
    folder = a_folder(tmp_path, a=a_pack("a", law), b=a_pack("b", ASK, more="extends: a\n"))
    assert "looser in basis" in faults_in(folder)[0]


def test_the_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, a="policy: A\n", b="policy: [\n", c=a_pack("c", ASK))
    names = {fault.split(":")[0] for fault in faults_in(folder)}
    assert names == {"a.yaml", "b.yaml"}


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="there is no contact pack here"):
        load_packs(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="there is no such folder"):
        load_packs(tmp_path / "nowhere")


LAYER = "sector: energy\n"


def test_a_layer_may_not_loosen_what_it_is_laid_over(tmp_path: Path) -> None:
    """It extends nothing, and of two rules with one id its own counts."""
    looser, same = ASK.replace("[x, y]", "[x]"), ASK.replace("[x, y]", "[x, y, z]")
    (fault,) = faults_in(a_folder(tmp_path, a=a_pack("a", ASK), b=a_pack("b", looser, more=LAYER)))
    assert '"X-1" is inherited, and this one is looser in marks' in fault
    folder = a_folder(tmp_path, a=a_pack("a", ASK), b=a_pack("b", same, more=LAYER))
    assert set(load_packs(folder)) == {"a", "b"}
