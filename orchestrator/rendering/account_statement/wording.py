"""The words of a statement of account, by language, and how one movement reads."""

from functools import lru_cache
from pathlib import Path

import msgspec
from ruamel.yaml import YAML

from orchestrator.domain.account_statement import SETTLED_BEFORE, AgeBand, Movement
from orchestrator.domain.amount_line import GROUNDS, LegalBasis
from orchestrator.rendering.reading import clean
from orchestrator.rendering.typography import Typography, typography

LANGUAGES = ("fr", "en")


@lru_cache(maxsize=1)
def read_words() -> dict[str, dict[str, str]]:
    """{key: {language: words}}."""
    text = (Path(__file__).parent / "words.yaml").read_text(encoding="utf-8")
    return msgspec.convert(YAML(typ="safe", pure=True).load(text), dict[str, dict[str, str]])


class Wording:
    """The hand and the words of one language; another than French is written in English."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.hand: Typography = typography(self.language)
        self._words = read_words()

    def say(self, key: str, /, **values: str) -> str:
        """The words of a key with its values, set as a printer sets them."""
        words = self.hand.spaced(self._words[key][self.language])
        for name, value in values.items():
            words = words.replace(f"{{{name}}}", value)
        return words

    def knows(self, key: str) -> bool:
        """Whether there are words of this key."""
        return key in self._words

    def movement(self, each: Movement, currency: str) -> tuple[str, str]:
        """(what it is, what is to be noted of it)."""
        is_added = each.kind == SETTLED_BEFORE and each.debit_cents > 0
        label = self.say(f"kind_{each.kind}{'_debit' if is_added else ''}", reference=clean(each.reference)).strip()
        notes = []
        if each.references:
            notes.append(self.say("for_documents", references=self.listing(each.references)))
        if each.basis:
            notes.append(self._basis(LegalBasis(each.basis)))
        if each.counted_cents:
            received = self.hand.amount(each.credit_cents + each.counted_cents, currency)
            notes.append(self.say("counted_part" if each.credit_cents else "counted_all", amount=received))
        if each.is_barred:
            notes.append(self.say("barred"))
        return label, ", ".join(notes)

    def listing(self, references: tuple[str, ...]) -> str:
        """References one after the other."""
        return self.hand.listing([clean(reference) for reference in references])

    def age(self, band: AgeBand) -> str:
        """`Pas encore échu`, `1 à 30 jours`, `Plus de 90 jours`."""
        if band.to_days is None:
            return self.say("age_over", days=str(band.from_days - 1))
        if band.to_days == 0:
            return self.say("age_0")
        return self.say("age_days", first=str(band.from_days), last=str(band.to_days))

    def _basis(self, basis: LegalBasis) -> str:
        if basis is LegalBasis.COURT_AWARD:
            return self.say("basis_court")
        return GROUNDS[basis].cited or self.say("basis_contract")
