"""Stems of what may never be said, a few for each rule L01 to L23 (contact rules, section 10). Compact on purpose."""

import re
import unicodedata

_STEMS = {
    "L01": "notre huissier|etude d'huissiers|commissaire de justice mandate|avis de passage|our bailiff|sheriff"
    "|enforcement officer",
    "L02": "sommation|commandement de payer|signification|assignation|republique francaise"
    "|summons|notice of claim|legal process",
    "L03": "service judiciaire|direction des procedures|service contentieux|precontentieux"
    "|judicial division|enforcement department",
    "L04": "agree par l'etat|tresor public|banque de france|government authori|affiliated with the state",
    "L05": "phase judiciaire|procedure en cours|transmis au tribunal|execution forcee|injonction de payer"
    "|sent to court",
    "L06": r"avant saisie|saisie de vos|saisie sur|before seizure|garnish|freeze your",
    "L07": r"plainte|penale|escroquerie|abus de confiance|passible|criminal|arrest|fraud|\bjail",
    "L08": r"\bamende\b|penalite administrative|majoration|\bfines?\b|administrative penalty",
    "L09": "frais de dossier|frais de relance|frais de recouvrement|frais accessoires|frais de l'acte"
    "|frais de quittance|a vos frais|collection fee|admin charge|costs will be",
    "L10": r"dommages|prejudice\b(?! to article)|mauvaise foi|\bdamages|bad faith",
    "L11": "employeur|vos voisins|votre famille|affichage|mauvais payeur|your employer|neighbour|published list",
    "L12": "ficp|fichage|interdit bancaire|blacklist|ruin your credit",
    "L13": "visite domiciliaire|se presenteront|serrurier|force publique|tutelle|agents will visit|locksmith|doorstep",
    "L14": "coupure|suspension de votre|cut you off",
    "L15": "colis|message personnel|votre remboursement|missed delivery|refund|personal matter",
    "L16": r"dernier avis|\burgent|sous 24 heures|ultime|final notice|immediate action|within 24 hours",
    "L17": "malhonnete|escroc|honte|profiter|deadbeat|dishonest|shame",
    "L18": "obligation legale de repondre|silence vaut|reconnaissez devoir|legally required to reply|silence admits",
    "L19": r"\bavocat|cabinet juridique|membre de|attorney|solicitor|member of",
    "L20": r"surtax|premium rate|\b08[129]\d",
    "L21": r"\boffre|profitez|\bnouveau|code promo|\d ?% sur|special offer|upgrade|promo\b",
    "L22": "vous serez poursuivi|we will sue",
    "L25": r"sera saisi|nous saisirons|sera engagee|will be taken|we shall sue|we will take",
    "PLT-03": r"\bstop\b",
}
_PATTERNS = {rule: re.compile(stems) for rule, stems in _STEMS.items()}
# Quoting the law is not saying it; « stop receiving » is a sentence, not a keyword.
_QUOTED = (
    "les frais de recouvrement entrepris sans titre executoire",
    "la charge du debiteur de mauvaise foi",
    "code de la consommation",
    "stop receiving",
    "stop writing",
)


def flat(text: str) -> str:
    """Lower case without accents, curly apostrophes or double spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def forbidden_words(text: str) -> list[str]:
    """`L09: frais de dossier` for each stem found."""
    plain = flat(text)
    for quoted in _QUOTED:
        plain = plain.replace(quoted, "")
    return [f"{rule}: {match[0]}" for rule, pattern in _PATTERNS.items() for match in pattern.finditer(plain)]
