"""For whom a pack of rules is, in words."""

from orchestrator.rendering.policy_document.gathered import PackInForce
from orchestrator.rendering.policy_document.words import Words

_HOME = "FR"  # the first market goes without saying


def pack_words(words: Words, pack: PackInForce) -> str:
    """`créancier écrivant en son nom à des particuliers`; of a layer, to which cases it adds its rules."""
    if pack.is_layer:
        return words.say("packs", "layer", what=words.apart(_parts(words, pack)))
    said = words.say("packs", f"{pack.party or 'any'}_{pack.debtor or 'any'}")
    return said if pack.jurisdiction in (_HOME, "") else f"{said} ({words.country(pack.jurisdiction)})"


def _parts(words: Words, pack: PackInForce) -> list[str]:
    said = []
    if pack.claims:
        listed = words.all_of([words.term(claim, "claims") for claim in pack.claims])
        said.append(words.say("packs", "layer_claims", claims=listed))
    if pack.sectors:
        listed = words.all_of([words.term(each, "sectors", "claims") for each in pack.sectors])
        said.append(words.say("packs", "layer_sectors", sectors=listed))
    if pack.region:
        said.append(words.say("packs", "layer_region", region=pack.region))
    return said
