"""The examples of a campaign's file in words: the case, what happens, what must follow. Plays none."""

from orchestrator.rendering.policy_document.document import Entry
from orchestrator.rendering.policy_document.gathered import CampaignInForce, Example, Expected
from orchestrator.rendering.policy_document.ladder_words import rungs, template_title
from orchestrator.rendering.policy_document.words import Words, sentence


def example_entry(words: Words, shown: CampaignInForce, example: Example) -> Entry:
    """One example, in three or four sentences."""
    owed, due = words.amount(example.balance_cents, example.currency), words.day(example.due_on)
    status = sentence(words.term(example.status.value, "statuses"))
    lines = [words.say("examples", "given", status=status, balance=owed, due=due)]
    if example.means:
        means = words.all_of([words.say("examples", each) for each in example.means])
        lines.append(words.say("examples", "known", means=means))
    if example.imported_on is not None:
        lines.append(words.say("examples", "imported", day=words.day(example.imported_on)))
    for happened in example.happenings:
        key = "happens" if happened.until_on is None else "happens_until"
        until = words.day(happened.until_on) if happened.until_on else ""
        event = words.term(happened.event, "events")
        lines.append(sentence(words.say("examples", key, day=words.day(happened.on), event=event, until=until)))
    expected = words.apart(_expected(words, shown, each) for each in example.expected)
    return Entry(title=example.title, lines=(*lines, words.say("examples", "expected", list=expected)))


def _expected(words: Words, shown: CampaignInForce, expected: Expected) -> str:
    match expected.kind:
        case "step":
            return _step(words, shown, expected)
        case "none_until":
            return words.say("examples", "none_until", day=words.day(expected.on) if expected.on else "")
        case "task":
            return words.say("examples", "task", task=words.term(expected.name, "tasks"))
        case "approve":
            return words.say("examples", "approve", step=_name(words, shown, expected.name))
        case _:
            name = words.term(expected.name, "outcomes")
            return words.say("examples", expected.kind, outcome=name, stage=name)


def _step(words: Words, shown: CampaignInForce, expected: Expected) -> str:
    how = [words.term(expected.channel.value, "channels")] if expected.channel else []
    how += [words.term(expected.voice.value, "voices")] if expected.voice else []
    said = f"« {_name(words, shown, expected.name)} »" if words.language == "fr" else _name(words, shown, expected.name)
    step = f"{said} ({', '.join(how)})" if how else said
    if expected.on is None:
        return words.say("examples", "step_undated", step=step)
    return words.say("examples", "step", day=words.day(expected.on), step=step)


def _name(words: Words, shown: CampaignInForce, name: str) -> str:
    """A step by its title and day, a reaction by its message."""
    for rung in rungs(words, shown):
        if rung.step.id == name:
            return f"{rung.title}, {rung.marker}"
    reaction = shown.campaign.reactions.get(name)
    if reaction is not None and reaction.send is not None:
        return template_title(words, shown, reaction.send.template)
    return words.term(name, "events")
