"""Why one message left, in a sentence that a newcomer understands: its moment, what was owed, and what allowed it.

The decision behind it, with every rule and value, is `why.py`; this is what stands above.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from orchestrator.domain.campaign import Purpose
from orchestrator.domain.decision import Decision, Send, Verdict
from orchestrator.rendering.why import Storyteller

# Rules of ours that every message passes; what a reader wants to know of are the law's.
_OURS = frozenset({"AUDIENCE", "POLICY", "STEP", "CHANNEL", "REACTION"})

_WORDS: dict[str, dict[str, str]] = {
    "left": {"fr": "Parti le {when} par {use}", "en": "Left on {when} by {use}"},
    "doubt": {"fr": "Peut-être parti le {when} par {use}", "en": "May have left on {when} by {use}"},
    "observed": {"fr": "Observé seulement, rien n'est parti", "en": "Only observed, nothing left"},
    "waits": {"fr": "Prévu par {use}, à partir du {when}", "en": "Planned by {use}, from {when}"},
    "stopped": {"fr": "N'est pas parti : {reason}", "en": "Did not leave: {reason}"},
    "step": {
        "fr": "parce que l'étape « {step} » du scénario « {campaign} » était arrivée à son moment",
        "en": "because the step “{step}” of the campaign “{campaign}” had come to its time",
    },
    "cause": {"fr": "en réponse à : {event}", "en": "in answer to: {event}"},
    "owed": {
        "fr": "et que {amount} restaient dus sur {references}{late}",
        "en": "and {amount} were still owed on {references}{late}",
    },
    "late": {"fr": ", échu depuis {days} jours", "en": ", {days} days overdue"},
    "checked": {
        "fr": "Rien ne s'y opposait : {count} règles vérifiées{named}.",
        "en": "Nothing stood against it: {count} rules checked{named}.",
    },
    "named": {"fr": ", dont {rules}", "en": ", among them {rules}"},
    "quoted": {"fr": "« {words} »", "en": "“{words}”"},
    "and": {"fr": " et ", "en": " and "},
}
_MOST_REFERENCES = 3
_MOST_RULES = 2


class LeftFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the sentence is about. `at` is when it left, or from when it may; `stopped_by` why it did not.

    `due_on` are the due dates of the debts that it names.
    """

    send: Send
    campaign: str
    at: datetime
    is_left: bool
    is_in_doubt: bool = False
    stopped_by: str = ""
    amount_cents: int = 0
    due_on: Mapping[str, date] = {}


def why_left(teller: Storyteller, facts: LeftFacts, decision: Decision | None, *, language: str) -> str:
    """One or two sentences, ended by a full stop each."""

    def say(name: str, **values: object) -> str:
        return _WORDS[name]["fr" if language == "fr" else "en"].format(**values)

    send = facts.send
    name = "observed" if send.is_observed else "doubt" if facts.is_in_doubt else "left" if facts.is_left else "waits"
    if facts.stopped_by and not facts.is_left:
        return say("stopped", reason=teller.term(facts.stopped_by)) + "."
    parts = [say(name, when=teller.when(facts.at), use=teller.term(send.use))]
    event = send.step.partition(":")[0]
    if send.cause:
        words = teller.event_words(event)
        parts.append(say("cause", event=words if words != event else teller.name("step", event)))
    else:
        parts.append(say("step", step=teller.name("step", event), campaign=teller.name("campaign", facts.campaign)))
    if send.purpose is Purpose.DEMAND and facts.amount_cents and send.references:
        late = _days_late(facts, send.references)
        parts.append(
            say(
                "owed",
                amount=teller.amount(facts.amount_cents),
                references=_some(send.references),
                late=say("late", days=late) if late > 0 else "",
            )
        )
    sentence = ", ".join(parts[:2]) + (" " + parts[2] if len(parts) > 2 else "") + "."
    if decision is None:
        return sentence
    rules = [r for r in decision.reasons if r.verdict is Verdict.ALLOW]
    titled = [title for rule in rules if rule.rule not in _OURS and (title := teller.title(rule.rule, facts.at.date()))]
    quoted = say("and").join(say("quoted", words=each) for each in titled[:_MOST_RULES])
    named = say("named", rules=quoted) if titled else ""
    return f"{sentence} {say('checked', count=len(rules), named=named)}" if rules else sentence


def _some(references: Sequence[str]) -> str:
    more = f" (+{len(references) - _MOST_REFERENCES})" if len(references) > _MOST_REFERENCES else ""
    return ", ".join(references[:_MOST_REFERENCES]) + more


def _days_late(facts: LeftFacts, references: Sequence[str]) -> int:
    """Of the oldest debt named; 0 when none is known any more."""
    days = [(facts.at.date() - facts.due_on[each]).days for each in references if each in facts.due_on]
    return max(days, default=0)
