"""Why a direct debit came back: the codes of ISO 20022 that SEPA banks use, what each means and whose matter it is.

A code that is not here is kept and shown as it came; nothing is concluded from it.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class RejectClass(StrEnum):
    """Whose matter a reject is."""

    FUNDS = "funds"
    ACCOUNT = "account"
    MANDATE = "mandate"
    REFUSED_BY_DEBTOR = "refused_by_debtor"
    DECEASED = "deceased"
    TECHNICAL = "technical"


class SepaCode(msgspec.Struct, frozen=True):
    """One code and its meaning in French and English."""

    kind: RejectClass
    fr: str
    en: str

    def meaning(self, language: str) -> str:
        """In French, or in English for any other language."""
        return self.fr if language == "fr" else self.en


_FUNDS, _ACCOUNT, _MANDATE = RejectClass.FUNDS, RejectClass.ACCOUNT, RejectClass.MANDATE
_REFUSED, _DECEASED, _TECHNICAL = RejectClass.REFUSED_BY_DEBTOR, RejectClass.DECEASED, RejectClass.TECHNICAL

SEPA_CODES: Mapping[str, SepaCode] = {
    "AC01": SepaCode(_ACCOUNT, "numéro de compte incorrect", "incorrect account number"),
    "AC04": SepaCode(_ACCOUNT, "compte clôturé", "closed account"),
    "AC06": SepaCode(_ACCOUNT, "compte bloqué", "blocked account"),
    "AC13": SepaCode(_ACCOUNT, "type de compte non admis", "account of a type that is not admitted"),
    "AG01": SepaCode(_ACCOUNT, "opération interdite sur ce compte", "transaction forbidden on this account"),
    "AG02": SepaCode(_TECHNICAL, "code d'opération incorrect", "invalid operation code"),
    "AM04": SepaCode(_FUNDS, "provision insuffisante", "insufficient funds"),
    "AM05": SepaCode(_TECHNICAL, "opération en double", "duplicate collection"),
    "BE05": SepaCode(_TECHNICAL, "identifiant du créancier non reconnu", "creditor identifier not recognised"),
    "CNOR": SepaCode(_TECHNICAL, "banque du créancier non enregistrée", "creditor bank not registered"),
    "DNOR": SepaCode(_TECHNICAL, "banque du débiteur non enregistrée", "debtor bank not registered"),
    "ED05": SepaCode(_TECHNICAL, "échec du règlement entre banques", "settlement between banks failed"),
    "FF01": SepaCode(_TECHNICAL, "format de fichier incorrect", "invalid file format"),
    "FF05": SepaCode(_TECHNICAL, "type de prélèvement incorrect", "incorrect type of direct debit"),
    "MD01": SepaCode(_MANDATE, "absence de mandat", "no mandate"),
    "MD02": SepaCode(_MANDATE, "données du mandat absentes ou incorrectes", "mandate data missing or incorrect"),
    "MD06": SepaCode(_REFUSED, "remboursement demandé par le débiteur", "refund asked for by the debtor"),
    "MD07": SepaCode(_DECEASED, "titulaire du compte décédé", "account holder deceased"),
    "MS02": SepaCode(_REFUSED, "refus du débiteur", "refused by the debtor"),
    "MS03": SepaCode(_TECHNICAL, "motif non communiqué par la banque", "reason not given by the bank"),
    "RC01": SepaCode(_TECHNICAL, "identifiant de banque (BIC) incorrect", "incorrect bank identifier (BIC)"),
    "RR01": SepaCode(_TECHNICAL, "réglementation : compte du débiteur manquant", "regulation: debtor account missing"),
    "RR02": SepaCode(_TECHNICAL, "réglementation : nom ou adresse du débiteur manquants", "regulation: no debtor"),
    "RR03": SepaCode(_TECHNICAL, "réglementation : nom ou adresse du créancier manquants", "regulation: no creditor"),
    "RR04": SepaCode(_TECHNICAL, "raison réglementaire", "regulatory reason"),
    "SL01": SepaCode(_REFUSED, "créancier bloqué ou non autorisé par le débiteur", "creditor blocked by the debtor"),
    "TM01": SepaCode(_TECHNICAL, "reçu après l'heure limite", "received after the cut-off time"),
}  # fmt: skip


def meaning_of(code: str, language: str) -> str:
    """`AM04 (insufficient funds)`; an unknown code as it came."""
    known = SEPA_CODES.get(code)
    return f"{code} ({known.meaning(language)})" if known else code
