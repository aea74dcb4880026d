"""The lint of one message, and of a text alone: every finding of the rules in force. Decides nothing of what leaves."""

from collections.abc import Callable
from datetime import date

from msgspec.structs import replace

from orchestrator.domain.policy import ContactChannel, Policy, TextRule
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.checks import CHECKS, SUGGESTIONS, Message
from orchestrator.rendering.lint.facts import LintFacts, facts_of
from orchestrator.rendering.lint.families import families
from orchestrator.rendering.lint.finding import Finding, Severity, blocks, ruleset_of
from orchestrator.rendering.lint.judge import Circumstances, judge_words
from orchestrator.rendering.lint.looks import logo_name
from orchestrator.rendering.lint.numbers import is_premium, numbers_of
from orchestrator.rendering.lint.parts import Part, texts_of


def lint_message(
    composed: Composed,
    brief: Brief,
    policy: Policy,
    *,
    is_enforceable: Callable[[], bool] = lambda: False,
    energy_letters_on: Callable[[], tuple[date | None, date | None]] = lambda: (None, None),
    may_show_amount: bool = False,
) -> list[Finding]:
    """Every finding of a message on its way out.

    `is_enforceable` (no debt is time-barred) and `energy_letters_on` (see `facts_of`) are asked only if needed.
    """
    rules = ruleset_of(policy, ContactChannel(brief.send.channel.value))
    around = Circumstances(
        language=brief.language,
        facts=lambda: facts_of(brief, policy, is_enforceable=is_enforceable(), energy_letters_on=energy_letters_on()),
        brief=brief,
        is_third_party=brief.creditor.party == "third_party",
    )
    parts = texts_of(composed, around.mask)
    found = list(judge_words(parts, rules.families, around))
    if "L24" in rules.families and brief.creditor.brand.logo:
        found += logo_name(brief.creditor.brand.logo, rules.families["L24"], brief.language)
    message = Message(composed=composed, texts=parts, around=around, brief=brief, may_show_amount=may_show_amount)
    for rule in rules.checks:
        check = CHECKS.get(rule.check)
        if check is not None:
            found += [_checked(rule, words, where, brief.language) for words, where in check(message, rule)]
    return found


def lint_text(
    text: str, policy: Policy, channel: ContactChannel, *, language: str, facts: LintFacts, subject: str = ""
) -> list[Finding]:
    """The findings of words alone, without a case: families, numbers. Checks that need a message are left out."""
    rules = ruleset_of(policy, channel)
    around = Circumstances(language=language, facts=lambda: facts, is_third_party=facts.is_third_party)
    parts = [Part(name, words, around.mask) for name, words in (("subject", subject), ("text", text)) if words]
    found = list(judge_words(parts, rules.families, around))
    for rule in rules.checks:
        if rule.check == "premium_numbers":
            numbers = [(number, part.name) for part in parts for number in numbers_of(part.text)]
            found += [_checked(rule, *each, language) for each in numbers if is_premium(each[0], rule.values)]
    return found


def told_in(finding: Finding, policy: Policy, language: str) -> Finding:
    """The finding for whoever reads another language than the message's: title and what to write instead."""
    family, rule = families().get(finding.family), policy.rule(finding.rule)
    if family is not None:
        said_in = language if language in family.title else "en"
        return replace(finding, title=family.title[said_in], suggestion=family.suggestion[said_in])
    suggestion = SUGGESTIONS.get(finding.family, {})
    title = rule.title_in(language) if rule is not None else finding.title
    return replace(finding, title=title, suggestion=suggestion.get(language, suggestion.get("en", "")))


def _checked(rule: TextRule, words: str, where: str, language: str) -> Finding:
    suggestion = SUGGESTIONS.get(rule.check, {})
    return Finding(
        family=rule.check,
        severity=Severity.ERROR if blocks(rule) else Severity.WARNING,
        blocks=blocks(rule),
        words=words,
        where=where,
        rule=rule.id,
        source=rule.source,
        title=rule.title_in(language),
        suggestion=suggestion.get(language, suggestion.get("en", "")),
    )
