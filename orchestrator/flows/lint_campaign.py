"""Lint: what a campaign file must prove before it is released. Reads files only; the database is not asked.

Errors refuse a release; warnings are for a person to read.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.decision import Send, Verdict, Wait
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.policy import ContactChannel, FrequencyRule, Pack, PolicyBook
from orchestrator.domain.rates import Rates
from orchestrator.flows.contradicted_policy import contradictions
from orchestrator.flows.overlapping_audiences import overlaps
from orchestrator.flows.play_campaign_test import moments_of, play_campaign_test
from orchestrator.flows.prepare_sends import mentions_for
from orchestrator.flows.preview_messages import Preview, previews
from orchestrator.intake.campaigns.campaign_tests import CampaignTest
from orchestrator.intake.campaigns.campaign_yaml import CampaignFile
from orchestrator.rendering.catalogue import Catalogue
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint import finding as words
from orchestrator.rendering.lint.finding import ruleset_of
from orchestrator.rendering.lint.lint import lint_message
from orchestrator.rendering.lint.looks import layout_findings

# What had a code of its own before the content lint was written.
_CODES = {"sms_segments": "sms_long"}

Compose = Callable[[Preview, Sequence[str]], Composed]


class Finding(msgspec.Struct, frozen=True):
    """Something lint found: `severity` error or warning, a stable code, where it stands, and a sentence."""

    severity: str
    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity} {self.code}: {self.where}: {self.message}"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is linted, with what it is linted against. `layout` is the letter's."""

    name: str
    file: CampaignFile
    book: PolicyBook
    rates: Rates
    catalogue: Catalogue
    languages: tuple[str, ...]
    compose: Compose
    layout: str = ""
    others: tuple[Campaign, ...] = ()


def lint_campaign(subject: Subject) -> list[Finding]:
    """Every finding of a campaign file that could be read at all."""
    campaign = subject.file.campaign
    pack = subject.book.pack(campaign.policy)
    found = [Finding("warning", c.code, c.where, f"{c.message} ({c.hint})") for c in subject.file.cautions]
    if pack is None:
        known = ", ".join(sorted(subject.book.packs))
        found.append(Finding("error", "policy_unknown", subject.name, f'no pack "{campaign.policy}"; known: {known}'))
        return found
    found += _policy(subject, pack)
    found += _words(subject, pack)
    found += _layout(subject, pack)
    found += _tests(subject)
    found += _caps(subject)
    found += _audiences(subject)
    return found


def _policy(subject: Subject, pack: Pack) -> Iterator[Finding]:
    """What the pack would refuse every time."""
    name = subject.file.campaign.policy
    for found in contradictions(subject.file.campaign, pack, subject.book.on(name, pack.reviewed_on)):
        where = f"{subject.name}: {found.step}" if found.step else subject.name
        yield Finding("error", "policy_contradicted", where, f"{found.rule}: {found.message}")


def _words(subject: Subject, pack: Pack) -> Iterator[Finding]:
    """Each message can be written at its worst case, bears its mentions and keeps the text rules of its pack."""
    seen: set[str] = set()
    for preview in previews(
        subject.file.campaign, subject.catalogue, pack, languages=subject.languages, is_worst_case=True
    ):
        where = f"{subject.name}: {preview.source}, {preview.channel.value}, {preview.voice.value}, {preview.language}"
        policy = subject.book.on(subject.file.campaign.policy, preview.brief.dated_on, preview.brief.debtor.status)
        try:
            composed = subject.compose(preview, mentions_for(policy, preview.brief.send))
        except RelanceError as error:
            if str(error) not in seen:
                seen.add(str(error))
                yield Finding("error", error.code, where, str(error))
            continue
        for problem in composed.problems:
            yield Finding("error", "mention_missing", where, f"the message lacks: {problem}")
        for said in lint_message(composed, preview.brief, policy):
            key = f"{preview.source} {preview.language} {said.family} {said.words}"
            if key not in seen:
                seen.add(key)
                yield _of_words(said, where)


def _of_words(said: words.Finding, where: str) -> Finding:
    """A finding of the content lint as one of the campaign's."""
    code = _CODES.get(said.family, "words_forbidden" if said.family.startswith("L") else "text_rule")
    hint = f" ({said.suggestion})" if said.suggestion else ""
    message = f"{said.family} {said.severity}, {said.rule}: “{said.words}” in the {said.where}: {said.title}{hint}"
    return Finding("error" if said.blocks else "warning", code, where, message)


def _layout(subject: Subject, pack: Pack) -> Iterator[Finding]:
    """L24: the letter's layout has nothing of a court's or the State's."""
    policy = subject.book.on(pack.id, pack.reviewed_on)
    rule = ruleset_of(policy, ContactChannel.LETTER).families.get("L24")
    if rule is not None:
        for said in layout_findings(subject.layout, "letter/layout.typ", rule):
            yield _of_words(said, subject.name)


def _tests(subject: Subject) -> Iterator[Finding]:
    if not subject.file.tests:
        yield Finding("warning", "no_tests", subject.name, "the file has no tests: say what you expect of it")
    for test in subject.file.tests:
        for failure in play_campaign_test(test, subject.file.campaign, subject.book, rates=subject.rates):
            yield Finding("error", "test_failed", failure.where, f"{test.title}: {failure}")


def _caps(subject: Subject) -> Iterator[Finding]:
    """Steps that a cap always defers for a debtor who never answers (semantics D10)."""
    if not subject.file.tests:
        return
    test: CampaignTest = msgspec.structs.replace(subject.file.tests[0], when=(), expect=())
    deferred: dict[str, str] = {}
    policy = subject.book.on(subject.file.campaign.policy, test.given.due_on, test.given.status)
    caps = {rule.id for rule in policy.of(FrequencyRule)}
    for moment in moments_of(test, subject.file.campaign, subject.book, rates=subject.rates):
        act = moment.decision.act
        held = [r.rule for r in moment.decision.reasons if r.verdict is Verdict.DEFER and r.rule in caps]
        step = next((dict(r.values).get("step", "") for r in moment.decision.reasons if r.rule == "STEP"), "")
        if isinstance(act, Wait) and held:
            deferred[str(step)] = held[0]
        elif isinstance(act, Send) and act.step in deferred:
            words = f"the cap {deferred[act.step]} always makes this step later than written"
            yield Finding("warning", "cap_defers", f"{subject.name}: {act.step}", words)


def _audiences(subject: Subject) -> Iterator[Finding]:
    campaign = subject.file.campaign
    for other in subject.others:
        if other.id == campaign.id:
            continue
        example = overlaps(campaign, other)
        if example is None:
            continue
        is_tie = other.priority == campaign.priority
        words = f"its audience overlaps {other.id} (for instance {example})"
        if is_tie:
            words += f", and both have priority {campaign.priority}: say which one wins"
        else:
            winner = max((campaign, other), key=lambda c: c.priority)
            words += f"; {winner.id} wins by its priority"
        yield Finding("error" if is_tie else "warning", "audience_overlap", subject.name, words)
