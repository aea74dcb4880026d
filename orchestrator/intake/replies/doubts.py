"""What only the wide nets hold becomes a doubtful finding: a stop, a danger, a death. Owns when a net may speak."""

from orchestrator.domain.reply import CERTAIN, Finding, Intent
from orchestrator.intake.replies.matches import Matches
from orchestrator.intake.replies.nets import Net, Said, Span, caught, nets, words_of_groups

_MEANS = {"danger": Intent.DISTRESS, "deceased": Intent.DECEASED, "stop": Intent.STOP}
# Intents whose certain phrases say why words of contact stand together (vos messages n'arrivent plus).
_BESIDE = (Intent.THANKS, Intent.ABUSE, Intent.COMPLAINT)
_EXPLAIN = tuple(intent for intent in Intent if intent not in (Intent.STOP, Intent.DISTRESS, *_BESIDE))


def add_doubts(matches: Matches, found: dict[Intent, Finding]) -> None:
    """Adds to the findings of a text what a net holds and no phrase has said already."""
    folded = matches.folded
    said = words_of_groups(folded)
    ends: dict[tuple[str, int], int] = {}
    for key in nets().keys:
        for each in matches.named(key):
            said.setdefault(key, []).append(each.first)
            ends[key, each.first] = max(ends.get((key, each.first), 0), each.last)
    for places in said.values():
        places.sort()
    for net in nets().all if said else ():
        intent = _MEANS[net.name]
        known = found.get(intent)
        if known is not None and (known.is_danger or intent is not Intent.DISTRESS):
            continue
        is_all = not any(_is_weighty(each, intent) for each in found.values())
        words = Said(folded, said, ends)
        span = caught(net, words, excused=_excused(matches, net), explained=_explained(matches, net), is_all=is_all)
        if span is not None:
            found[intent] = Finding(
                intent=intent,
                confidence=net.sure,
                evidence=folded.between(span.first, span.last),
                is_danger=intent is Intent.DISTRESS,
            )


def _is_weighty(finding: Finding, beside: Intent) -> bool:
    """Whether a finding says what a text is about. Thanks, insults and complaints stand beside a stop or a danger."""
    stands_beside = () if beside is Intent.DECEASED else _BESIDE
    return finding.is_danger or (finding.is_certain and finding.intent not in stands_beside)


def _excused(matches: Matches, net: Net) -> list[Span]:
    guards = (*matches.named(f"not {net.name}"), *matches.named(f"not net {net.name}"))
    return [Span(each.first, each.last) for each in guards]


def _explained(matches: Matches, net: Net) -> list[Span]:
    """What certain phrases say of messages and numbers; a danger or a death is explained away by nothing."""
    if _MEANS[net.name] is not Intent.STOP:
        return []
    return [
        Span(each.first, each.last) for intent in _EXPLAIN for each in matches.of(intent.value) if each.sure >= CERTAIN
    ]
