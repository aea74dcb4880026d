"""From phrases found to findings: look-alikes dropped, dates and sums joined, caution where words are cautious.

Owns how an intent gets its confidence. The phrases are in `intents/`, the reading of dates and sums in their modules.
"""

from datetime import date

import msgspec

from orchestrator.domain.reply import Finding, Intent
from orchestrator.intake.replies.amounts import Sum, find_sums
from orchestrator.intake.replies.dates import Day, find_days
from orchestrator.intake.replies.doubts import add_doubts
from orchestrator.intake.replies.keywords import keyword_within
from orchestrator.intake.replies.matches import Found, Matches
from orchestrator.intake.replies.normalise import BREAKS, Folded
from orchestrator.intake.replies.references import find_address, find_references

_BESIDE_A_STOP = 75
_MOST_BESIDE_THANKS, _DOUBTED_THANKS = 8, 70  # words in other sentences than that of the thanks
_UNDATED, _HEDGED, _ASKED, _SEVERAL_DAYS = 65, 60, 65, 75
_DATED = {Intent.PROMISE, Intent.WANTS_TIME, Intent.ALREADY_PAID, Intent.OUT_OF_OFFICE}
_SUMMED = {
    Intent.PROMISE, Intent.ALREADY_PAID, Intent.DISPUTE, Intent.WANTS_PLAN,
    Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE,
}  # fmt: skip
_REFERRED = {
    Intent.DISPUTE, Intent.ALREADY_PAID, Intent.ASKS_INVOICE, Intent.NOT_RECEIVED, Intent.MISSING_ORDER_NUMBER,
    Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE, Intent.TICKET_ACKNOWLEDGEMENT, Intent.PROMISE,
}  # fmt: skip
_NEAR_BEFORE, _NEAR_AFTER = 3, 6  # words around a phrase within which a sum or a part belongs to it
_DOCUMENT_DAY = {"du", "dated", "of"}  # the day of an invoice, not of a payment


def find_intents(matches: Matches, today: date) -> tuple[Finding, ...]:
    """Every intent of a text, each once, in no order."""
    found: dict[Intent, Finding] = {}
    for intent in Intent:
        best = _best(matches, intent, today)
        if best is not None:
            found[intent] = _finding(matches, intent, best, today)
    _add_distress(matches, found)
    _add_stop(matches, found)
    add_doubts(matches, found)
    _settle(matches, found, today)
    return tuple(found.values())


def _best(matches: Matches, intent: Intent, today: date) -> Found | None:
    """The phrase that speaks for an intent; one that needs a day counts only beside one."""
    plain = matches.of(intent.value)
    dated = [
        each
        for each in matches.of(f"{intent.value}_if_dated")
        if find_days(matches.folded, *matches.folded.near(each.first), today)
    ]
    if not plain and not dated:
        return None
    together = sorted(plain + dated, key=lambda each: (-each.sure, each.first))
    if intent is Intent.PROMISE and together:
        # Of several promises the one with a day is the one that binds.
        with_day = [each for each in together if find_days(matches.folded, *matches.folded.near(each.first), today)]
        return (with_day or together)[0]
    return together[0] if together else None


def _finding(matches: Matches, intent: Intent, best: Found, today: date) -> Finding:
    folded = matches.folded
    first, last = folded.sentence(best.first)
    day = _day(folded, intent, best, today) if intent in _DATED else None
    money = _sum(folded, best, first, last) if intent in _SUMMED else None
    parts = [each for each in (day, money) if each is not None and first <= each.first <= last]
    start = min([best.first, *(each.first for each in parts)])
    end = max([best.last, *(each.last for each in parts)])
    sure = _confidence(matches, intent, best, day, today)
    return Finding(
        intent=intent,
        confidence=sure,
        evidence=folded.between(start, end),
        on=day.on if day else None,
        amount_cents=money.cents if money else None,
        references=find_references(folded.original) if intent in _REFERRED else (),
        address=find_address(folded.original) if intent is Intent.WRITE_TO_SOMEONE_ELSE else "",
        is_partial=intent in (Intent.PROMISE, Intent.ALREADY_PAID)
        and matches.says("partial", max(first, best.first - _NEAR_BEFORE), min(last, best.last + _NEAR_AFTER)),
    )


