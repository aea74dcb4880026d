"""FR-PRIV-07: what may not be written down about a person is refused, and the refusal does not repeat it."""

import pytest

from orchestrator.domain.errors import InputError
from orchestrator.domain.notes import forbidden_in, require_decent


@pytest.mark.parametrize(
    "text, found",
    [
        # 2 69 05 49 588 157: its key is 80.
        ("Numéro 2 69 05 49 588 157 80", "social_security_number"),
        ("n° 269054958815780.", "social_security_number"),
        ("2 69 05 49 588 157 81 est sa commande", ""),
        ("commande 26905495881578012", ""),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", ""),
        # Corsica: 2A counts as 19.
        ("1 85 05 2A 006 084 35", "social_security_number"),
        ("Elle est en arrêt maladie", "health"),
        ("HOSPITALISÉ depuis lundi", "health"),
        ("Suit une chimiothérapie", "health"),
        ("atteint du sida", "health"),
        ("Résidence Sidabelle", ""),
        ("le débiteur est un escroc", "insult"),
        ("He is a liar.", "insult"),
        ("Familiar with the invoice, calls back on Monday", ""),
        ("Conteste la facture F-1, rappelle lundi", ""),
        ("Situation personnelle difficile, demande trois mois", ""),
    ],
)
def test_what_may_not_be_written_down_is_found(text: str, found: str) -> None:
    assert forbidden_in(text) == found


def test_the_refusal_says_what_to_do_and_repeats_nothing() -> None:
    with pytest.raises(InputError) as refused:
        require_decent("C'est un escroc")
    assert refused.value.code == "note_forbidden"
    assert refused.value.hint
    assert "escroc" not in f"{refused.value}{refused.value.hint}"
