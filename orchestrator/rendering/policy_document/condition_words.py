"""A condition in words, as a clause that follows `si`, or as one clause for each of its terms. Judges nothing."""

from typing import assert_never

from orchestrator.domain.condition import (
    FIELDS,
    Between,
    Condition,
    Either,
    Every,
    FieldKind,
    Is,
    Not,
    OneOf,
    StartsWith,
)
from orchestrator.rendering.policy_document.words import Words


def clause(words: Words, condition: Condition) -> str:
    """`le solde dû est inférieur à 60 €`: the condition in one clause."""
    return _said(words, condition, is_so=True)


def clauses(words: Words, condition: Condition) -> tuple[str, ...]:
    """One clause for each term that must hold."""
    if isinstance(condition, Every):
        return tuple(each for term in condition.terms for each in clauses(words, term))
    # Each of what is excluded is a condition of its own: none of them may hold.
    if isinstance(condition, Not) and isinstance(condition.term, Either):
        return tuple(_said(words, term, is_so=False) for term in condition.term.terms)
    return (_said(words, condition, is_so=True),)


def _said(words: Words, condition: Condition, *, is_so: bool) -> str:
    match condition:
        case Not(term):
            return _said(words, term, is_so=not is_so)
        case Every(terms) if not terms:
            said = words.say("conditions", "always")
        case Every(terms):
            said = f" {words.find('labels', 'and')} ".join(_said(words, term, is_so=True) for term in terms)
        case Either(terms):
            said = words.say("conditions", "either", terms=words.apart(_said(words, t, is_so=True) for t in terms))
        case OneOf() | Between() | StartsWith() | Is():
            return _leaf(words, condition, is_so=is_so)
        case _:
            assert_never(condition)
    return said if is_so else words.say("conditions", "not", term=said)


def _leaf(words: Words, term: OneOf | Between | StartsWith | Is, *, is_so: bool) -> str:
    if isinstance(term, Is):
        is_so = is_so is term.value
    values = read = ""
    if isinstance(term, OneOf):
        values = words.one_of([words.choice(term.field, value) for value in sorted(term.values)])
    elif isinstance(term, StartsWith):
        values = words.one_of(sorted(term.prefixes))
    elif isinstance(term, Between):
        read = _range(words, term)
    sentence = words.find("facts", term.field, "is" if is_so else "not")
    if sentence is None:
        said = " ".join(filter(None, (term.field.replace("_", " "), values, read)))
        return said if is_so else words.say("conditions", "not", term=said)
    return words.set(sentence.format(values=values, range=read))


def _range(words: Words, term: Between) -> str:
    field = FIELDS.get(term.field)
    kind = field.kind if field else FieldKind.COUNT
    if kind is FieldKind.DAYS:
        return _days(words, term)

    def figure(value: int) -> str:
        return words.amount(value, term.currency or "EUR") if kind is FieldKind.AMOUNT else words.number(value)

    ends = {"low": term.at_least, "high": term.below}
    said = {name: figure(value) for name, value in ends.items() if value is not None}
    key = "between" if len(said) == 2 else "at_least" if "low" in said else "below"
    return words.say("conditions", key, **said) if said else words.say("conditions", "always")


def _days(words: Words, term: Between) -> str:
    """Days since the due date: negative before it."""
    said = []
    if term.at_least is not None:
        key = "reached" if term.at_least == 0 else "before" if term.at_least < 0 else "from"
        said.append(words.say("conditions", f"overdue_{key}", low=words.length(abs(term.at_least), "day")))
    if term.below is not None:
        said.append(words.say("conditions", "overdue_below", high=words.length(term.below, "day")))
    return f" {words.find('labels', 'and')} ".join(said)