def _day(folded: Folded, intent: Intent, best: Found, today: date) -> Day | None:
    """The day that goes with a phrase: after it in its sentence, else before it, else in the sentence that follows."""
    is_past = intent is Intent.ALREADY_PAID
    (first, last), (_, end) = folded.near(best.first), folded.sentence(best.first)
    days = [day for day in find_days(folded, first, last, today, is_past=is_past) if _is_meant(folded, intent, day)]
    if is_past:
        days = [day for day in days if day.on <= today]
    if intent is Intent.OUT_OF_OFFICE:
        return _return_day(folded, today)
    if not days and end + 2 < len(folded.words) and len(folded.words) < 120:
        following = folded.sentence(end + 2)
        days = find_days(folded, *following, today, is_past=is_past) if following[1] - following[0] < 9 else []
        days = [day for day in days if not is_past or day.on <= today]
    after = [day for day in days if day.last >= best.first]
    return next(iter(after or days[::-1]), None)


def _is_meant(folded: Folded, intent: Intent, day: Day) -> bool:
    """Whether a day is not the date of a document (la facture du 12/02)."""
    return intent is Intent.OUT_OF_OFFICE or folded.words[day.first - 1] not in _DOCUMENT_DAY


def _return_day(folded: Folded, today: date) -> Day | None:
    """Of the days of an absence: the one after a word of return, else the last one."""
    days = find_days(folded, 1, len(folded.words) - 2, today)
    back = {
        "retour",
        "back",
        "return",
        "returning",
        "reviens",
        "reviendrai",
        "reprise",
        "reprends",
        "reouverture",
        "rouvrira",
    }
    for day in days:
        near = folded.words[max(day.first - 6, 0) : day.first]
        if back & set(near):
            return day
    return max(days, key=lambda day: day.on, default=None)


def _sum(folded: Folded, best: Found, first: int, last: int) -> Sum | None:
    sums = find_sums(folded, first, last)
    after = [each for each in sums if each.last >= best.first]
    before = [each for each in sums if best.first - each.last <= _NEAR_BEFORE]
    return next(iter(after or before[::-1]), None)


def _confidence(matches: Matches, intent: Intent, best: Found, day: Day | None, today: date) -> int:
    """How sure a phrase is, less what its sentence takes away."""
    folded, sure = matches.folded, best.sure
    first, last = folded.sentence(best.first)
    if intent in (Intent.PROMISE, Intent.ALREADY_PAID) and folded.is_question(best.first):
        sure = min(sure, _ASKED)
    if intent is Intent.PROMISE:
        if day is None or day.on < today:
            sure = min(sure, _UNDATED)
        else:
            sure = min(sure, day.sure)
            days = find_days(folded, best.first, folded.near(best.first)[1], today)
            others = {each.on for each in days if _is_meant(folded, intent, each)}
            sure = min(sure, _SEVERAL_DAYS) if len(others) > 1 else sure
        if matches.says("hedge", first, last):
            sure = min(sure, _HEDGED)
    elif intent is Intent.WANTS_TIME and day is not None:
        sure = min(sure, max(day.sure, 70))
    return sure


def _add_distress(matches: Matches, found: dict[Intent, Finding]) -> None:
    danger = matches.of("danger")
    if danger:
        evidence = matches.folded.between(danger[0].first, danger[0].last)
        found[Intent.DISTRESS] = Finding(intent=Intent.DISTRESS, confidence=95, evidence=evidence, is_danger=True)


def _add_stop(matches: Matches, found: dict[Intent, Finding]) -> None:
    """A stop keyword among other words is a doubt, and a doubt is a stop; START in a sentence takes it back."""
    known = found.get(Intent.STOP)
    for sure, word in keyword_within(matches.folded):
        if matches.is_free("stop", word) and (known is None or sure > known.confidence):
            evidence = matches.folded.between(word, word)
            known = found[Intent.STOP] = Finding(intent=Intent.STOP, confidence=sure, evidence=evidence)
    resume = matches.of("resume")
    if resume and (known is None or known.confidence < 80):
        evidence = matches.folded.between(resume[0].first, resume[0].last)
        found[Intent.STOP] = Finding(intent=Intent.STOP, confidence=resume[0].sure, evidence=evidence, is_resume=True)


