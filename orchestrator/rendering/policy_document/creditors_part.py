"""The creditors that use the campaigns, and the collectors that act for some of them."""

from collections.abc import Iterator

from orchestrator.domain.creditor import Collector, Creditor
from orchestrator.rendering.policy_document.document import Facts, Paragraph, Section
from orchestrator.rendering.policy_document.gathered import CampaignInForce, Gathered
from orchestrator.rendering.policy_document.words import Words

_SHOWN_OF_IBAN = 4


def creditors_section(words: Words, gathered: Gathered) -> Section:
    """Each creditor that some campaign of the document may follow."""
    used = [(each, _campaigns_of(each, gathered)) for each in gathered.creditors]
    parts = tuple(_creditor(words, each, campaigns) for each, campaigns in used if campaigns)
    blocks = () if parts else (Paragraph(words.say("creditors", "none")),)
    return Section(id="creditors", title=words.say("creditors", "section"), blocks=blocks, parts=parts)


def _campaigns_of(creditor: Creditor, gathered: Gathered) -> tuple[CampaignInForce, ...]:
    """The campaigns that name it, or anyone, and whose pack is for its party."""
    parties = {pack.id: pack.party for pack in gathered.packs}
    return tuple(
        shown
        for shown in gathered.campaigns
        if (shown.campaign.creditors is None or creditor.id in shown.campaign.creditors)
        and parties.get(shown.campaign.policy, "") in ("", creditor.party)
    )


def _creditor(words: Words, creditor: Creditor, campaigns: tuple[CampaignInForce, ...]) -> Section:
    rows = [*_identity(words, creditor, campaigns)]
    if creditor.collector is not None:
        rows += _collector(words, creditor.collector)
    blocks = (Facts(tuple((words.say("creditors", label), said) for label, said in rows)),)
    return Section(id=f"creditor-{creditor.id}", title=creditor.name, note=creditor.id, blocks=blocks)


def _identity(words: Words, creditor: Creditor, campaigns: tuple[CampaignInForce, ...]) -> Iterator[tuple[str, str]]:
    yield "identity", _named(words, creditor.name, creditor.siren)
    yield "address", ", ".join(creditor.address) or words.say("labels", "unknown")
    contact = (creditor.contact.phone, creditor.contact.email, creditor.contact.hours)
    yield "contact", ", ".join(filter(None, contact)) or words.say("labels", "unknown")
    yield "acts", words.choice("party", creditor.party)
    yield "campaigns", words.apart(shown.campaign.title for shown in campaigns)
    yield "mode", words.say("creditors", "mode_strictest", mode=words.term(creditor.mode.value, "modes"))
    yield "data_max_age", words.duration(creditor.data_max_age)
    yield "signatory", creditor.signatory or words.say("labels", "unknown")


def _named(words: Words, name: str, siren: str) -> str:
    return words.say("creditors", "siren", name=name, siren=siren) if siren else name


def _collector(words: Words, who: Collector) -> Iterator[tuple[str, str]]:
    missing = words.say("creditors", "missing")
    yield "collector", _named(words, who.name, who.siren)
    yield "address", ", ".join(who.address) or words.say("labels", "unknown")
    contact = ", ".join(filter(None, (who.phone, who.email)))
    yield "contact", contact or words.say("labels", "unknown")
    insurance = who.insurance
    yield (
        "insurance",
        words.say("creditors", "insurance_said", company=insurance.company, policy=insurance.policy)
        if insurance
        else missing,
    )
    declared = who.declared_to_prosecutor_on
    yield "declared", words.say("creditors", "declared_said", day=words.day(declared)) if declared else missing
    # Enough to recognise the account; the document is copied to many hands.
    end = who.account[-_SHOWN_OF_IBAN:]
    yield "account", words.say("creditors", "account_said", end=end) if who.account else missing
    mandate = who.mandate
    yield (
        "mandate",
        words.say("creditors", "mandate_said", day=words.day(mandate.signed_on), reference=mandate.reference)
        if mandate
        else missing,
    )
