"""The voice of a message and how context moves it (design 10, semantics B5). Not the words: those are phrasebooks."""

from enum import StrEnum

import msgspec

from orchestrator.domain.condition import ALWAYS, Condition


class Voice(StrEnum):
    """From the mildest to the most solemn; `listening` stands apart, and only a person leaves it."""

    SERVICE = "service"
    COURTEOUS = "courteous"
    FACTUAL = "factual"
    FIRM = "firm"
    FORMAL = "formal"
    LISTENING = "listening"


LADDER = (Voice.SERVICE, Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM, Voice.FORMAL)
DEGREE = {voice: degree for degree, voice in enumerate(LADDER)}


class VoiceMove(msgspec.Struct, frozen=True, rename={"if_": "if"}, omit_defaults=True):
    """When its condition holds, soften or firm by degrees, or use one voice outright (`listening`)."""

    if_: Condition = ALWAYS
    soften: int = 0
    firm: int = 0
    use: Voice | None = None


class VoiceChoice(msgspec.Struct, frozen=True, gc=False):
    """The voice that will speak; `needs_person` when a softening meets a formal step."""

    voice: Voice
    needs_person: bool = False


def choose_voice(
    step_voice: Voice, *, soften: int, firm: int, last: Voice | None, is_listening: bool = False
) -> VoiceChoice:
    """The step's voice moved by the largest softening and the largest firming, never their sums.

    At most `firm`, at most one degree above the last voice sent (`courteous` when nothing was sent), at least
    `courteous`, or the step's own when it is `service`. `formal` never moves: a softening becomes a question.
    """
    if is_listening:
        return VoiceChoice(Voice.LISTENING)
    if step_voice in (Voice.SERVICE, Voice.LISTENING):
        return VoiceChoice(step_voice)
    if step_voice is Voice.FORMAL:
        return VoiceChoice(step_voice, needs_person=soften > 0)
    spoken = DEGREE.get(last, 1) if last is not None else 1
    degree = DEGREE[step_voice] - soften + firm
    degree = min(degree, DEGREE[Voice.FIRM], spoken + 1)
    return VoiceChoice(LADDER[max(degree, DEGREE[Voice.COURTEOUS])])
