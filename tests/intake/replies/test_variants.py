"""What changes the look of a text and not its meaning changes no certain intent."""

import unicodedata
from collections.abc import Callable

import pytest

from channels.contract import Channel
from orchestrator.domain.reply import Intent, Reading
from orchestrator.intake.replies.reader import read_reply
from tests.intake.replies.corpus import Example, examples, outcomes

_OURS = (
    "Votre facture FA-1 de 80,00 € est impayée. Vous pouvez payer en plusieurs fois, contester, nous dire si vous "
    "avez déjà payé. Une personne vous rappelle. Pour ne plus recevoir ces messages : STOP au 36105. Je paierai le 15."
)


def _quoted(text: str) -> str:
    return f"{text}\n\nLe mar. 10 mars 2026 à 09:12, ACME <relance@acme.example> a écrit :\n> {_OURS}\n> STOP"


def _outlook(text: str) -> str:
    head = "De : ACME <a@acme.example>\nEnvoyé : mardi 10 mars 2026\nÀ : vous\nObjet : Relance"
    return f"{text}\n\n________________________________\n{head}\n\n{_OURS}"


def _english_quote(text: str) -> str:
    return f"{text}\n\nOn Tue, Mar 10, 2026 at 9:12 AM ACME <a@acme.example> wrote:\n> {_OURS}"


def _unaccented(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


_EVERYWHERE: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "double spaces": lambda text: text.replace(" ", "  "),
    "a greeting": lambda text: f"Bonjour,\n{text}",
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "zero-width spaces": lambda text: text.replace("ai", "a\u200bi"),
}
_IN_MAILS: dict[str, Callable[[str], str]] = {
    "a closing": lambda text: f"{text}\n\nCordialement,\nAnne Petit\nTél. 01 99 00 12 34",
    "a mobile signature": lambda text: f"{text}\n\nEnvoyé de mon iPhone",
    "our message quoted": _quoted,
    "our message below an Outlook header": _outlook,
    "our message quoted in English": _english_quote,
}


def _certain(reading: Reading) -> set[Intent]:
    return {found.intent for found in reading.findings if found.is_certain}


def _losses(
    change: Callable[[str], str], chosen: list[Example], *, channel: Channel | None = None
) -> list[tuple[str, str]]:
    """Texts whose certain intents differ after a change. A bare thank you is none beside other words."""
    different = []
    for outcome in outcomes():
        example = outcome.example
        if example not in chosen or not outcome.reading.words:
            continue
        where = channel or example.channel
        before = read_reply(example.text, channel=where, today=example.today, is_automatic=example.is_automatic)
        after = read_reply(change(example.text), channel=where, today=example.today, is_automatic=example.is_automatic)
        if _certain(before) ^ _certain(after):
            different.append((example.text, f"{sorted(_certain(before))} became {sorted(_certain(after))}"))
    return different


@pytest.mark.parametrize("name", _EVERYWHERE)
def test_the_look_of_a_text_changes_no_certain_intent(name: str) -> None:
    assert _losses(_EVERYWHERE[name], list(examples())) == []


def test_accents_may_be_missing() -> None:
    """All but two in a hundred: "payé le 5" and "paye le 5" are two words, and nobody can tell them apart without."""
    losses = _losses(_unaccented, list(examples()))
    assert len(losses) <= len(examples()) * 0.02, losses


@pytest.mark.parametrize("name", _IN_MAILS)
def test_what_surrounds_the_words_in_a_mail_changes_no_certain_intent(name: str) -> None:
    chosen = [example for example in examples() if example.channel is Channel.SMS]
    assert _losses(_IN_MAILS[name], chosen, channel=Channel.EMAIL) == []


@pytest.mark.parametrize("quote", [_quoted, _outlook, _english_quote])
def test_our_own_words_cause_no_intent(quote: Callable[[str], str]) -> None:
    reading = read_reply(quote(""), channel=Channel.EMAIL, today=examples()[0].today, subject="Re: Votre facture")
    assert reading.intents == (Intent.OTHER,)
    assert reading.words == ""
