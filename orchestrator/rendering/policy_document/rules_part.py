"""The rules in force: each said once, under its subject, with the cases it concerns. Also what counsel must confirm."""

from collections.abc import Iterator

import msgspec

from orchestrator.domain.rules import Basis, InterestRule, Rule
from orchestrator.rendering.policy_document.document import Bullets, Entry, Paragraph, Section, Table
from orchestrator.rendering.policy_document.gathered import Gathered, PackInForce
from orchestrator.rendering.policy_document.pack_words import pack_words
from orchestrator.rendering.policy_document.rule_words import keeping, kind_of, origin, parameters, source_words
from orchestrator.rendering.policy_document.words import Words, read_yaml, sentence

# The evidence that needs no lawyer's look at the source: the text was read, or there is none to read.
_SURE = ("statute seen", "house")


class SharedRule(msgspec.Struct, frozen=True):
    """A rule and the packs that have it, in the very same terms."""

    rule: Rule
    packs: tuple[PackInForce, ...]


def shared_rules(packs: tuple[PackInForce, ...]) -> tuple[SharedRule, ...]:
    """Every rule once. Two packs that say one id differently make two."""
    found: list[SharedRule] = []
    for pack in packs:
        for rule in pack.rules:
            same = next((place for place, each in enumerate(found) if each.rule == rule), None)
            if same is None:
                found.append(SharedRule(rule, (pack,)))
            else:
                found[same] = SharedRule(rule, (*found[same].packs, pack))
    return tuple(found)


def rules_section(words: Words, gathered: Gathered) -> Section:
    """Every rule in force, by subject."""
    by_subject: dict[str, list[SharedRule]] = {subject: [] for subject in (*read_yaml("subjects.yaml"), "other")}
    for shared in shared_rules(gathered.packs):
        by_subject[subject_of(shared.rule)].append(shared)
    parts = tuple(
        Section(
            id=f"rules-{subject}",
            title=words.say("subjects", subject),
            blocks=tuple(_entry(words, shared, gathered) for shared in found)
            or (Paragraph(words.say("rules_part", "none")),),
        )
        for subject, found in by_subject.items()
        if found or subject != "other"
    )
    intro = Paragraph(words.say("rules_part", "intro"))
    return Section(id="rules", title=words.say("rules_part", "section"), blocks=(intro,), parts=parts)


def subject_of(rule: Rule) -> str:
    """Under which heading a rule stands."""
    kind = kind_of(rule)
    return next((subject for subject, kinds in read_yaml("subjects.yaml").items() if kind in kinds), "other")


def _entry(words: Words, shared: SharedRule, gathered: Gathered) -> Entry:
    rule = shared.rule
    lines = [
        *parameters(words, rule),
        words.say("rules_part", "effect", action=words.say("actions", rule.action.value)),
    ]
    if len(gathered.packs) > 1:
        lines.append(words.say("rules_part", "concerns", who=_who(words, shared, gathered)))
    if rule.statuses:
        statuses = words.one_of([words.term(status.value, "statuses") for status in rule.statuses])
        lines.append(words.say("rules_part", "statuses", statuses=statuses))
    return Entry(
        title=words.set(rule.title_in(words.language)),
        lines=tuple(lines),
        origin=origin(words, rule),
        code=rule.id,
        warning=words.say("rules_part", "changed", who=rule.changed_by) if rule.changed_by else "",
    )


def _effect(words: Words, rule: Rule) -> str:
    """What the rule does to a message; where it does nothing by itself, how it is kept, and no more is claimed."""
    if how := keeping(rule):
        return words.say("rules_part", "keeping", how=words.say("keeping", how))
    own = words.find("effects", kind_of(rule))
    action = words.set(own) if own else words.term(rule.action.value, "actions")
    return words.say("rules_part", "effect", action=action)


def _who(words: Words, shared: SharedRule, gathered: Gathered) -> str:
    whole = [pack for pack in gathered.packs if not pack.is_layer]
    if all(pack in shared.packs for pack in whole):
        return words.say("rules_part", "everyone")
    return words.apart(pack_words(words, pack) for pack in shared.packs)


