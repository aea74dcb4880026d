"""The wide nets: what they hold and what excuses it, that their words can be met; machines are kept out."""

from datetime import date

import pytest

from channels.contract import Channel
from orchestrator.domain.reply import CERTAIN, Intent, Reading
from orchestrator.intake.replies.nets import NetFault, Nets, nets
from orchestrator.intake.replies.normalise import fold_word
from orchestrator.intake.replies.reader import read_reply


def _read(text: str, *, is_automatic: bool = False) -> Reading:
    channel = Channel.EMAIL if is_automatic else Channel.SMS
    return read_reply(text, channel=channel, today=date(2026, 3, 10), is_automatic=is_automatic)


def test_every_word_of_a_net_is_one_that_a_text_can_hold() -> None:
    """A word that folding changes (payer is paye, arreter is arretez) would never be met."""
    changed = [word for word in nets().words if not word.endswith("*") and fold_word(word) != (word,)]
    assert changed == []


@pytest.mark.parametrize(
    "text",
    [
        "plus un seul de vos textos ou je vois un avocat",
        "VOS TEXTOS. ASSEZ.",
        "kindly strike this number off whatever list it is on",
        "arretezdemecrire",
        "S T O P vos messages",
        "$top",
        "j'en ai soupé, 5t0p",
    ],
)
def test_a_net_holds_a_stop_however_it_is_said(text: str) -> None:
    found = _read(text).find(Intent.STOP)
    assert found is not None
    assert not found.is_resume


@pytest.mark.parametrize(
    "text",
    [
        "je n'ai pas reçu votre message",
        "ne m'appelez pas avant 18h",
        "don't call me before 6",
        "je ne peux pas vous appeler, plus de batterie",
        "je n'arrête pas de vous écrire",
        "mon arrêt de travail est dans le courrier",
        "je ne vous écris plus, j'attends l'avoir",
        "arrêtez la livraison, il manque un carton",
        "votre sms est illisible",
    ],
)
def test_an_excuse_lets_go_what_is_no_stop(text: str) -> None:
    assert _read(text).find(Intent.STOP) is None


def test_what_a_net_holds_is_a_doubt_and_says_where() -> None:
    stop = _read("gardez vos textos pour vous").find(Intent.STOP)
    assert stop is not None
    assert stop.confidence < CERTAIN
    assert stop.evidence == "gardez vos textos"
    danger = _read("mes enfants seraient plus heureux sans moi").find(Intent.DISTRESS)
    assert danger is not None
    assert danger.is_danger
    death = _read("papi Marcel a cassé sa pipe").find(Intent.DECEASED)
    assert death is not None
    assert death.confidence < CERTAIN


def test_a_certain_reading_explains_words_of_contact() -> None:
    assert _read("je ne vous dois plus rien").find(Intent.STOP) is None
    assert _read("Le facteur ne m'a apporté aucune lettre de chez vous").intents == (Intent.NOT_RECEIVED,)
    assert _read("l'adresse n'est plus la bonne").find(Intent.DECEASED) is None


def test_nothing_explains_a_danger_away() -> None:
    reading = _read("je paie vendredi, après je ne serai plus un problème pour personne")
    assert reading.findings[0].is_danger
    assert reading.find(Intent.PROMISE)


def test_a_machine_is_not_read_by_the_nets() -> None:
    text = "gardez vos textos pour vous"
    assert _read(text).find(Intent.STOP)
    assert _read(text, is_automatic=True).find(Intent.STOP) is None
    assert _read("arrêtez de m'écrire", is_automatic=True).find(Intent.STOP)


def test_thanks_at_the_end_of_what_nobody_understood_go_to_a_person() -> None:
    reading = _read("Le cousin de la voisine du dessus a repeint la barrière en bleu. Merci beaucoup")
    assert [(each.intent, each.is_certain) for each in reading.findings] == [(Intent.THANKS, False)]
    assert _read("Merci beaucoup pour votre aide").is_certain


def test_a_decision_is_no_death() -> None:
    """One letter apart: decide and decede."""
    assert _read("j'ai décidé de payer vendredi").intents == (Intent.PROMISE,)
    assert _read("mon père est décedé").find(Intent.DECEASED)


def test_a_line_of_unknown_groups_is_refused() -> None:
    table = {"sure": 50, "within": 5, "groups": {"a": {"words": "x"}}, "together": ["a + b"], "if_nothing_else": []}
    with pytest.raises(NetFault, match="no group b"):
        Nets({"stop": {**table, "excused": []}}, {})
