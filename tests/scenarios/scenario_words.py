"""The words of a wish: the shipped template of its kind, with what a scenario adds to it or cuts out of it.

Who owes what in it is the sample case of the templates (Jeanne Dupont, Acme Télécom), not the scenario's; its marks,
its limitation and who collects are.
"""

import re
from datetime import date, timedelta

import msgspec

from channels.contract import LetterMessage
from channels.gsm7 import segments
from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.policy import ContactChannel, MentionsRule, Policy
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.lint.lint import lint_message
from orchestrator.rendering.mentions import missing_mentions
from orchestrator.rendering.rendered import LetterWords, Rendered, RenderedEmail, WordedParagraph
from tests.rendering.wording import a_brief, composed, shipped_texts
from tests.scenarios.scenario_file import Wish
from tests.scenarios.scenario_world import World

_SPACE = "[ \u00a0\u202f]"


class Read(msgspec.Struct, frozen=True):
    """The rules that hold a message back for its words, and those that only note something about them."""

    held: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()


ALL_WELL = Read()


def read_words(world: World, policy: Policy) -> Read:
    """What the rules say of the words of a world's wish."""
    wish = world.wish
    brief = _brief(world)
    rendered = _without(_with(shipped_texts().render(brief), wish), wish.without)
    found = lint_message(
        _sent(composed(brief, rendered), wish), brief, policy, is_enforceable=lambda: _is_enforceable(world, policy)
    )
    return Read(
        held=frozenset(finding.rule for finding in found if finding.blocks) | _unsaid(rendered, brief, wish, policy),
        noted=frozenset(finding.rule for finding in found if not finding.blocks),
    )


def _brief(world: World) -> Brief:
    given, wish, situation = world.given, world.wish, world.situation()
    brief = a_brief(
        wish.template_name,
        wish.by.channel,
        language=given.debtor.language,
        is_business=not given.debtor.status.is_individual,
        is_third_party=given.creditor.party == "third_party",
    )
    country = situation.place.country
    if country != "FR":  # only French law has a first letter that later messages recall
        brief = msgspec.structs.replace(brief, country=country, letter_reference="", letter_on=None)
    marks = frozenset(switch.key for switch in situation.case.marks if switch.is_on)
    senders = msgspec.structs.replace(brief.creditor.senders, sms=wish.sender or brief.creditor.senders.sms)
    return msgspec.structs.replace(
        brief, marks=marks, creditor=msgspec.structs.replace(brief.creditor, senders=senders), **_dates(brief, world)
    )


def _dates(brief: Brief, world: World) -> dict[str, date]:
    """The day of the wish and the end of its deadline, where the sample has one."""
    if brief.deadline_on is None or not world.wish.deadline:
        return {}
    today = world.situation().today
    return {"dated_on": today, "deadline_on": today + timedelta(days=world.wish.deadline)}


def _is_enforceable(world: World, policy: Policy) -> bool:
    situation = world.situation()
    limits = [prescribed_on(situation, policy, debt) for debt in situation.case.debts]
    return all(limit is None or situation.today <= limit[0] for limit in limits)


def _unsaid(rendered: Rendered, brief: Brief, wish: Wish, policy: Policy) -> frozenset[str]:
    """The rules whose mentions the message lacks."""
    channel = ContactChannel(wish.by.channel.value)
    return frozenset(
        rule.id
        for rule in policy.of(MentionsRule)
        if channel in rule.channels and (not rule.documents or wish.send in rule.documents)
        if missing_mentions(rendered, brief, (*rule.mentions, *rule.texts))
    )


def _with(rendered: Rendered, wish: Wish) -> Rendered:
    """The message with some words added at its end, and another subject."""
    words = wish.say or ""
    if isinstance(rendered, LetterWords):
        paragraphs = (*rendered.paragraphs, WordedParagraph("text", words)) if words else rendered.paragraphs
        return msgspec.structs.replace(rendered, paragraphs=paragraphs, subject=wish.subject or rendered.subject)
    text = f"{rendered.text} {words}".rstrip()
    if isinstance(rendered, RenderedEmail):
        return msgspec.structs.replace(rendered, text=text, subject=wish.subject or rendered.subject)
    return msgspec.structs.replace(rendered, text=text, segments=segments(text))


def _without(rendered: Rendered, cut: tuple[str, ...]) -> Rendered:
    """The message with some words cut out of everything it says; how a mention is recognised stays."""
    if not cut:
        return rendered
    data = msgspec.json.encode(msgspec.structs.replace(rendered, signs={})).decode()
    for words in cut:
        # A scenario writes plain spaces, where the printed words may hold together.
        data, times = re.subn(_SPACE.join(map(re.escape, words.split(" "))), "", data)
        assert times, f'the message does not say "{words}"'
    return msgspec.structs.replace(msgspec.json.decode(data, type=type(rendered)), signs=rendered.signs)


def _sent(message: Composed, wish: Wish) -> Composed:
    """The message with another address."""
    if not wish.address:
        return message
    assert isinstance(message.message, LetterMessage), "only a letter has an address"
    return msgspec.structs.replace(
        message, message=msgspec.structs.replace(message.message, address_lines=wish.address)
    )