# Of two intents in one sentence the first stands; the second only if it is surer than its limit.
_ONE_OF_TWO = (
    (Intent.WANTS_PLAN, Intent.PROMISE, 100),
    (Intent.WANTS_TIME, Intent.PROMISE, 75),
    (Intent.WANTS_TIME, Intent.CANNOT_PAY, 70),
    (Intent.MISSING_ORDER_NUMBER, Intent.CANNOT_PAY, 100),
    (Intent.AWAITING_APPROVAL_OR_CREDIT_NOTE, Intent.CANNOT_PAY, 100),
    (Intent.DISTRESS, Intent.CANNOT_PAY, 70),
    (Intent.WRITE_TO_SOMEONE_ELSE, Intent.WANTS_CALL, 100),
    (Intent.MISSING_ORDER_NUMBER, Intent.DISPUTE, 100),
)
# In the whole text: who answers by machine thanks nobody, and an absence says more than an acknowledgement.
_NEVER_BOTH = (
    (Intent.OUT_OF_OFFICE, Intent.TICKET_ACKNOWLEDGEMENT),
    (Intent.OUT_OF_OFFICE, Intent.THANKS),
    (Intent.TICKET_ACKNOWLEDGEMENT, Intent.THANKS),
)


def _settle(matches: Matches, found: dict[Intent, Finding], today: date) -> None:
    """Between intents that one sentence cannot both mean, the more particular stands."""
    for stands, falls, limit in _ONE_OF_TWO:
        if stands in found and falls in found and found[falls].confidence <= limit:
            _drop_beside(matches, found, stands, falls, today)
    plan, time, paid = (found.get(each) for each in (Intent.WANTS_PLAN, Intent.WANTS_TIME, Intent.ALREADY_PAID))
    if plan and time and time.on is None and _share_a_sentence(matches, Intent.WANTS_PLAN, Intent.WANTS_TIME, today):
        del found[Intent.WANTS_TIME]
    if paid and paid.is_certain and Intent.PROMISE in found and not matches.of(Intent.PROMISE):
        _drop_beside(matches, found, Intent.ALREADY_PAID, Intent.PROMISE, today)
    if Intent.STOP in found and Intent.WANTS_CALL in found:
        # "No contact by telephone" names the telephone too: a person says which of the two was meant.
        found[Intent.WANTS_CALL] = _at_most(found[Intent.WANTS_CALL], _BESIDE_A_STOP)
    _doubt_thanks(matches, found)
    for stands, falls in _NEVER_BOTH:
        if stands in found and found[stands].is_certain:
            found.pop(falls, None)
    alone = matches.of("thanks_if_alone")
    if alone and not found:
        evidence = matches.folded.between(alone[0].first, alone[0].last)
        found[Intent.THANKS] = Finding(intent=Intent.THANKS, confidence=alone[0].sure, evidence=evidence)


def _doubt_thanks(matches: Matches, found: dict[Intent, Finding]) -> None:
    """Thanks that end a text of which nothing else was understood say nothing of the rest: a person reads it."""
    thanks = matches.of(Intent.THANKS)
    if set(found) == {Intent.THANKS} and thanks:
        first, last = matches.folded.sentence(thanks[0].first)
        beside = [word for word in (*matches.folded.words[:first], *matches.folded.words[last:]) if word not in BREAKS]
        if len(beside) > _MOST_BESIDE_THANKS:
            found[Intent.THANKS] = _at_most(found[Intent.THANKS], _DOUBTED_THANKS)


def _at_most(finding: Finding, sure: int) -> Finding:
    return msgspec.structs.replace(finding, confidence=min(finding.confidence, sure))


def _drop_beside(matches: Matches, found: dict[Intent, Finding], stands: Intent, falls: Intent, today: date) -> None:
    if _share_a_sentence(matches, stands, falls, today):
        del found[falls]


def _share_a_sentence(matches: Matches, one: Intent, other: Intent, today: date) -> bool:
    first, second = _best(matches, one, today), _best(matches, other, today)
    return bool(first and second and matches.folded.sentence(first.first) == matches.folded.sentence(second.first))
