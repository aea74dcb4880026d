"""For whom a pack of rules is, in words."""

from orchestrator.rendering.policy_document.gathered import PackInForce
from orchestrator.rendering.policy_document.words import Words

_HOME = "FR"  # the first market goes without saying


def pack_words(words: Words, pack: PackInForce) -> str:
    """`créancier écrivant en son nom à des particuliers`; of a layer, to which cases it adds its rules."""
    if pack.is_layer:
        return words.say("packs", "layer", what=words.all_of(_parts(words, pack)))
    said = words.say("packs", f"{pack.party or 'any'}_{pack.debtor or 'any'}")
    return said if pack.jurisdiction in (_HOME, "") else f"{said} ({words.country(pack.jurisdiction)})"


def _parts(words: Words, pack: PackInForce) -> list[str]:
    """A kind of claim and a sector of creditors often bear one name, and select the layer alike."""
    claims = [words.term(claim, "claims") for claim in pack.claims]
    sectors = [words.term(sector, "sectors", "claims") for sector in pack.sectors]
    return list(dict.fromkeys((*claims, *sectors, *filter(None, (pack.region,)))))
