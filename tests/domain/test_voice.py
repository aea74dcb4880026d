"""The voice and how context moves it (semantics B5), as one exhaustive table and the few sentences it obeys."""

from itertools import product

import pytest

from orchestrator.domain.voice import Voice, VoiceChoice, choose_voice

SERVICE, COURTEOUS, FACTUAL, FIRM, FORMAL, LISTENING = (
    Voice.SERVICE, Voice.COURTEOUS, Voice.FACTUAL, Voice.FIRM, Voice.FORMAL, Voice.LISTENING,
)  # fmt: skip
_ORDER = "service courteous factual firm formal".split()

# Rows: the step's voice and its net move in degrees; columns: the last voice sent (- for nothing yet).
#                 -          service    courteous  factual    firm       formal     listening
_TABLE = """
courteous -2      courteous  courteous  courteous  courteous  courteous  courteous  courteous
courteous -1      courteous  courteous  courteous  courteous  courteous  courteous  courteous
courteous  0      courteous  courteous  courteous  courteous  courteous  courteous  courteous
courteous +1      factual    courteous  factual    factual    factual    factual    factual
courteous +2      factual    courteous  factual    firm       firm       firm       factual
factual   -2      courteous  courteous  courteous  courteous  courteous  courteous  courteous
factual   -1      courteous  courteous  courteous  courteous  courteous  courteous  courteous
factual    0      factual    courteous  factual    factual    factual    factual    factual
factual   +1      factual    courteous  factual    firm       firm       firm       factual
factual   +2      factual    courteous  factual    firm       firm       firm       factual
firm      -2      courteous  courteous  courteous  courteous  courteous  courteous  courteous
firm      -1      factual    courteous  factual    factual    factual    factual    factual
firm       0      factual    courteous  factual    firm       firm       firm       factual
firm      +1      factual    courteous  factual    firm       firm       firm       factual
firm      +2      factual    courteous  factual    firm       firm       firm       factual
"""
_LASTS = (None, SERVICE, COURTEOUS, FACTUAL, FIRM, FORMAL, LISTENING)


def table() -> list[tuple[Voice, int, Voice | None, Voice]]:
    found = []
    for row in _TABLE.strip().splitlines():
        step, move, *voices = row.split()
        found += [(Voice(step), int(move), last, Voice(said)) for last, said in zip(_LASTS, voices, strict=True)]
    return found


@pytest.mark.parametrize("step, move, last, said", table())
def test_the_voice_is_the_one_of_the_table(step: Voice, move: int, last: Voice | None, said: Voice) -> None:
    for soften, firm in product(range(4), repeat=2):
        if firm - soften == move:
            assert choose_voice(step, soften=soften, firm=firm, last=last) == VoiceChoice(said)


@pytest.mark.parametrize("last", _LASTS)
@pytest.mark.parametrize("firm", [0, 1, 3])
def test_a_service_message_stays_one_whatever_moves_it(last: Voice | None, firm: int) -> None:
    for soften in range(3):
        assert choose_voice(SERVICE, soften=soften, firm=firm, last=last) == VoiceChoice(SERVICE)


@pytest.mark.parametrize("last", _LASTS)
def test_formal_never_moves(last: Voice | None) -> None:
    assert choose_voice(FORMAL, soften=0, firm=2, last=last) == VoiceChoice(FORMAL)


@pytest.mark.parametrize("last", _LASTS)
@pytest.mark.parametrize("soften", [1, 2])
def test_softening_a_formal_step_is_a_question_to_a_person(last: Voice | None, soften: int) -> None:
    assert choose_voice(FORMAL, soften=soften, firm=2, last=last).needs_person


@pytest.mark.parametrize("step", list(Voice))
@pytest.mark.parametrize("last", _LASTS)
def test_listening_overrides_everything(step: Voice, last: Voice | None) -> None:
    assert choose_voice(step, soften=1, firm=1, last=last, is_listening=True) == VoiceChoice(LISTENING)


def test_no_context_makes_a_step_formal_that_is_not() -> None:
    for step, soften, firm, last in product((COURTEOUS, FACTUAL, FIRM), range(3), range(4), _LASTS):
        assert choose_voice(step, soften=soften, firm=firm, last=last).voice in (COURTEOUS, FACTUAL, FIRM)


def test_no_message_is_more_than_one_degree_above_the_last() -> None:
    for step, soften, firm, last in product((SERVICE, COURTEOUS, FACTUAL, FIRM), range(3), range(4), _LASTS[1:-1]):
        assert last is not None
        said = choose_voice(step, soften=soften, firm=firm, last=last).voice
        assert _ORDER.index(said) <= _ORDER.index(last) + 1
