"""Words that are orders when they stand alone: STOP, START, HELP, in any case, with small words around them.

Owns the rule; the words are in `keywords.yaml`. Sentences that ask the same are phrases of `intents/b_stop.yaml`.
"""

import re
from enum import StrEnum
from functools import cache

from orchestrator.intake.replies.normalise import BREAKS, Folded
from orchestrator.intake.replies.tables import read_table

_LONGEST = 12  # words; more is a sentence
_WITH_NUMBER = re.compile(r"^(stop|arret)\d{3,6}$")  # STOP36105


class Order(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    RESUME = "resume"
    HELP = "help"


@cache
def _words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in read_table("keywords.yaml").items()}


def keyword_alone(folded: Folded) -> Order | None:
    """The order that the text is; None when it is no order, or more than one."""
    lists = _words()
    words = [word for word in folded.words if word not in BREAKS and word != ","]
    if len(words) > 3 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # s t o p
    words = [_WITH_NUMBER.sub(r"\1", word) for word in words]
    if not words or len(words) > _LONGEST:
        return None
    if len(words) == 1 and words[0] in lists["stop_alone"]:
        return Order.STOP
    stops = [word for word in words if word in lists["stop"]]
    others = [word for word in words if word not in lists["stop"]]
    if stops and all(word in lists["small"] or word.isdigit() for word in others):
        return Order.STOP
    for order in (Order.RESUME, Order.HELP):
        if any(word in lists[order] for word in words) and _is_bare(words, lists[order], lists["small"]):
            return order
    return None


def _is_bare(words: list[str], orders: frozenset[str], small: frozenset[str]) -> bool:
    return len(words) <= 3 and all(word in orders or word in small or word.isdigit() for word in words)


# Beside other words these may be anything but a stop (the end of the month, cancel my order).
_ALONE_ONLY = frozenset("end cancel quit revoke remove desinscription desabonnement arret".split())


def keyword_within(folded: Folded) -> list[tuple[int, int]]:
    """Where a stop keyword stands in a longer text: its confidence and word. First in its sentence it weighs more."""
    found = []
    stops = _words()["stop"] - _ALONE_ONLY
    small = stops | _words()["small"]
    bare: dict[int, bool] = {}  # of each sentence, by its first word
    for at, word in enumerate(folded.words):
        if word in stops and word != "arretez":
            first, last = folded.sentence(at)
            if first not in bare:
                bare[first] = small.issuperset(folded.words[first : last + 1])
            before = folded.words[at - 1] if at else "."
            is_first = at == first or before == ","
            found.append((95 if bare[first] else 85 if is_first and word == "stop" else 65, at))
    return found
