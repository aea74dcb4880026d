"""Gathers the strategy in force for its document (R30): released campaigns, the rules of a day, rates, creditors.

A campaign is shown as released; one that never was, as its file, and the document says that nobody follows it.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from orchestrator.domain.campaign import Campaign, Reaction
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.policy import Pack, PolicyBook, base_of
from orchestrator.domain.rates import Rates
from orchestrator.domain.reactions import HOUSE_REACTIONS
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.intake.campaigns import campaign_tests as tests
from orchestrator.intake.campaigns.campaign_yaml import load_campaign_file
from orchestrator.intake.strict_yaml.source import parse
from orchestrator.rendering.policy_document.document import Document
from orchestrator.rendering.policy_document.gathered import (
    CampaignInForce,
    Example,
    Expected,
    Gathered,
    Happened,
    PackInForce,
)
from orchestrator.rendering.policy_document.rules_part import series_needed
from orchestrator.rendering.policy_document.write import policy_document
from orchestrator.rendering.texts import Texts
from orchestrator.storage.releases import Release

_MEANS = {"phone": "has_phone", "email": "has_email", "post": "has_post"}


class Chosen(msgspec.Struct, frozen=True):
    """A campaign to describe: its release when there is one in force, its file's content when there is a file."""

    release: Release | None
    campaign: Campaign | None = None
    examples: tuple[tests.CampaignTest, ...] = ()


class Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """What the deployment has, whatever the campaign: packs, creditors, rates, and the words of its templates."""

    packs: Mapping[str, Pack]
    creditors: Mapping[str, Creditor]
    rates: Rates
    texts: Texts


def write_policy_document(
    deployed: Deployed, chosen: Iterable[Chosen], *, day: date, printed_on: date, language: str
) -> Document:
    """The document of these campaigns with the rules of a day, in `fr` or `en`. Raises FileErrors."""
    campaigns = tuple(campaign_in_force(each, deployed.texts) for each in chosen)
    packs = _packs(deployed.packs, [each.campaign.policy for each in campaigns], day)
    gathered = Gathered(
        day=day,
        printed_on=printed_on,
        campaigns=campaigns,
        packs=packs,
        rates=tuple(deployed.rates[each] for each in series_needed(packs) if each in deployed.rates),
        creditors=tuple(deployed.creditors.values()),
    )
    house: Mapping[str, Reaction] = HOUSE_REACTIONS
    return policy_document(gathered, language=language, house=house)


def _packs(packs: Mapping[str, Pack], names: Iterable[str], day: date) -> tuple[PackInForce, ...]:
    """Each pack once, in the order of the campaigns, then the layers that may be laid over one of them.

    A campaign may name layers with its pack. One that does not exist is told where the campaign names it.
    """
    book = PolicyBook(dict(packs))
    chosen = [packs[name] for name in dict.fromkeys(base_of(each) for each in names) if name in packs]
    layers = [pack for pack in packs.values() if pack.is_layer and any(_fits(pack, base) for base in chosen)]
    return tuple(_pack(pack, book, day) for pack in (*chosen, *layers))


def _fits(layer: Pack, base: Pack) -> bool:
    """Whether some case of a pack may have the layer's rules too."""
    is_same = layer.jurisdiction == base.jurisdiction
    return is_same and all(
        "" in pair or pair[0] == pair[1] for pair in ((layer.party, base.party), (layer.debtor, base.debtor))
    )


def _pack(pack: Pack, book: PolicyBook, day: date) -> PackInForce:
    return PackInForce(
        id=pack.id,
        jurisdiction=pack.jurisdiction,
        party=pack.party,
        debtor=pack.debtor,
        is_layer=pack.is_layer,
        sectors=pack.sectors,
        claims=tuple(claim.value for claim in pack.claims),
        region=pack.region,
        reviewed_on=pack.reviewed_on,
        expires_on=pack.expires_on,
        rules=book.on(pack.id, day).rules,
    )


def campaign_in_force(chosen: Chosen, texts: Texts) -> CampaignInForce:
    """A campaign as released, or as its file when it never was. Raises FileErrors."""
    release = chosen.release
    if release is None:
        assert chosen.campaign is not None  # noqa: S101  # a choice has one of the two
        return CampaignInForce(
            campaign=chosen.campaign, titles=_titles(texts), examples=tuple(map(_example, chosen.examples))
        )
    words = {path: text for path, text in release.files.items() if path != CAMPAIGN_FILE}
    pinned = Texts.of_files(words)
    source = parse(release.files[CAMPAIGN_FILE], name=f"{release.campaign} ({release.id[:8]})")
    file = load_campaign_file(source, templates=pinned.catalogue.entries)
    return CampaignInForce(
        campaign=msgspec.structs.replace(file.campaign, release=release.id),
        titles=_titles(pinned),
        examples=tuple(map(_example, file.tests)),
        released_on=release.released_at.date(),
        released_by=release.released_by,
        is_changed=chosen.campaign is not None and chosen.campaign.release != release.id,
    )


def _titles(texts: Texts) -> dict[str, dict[str, str]]:
    return {name: entry.title for name, entry in texts.catalogue.entries.items()}


def _example(test: tests.CampaignTest) -> Example:
    given = test.given
    return Example(
        title=test.title,
        status=given.status,
        balance_cents=given.balance.cents,
        currency=given.balance.currency,
        due_on=given.due_on,
        imported_on=given.imported_on,
        means=tuple(name for name, field in _MEANS.items() if getattr(given, field)),
        happenings=tuple(Happened(each.on, each.event, each.for_on or each.until_on) for each in test.when),
        expected=tuple(_expected(each) for each in test.expect),
    )


def _expected(each: tests.Expectation) -> Expected:
    match each:
        case tests.StepExpected():
            return Expected(kind="step", name=each.step, on=each.on, channel=each.channel, voice=each.voice)
        case tests.NoneUntil():
            return Expected(kind="none_until", on=each.until)
        case tests.TaskExpected():
            return Expected(kind="task", name=each.task, on=each.on)
        case tests.ApprovalExpected():
            return Expected(kind="approve", name=each.step, on=each.on)
        case tests.CloseExpected():
            return Expected(kind="close", name=each.outcome, on=each.on)
        case tests.HandOverExpected():
            return Expected(kind="hand_over", name=each.stage, on=each.on)
