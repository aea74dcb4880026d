"""What helps an agent to answer (R29): a proposed text with the case's own facts, and the debtor's rights.

Proposes only what is recorded already: a date that was taken, a hold that runs. Decides and sends nothing.
"""

from collections.abc import Iterator, Mapping

import msgspec

from channels.contract import Channel
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.contact import PointKind
from orchestrator.domain.gates import prescribed_on
from orchestrator.domain.policy import HoldRule, PermissionRule, Policy
from orchestrator.domain.reply import Intent, Reading
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from orchestrator.domain.written_answer import voice_of
from orchestrator.rendering.answer_words import AnswerWords, Right
from orchestrator.rendering.reading import short_name
from orchestrator.rendering.typography import Typography, typography

# A right to be told of: the claim ends within this time.
_NEAR_DAYS = 90
# What asks for listening whatever the case says yet.
_SORE = frozenset({Intent.CANNOT_PAY, Intent.DISTRESS, Intent.DECEASED})
# Where each right of one country's law is one; the others are everybody's.
_COUNTRIES: Mapping[str, frozenset[str]] = {
    "more_time": frozenset({"FR"}),
    "over_indebtedness": frozenset({"FR"}),
    "no_costs": frozenset({"FR"}),
    "heirs": frozenset({"FR"}),
    "proof": frozenset({"FR"}),
    "advice": frozenset({"FR", "GB"}),
}
_OF_INDIVIDUALS = frozenset({"over_indebtedness", "no_costs", "advice", "data"})


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed answer in the debtor's language and voice, by an intent, and what the debtor may do."""

    intent: Intent
    voice: Voice
    language: str
    text: str
    rights: tuple[Right, ...]


def suggest_answer(
    situation: Situation,
    policy: Policy | None,
    reading: Reading,
    channel: Channel,
    words: Mapping[str, AnswerWords],
    *,
    language: str,
    shown_in: str,
    intent: Intent | None = None,
) -> Suggestion:
    """What to answer to a reading, for the gravest of its intents or for `intent`.

    `language` is the debtor's, that of the text; `shown_in` the agent's, that of the rights.
    """
    meant = intent or reading.intents[0]
    voice = Voice.LISTENING if meant in _SORE else voice_of(situation)
    spoken = words.get(language) or words["fr"]
    facts = _facts(situation, channel, typography(spoken.language, is_plain=channel is Channel.SMS))
    agent = words.get(shown_in) or words["en"]
    return Suggestion(
        intent=meant,
        voice=voice,
        language=spoken.language,
        text=spoken.propose(meant, voice, facts),
        rights=tuple(rights_of(situation, policy, meant, agent)),
    )


def _facts(situation: Situation, channel: Channel, hand: Typography) -> dict[str, str]:
    """What is known, as it is written; an SMS holds no amount unless its number was verified (semantics D9)."""
    case, creditor = situation.case, situation.context.creditor
    kept = {end.key for end in case.promise_ends}
    promise = next((p for p in reversed(case.promises) if p.id not in kept), None)
    deferral = next((h for h in situation.holds if h.kind is HoldKind.DEFERRAL and h.until), None)
    references = [position.debt.reference for position in situation.account.positions]
    shows = _shows_amounts(situation, channel)
    balance = situation.account.balance_cents
    known = {
        "creditor": short_name(creditor.name),
        "reference": references[0] if len(references) == 1 else "",
        "phone": creditor.contact.phone,
        "promise_date": hand.day(promise.due_on) if promise else "",
        "promise_amount": hand.amount(promise.amount_cents, case.currency) if promise and shows else "",
        "until": hand.day(deferral.until) if deferral and deferral.until else "",
        "amount": hand.amount(balance, case.currency) if shows and balance > 0 else "",
    }
    return {name: value for name, value in known.items() if value}


def _shows_amounts(situation: Situation, channel: Channel) -> bool:
    if channel is not Channel.SMS:
        return True
    person, _ = situation.usable_point(PointKind.PHONE, None)
    point = person.point(PointKind.PHONE) if person else None
    return point is not None and point.verified


def rights_of(situation: Situation, policy: Policy | None, intent: Intent, words: AnswerWords) -> Iterator[Right]:
    """What the debtor may do, the most pressing first, each with where it is written."""
    hand = typography(words.language)
    for debt in (position.debt for position in situation.account.positions) if policy else ():
        limit = prescribed_on(situation, policy, debt) if policy else None
        if limit is None:
            continue
        last_day, rule = limit
        left = (last_day - situation.today).days
        facts = {"reference": debt.reference, "on": hand.day(last_day), "source": rule.source_in(words.language)}
        if left < 0:
            yield words.right("time_barred", facts)
        elif left <= _NEAR_DAYS:
            yield words.right("limitation", facts)
    country, is_individual = situation.place.country, situation.case.debtor.status.is_individual
    for key in _wanted(intent):
        if country not in _COUNTRIES.get(key, frozenset({country})):
            continue
        if is_individual or key not in _OF_INDIVIDUALS:
            yield words.right(key, {"source": _source(policy, key, words.language)})


def _source(policy: Policy | None, key: str, language: str) -> str:
    """Where the pack says so, for rights that are rules of it; empty for the others, which name their own."""
    if policy is None:
        return ""
    if key == "dispute":
        return next((rule.source_in(language) for rule in policy.of(HoldRule) if HoldKind.DISPUTE in rule.holds), "")
    if key == "leave_channel":
        return next((rule.source_in(language) for rule in policy.of(PermissionRule) if "opted_out" in rule.when), "")
    return ""


def _wanted(intent: Intent) -> tuple[str, ...]:
    """The rights that belong to what was said come first; those of everybody last."""
    own = {
        Intent.DECEASED: ("heirs",),
        Intent.DISPUTE: ("dispute", "proof"),
        Intent.NOT_RECEIVED: ("proof", "dispute"),
        Intent.ASKS_INVOICE: ("proof", "dispute"),
        Intent.CANNOT_PAY: ("over_indebtedness", "more_time", "advice"),
        Intent.DISTRESS: ("advice", "over_indebtedness", "more_time"),
        Intent.WANTS_PLAN: ("more_time", "advice"),
        Intent.WANTS_TIME: ("more_time",),
        Intent.STOP: ("leave_channel",),
        Intent.WRONG_PERSON: ("data",),
        Intent.ABUSE: ("leave_channel",),
        Intent.COMPLAINT: ("leave_channel",),
    }.get(intent, ())
    return tuple(dict.fromkeys((*own, "dispute", "more_time", "leave_channel", "no_costs", "data")))