def counsel_section(words: Words, gathered: Gathered) -> Section:
    """What rests on a source that was not read in the text itself, and what the house chose."""
    rules = [shared.rule for shared in shared_rules(gathered.packs)]
    doubtful = tuple(_doubt(words, rule) for rule in rules if rule.evidence not in _SURE)
    columns = tuple(words.say("counsel", key) for key in ("rule", "source", "evidence"))
    found = Table(columns, doubtful, shares=(4, 4, 2)) if doubtful else Paragraph(words.say("counsel", "none"))
    parts = []
    if missing := tuple(_missing_rates(words, gathered)):
        parts.append(Section(id="counsel-rates", title=words.say("counsel", "rates"), blocks=(Bullets(missing),)))
    if chosen := tuple(_named(words, rule) for rule in rules if rule.basis is Basis.HOUSE):
        blocks = (Paragraph(words.say("counsel", "house_intro")), Bullets(chosen))
        parts.append(Section(id="counsel-house", title=words.say("counsel", "house"), blocks=blocks))
    intro = Paragraph(words.say("counsel", "intro"))
    return Section(id="counsel", title=words.say("counsel", "section"), blocks=(intro, found), parts=tuple(parts))


def _doubt(words: Words, rule: Rule) -> tuple[str, str, str]:
    return _named(words, rule), source_words(words, rule), sentence(words.say("evidence", rule.evidence))


def _named(words: Words, rule: Rule) -> str:
    return f"{words.set(rule.title_in(words.language))} ({rule.id})"


def series_needed(packs: tuple[PackInForce, ...]) -> tuple[str, ...]:
    """The rate series that some rule in force rests on, each once."""
    rules = (rule for pack in packs for rule in pack.rules if isinstance(rule, InterestRule))
    return tuple(dict.fromkeys(series for rule in rules for series in (rule.series, rule.floor_series) if series))


def rates_section(words: Words, gathered: Gathered) -> Section:
    """The rate of the day and every period on file, of each series that a rule rests on."""
    intro = Paragraph(words.say("rates", "intro"))
    title = words.say("rates", "section")
    if not gathered.rates:
        return Section(id="rates", title=title, blocks=(Paragraph(words.say("rates", "none")),))
    on_day = words.say("rates", "on_day", day=words.day(gathered.day))
    columns = (words.say("rates", "series"), on_day, words.say("rates", "known_until"))
    rows = tuple(
        (_series(words, each.id, each.title), _rate_of_day(words, gathered, place), words.day(each.periods[-1].to_on))
        for place, each in enumerate(gathered.rates)
        if each.periods
    )
    parts = tuple(_periods(words, gathered, place) for place in range(len(gathered.rates)))
    return Section(id="rates", title=title, blocks=(intro, Table(columns, rows, shares=(5, 4, 3))), parts=parts)


def _series(words: Words, series_id: str, title: str) -> str:
    return words.say("rates", series_id) if words.find("rates", series_id) else title


def _rate_of_day(words: Words, gathered: Gathered, place: int) -> str:
    for period in gathered.rates[place].periods:
        if period.from_on <= gathered.day <= period.to_on:
            return words.rate(period.percent)
    return words.say("rates", "missing")


def _periods(words: Words, gathered: Gathered, place: int) -> Section:
    series = gathered.rates[place]
    columns = tuple(words.say("rates", key) for key in ("from", "to", "percent", "source", "evidence"))
    rows = tuple(
        (
            words.day(period.from_on),
            words.day(period.to_on),
            words.rate(period.percent),
            words.set(period.source),
            sentence(words.say("evidence", period.evidence)),
        )
        for period in series.periods
    )
    title = _series(words, series.id, series.title)
    return Section(id=f"rates-{series.id}", title=title, blocks=(Table(columns, rows, shares=(4, 4, 2, 7, 3)),))


def _missing_rates(words: Words, gathered: Gathered) -> Iterator[str]:
    for series in gathered.rates:
        if not any(period.from_on <= gathered.day <= period.to_on for period in series.periods):
            named = _series(words, series.id, series.title)
            yield words.say("counsel", "rates_missing", series=named, day=words.day(gathered.day))
