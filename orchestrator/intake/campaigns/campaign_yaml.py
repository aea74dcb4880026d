"""Campaign files become domain campaigns here, or are refused with the place of every fault.

Owns reading, the hash that pins a release, and the JSON schema for editors. Keys are `campaign_model`, sense
is `campaign_checks`, and what a template is comes from the caller.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.intake.campaigns.campaign_tests import CampaignTest, campaign_tests
from orchestrator.intake.campaigns.cautions import Caution, cautions
from orchestrator.intake.campaigns.checks import faults
from orchestrator.intake.campaigns.domain_campaign import campaign_of
from orchestrator.intake.campaigns.message_checks import Templates
from orchestrator.intake.campaigns.model import CampaignModel
from orchestrator.intake.campaigns.test_checks import faults_of_tests
from orchestrator.intake.strict_yaml.source import FileErrors, Source, sorted_faults, validate


class CampaignFile(msgspec.Struct, frozen=True, kw_only=True):
    """All that a campaign file says: the campaign, its tests, and what looks like a mistake in it."""

    campaign: Campaign
    tests: tuple[CampaignTest, ...] = ()
    cautions: tuple[Caution, ...] = ()


def load_campaign(source: Source, *, templates: Templates) -> Campaign:
    """The campaign of a file, its release hashed without words. Raises FileErrors with every fault.

    `templates` gives the kind, purpose and channels of each template by its name.
    """
    return load_campaign_file(source, templates=templates).campaign


def load_campaign_file(source: Source, *, templates: Templates) -> CampaignFile:
    """As `load_campaign`, with the file's tests and cautions."""
    model = validate(CampaignModel, source)
    found = [*faults(model, templates), *faults_of_tests(model)]
    if found:
        raise FileErrors(sorted_faults(source, found))
    return CampaignFile(
        campaign=released(campaign_of(model, templates)),
        tests=campaign_tests(model.tests or (), source),
        cautions=cautions(model, source),
    )


def released(campaign: Campaign, words: Iterable[tuple[str, bytes]] = ()) -> Campaign:
    """The campaign with the hash that pins it: SHA-256, in hex, of its sense and of the words it will use.

    Comments, spacing and the order of keys do not count. `words` are (name, content) of templates and
    phrasebooks, in any order.
    """
    digest = hashlib.sha256(canonical(campaign))
    for name, content in sorted(words):
        digest.update(b"\0" + name.encode() + b"\0" + hashlib.sha256(content).digest())
    return msgspec.structs.replace(campaign, release=digest.hexdigest())


def canonical(campaign: Campaign) -> bytes:
    """The campaign as JSON with sorted keys and sets, without its release: equal campaigns, equal bytes."""
    return msgspec.json.encode(msgspec.structs.replace(campaign, release=""), order="deterministic")


def campaign_schema() -> dict[str, Any]:
    """The JSON schema of a campaign file, for editors: every key with its sentence."""
    schema = CampaignModel.model_json_schema(by_alias=True, mode="validation")
    tidy: dict[str, Any] = _tidy(schema)
    for definition in tidy["$defs"].values():
        if "enum" in definition:  # the key that uses it has a sentence of its own
            definition.pop("description", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tidy, "title": "Relance campaign"}


def _tidy(node: Any, *, is_keys: bool = False) -> Any:
    """Without what only Python needs: generated titles, and null, which no file may hold."""
    if isinstance(node, list):
        return [_tidy(each) for each in node if each != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidy(value, is_keys=not is_keys and key in ("properties", "$defs"))
        for key, value in node.items()
        if is_keys or (key != "title" and (key, value) != ("default", None))
    }
    if not is_keys and len(kept.get("anyOf", ())) == 1:
        return {**kept.pop("anyOf")[0], **kept}
    return kept
