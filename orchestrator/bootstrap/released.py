"""What releases hold, read once each: a release is its content, so what was read of one stays true."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import FileError
from orchestrator.flows.release_campaign import CAMPAIGN_FILE
from orchestrator.storage import releases

# Loaded where they are first asked for, as in `bootstrap`.
if TYPE_CHECKING:
    from orchestrator.intake.strict_yaml.source import Source
    from orchestrator.rendering.texts import Texts


class Released:
    """The campaigns and words of releases."""

    def __init__(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self._texts: dict[str, Texts] = {}

    def campaign(self, item: releases.Release) -> Campaign:
        """The campaign of a release."""
        found = self._campaigns.get(item.id)
        if found is None:
            found = self._campaigns[item.id] = self._read(item)
        return found

    def texts(self, item: releases.Release) -> "Texts":
        """The words of a release; releases with the same words share them."""
        from orchestrator.rendering.texts import Texts  # late: words take most of a second to load

        texts = self._texts.get(item.id)
        if texts is None:
            words = {path: text for path, text in item.files.items() if path != CAMPAIGN_FILE}
            same = next((t for t in self._texts.values() if t.files == words), None)
            texts = self._texts[item.id] = same or Texts.of_files(words)
        return texts

    def _read(self, item: releases.Release) -> Campaign:
        from orchestrator.intake.campaigns.campaign_yaml import load_campaign_file  # late: as words are
        from orchestrator.intake.strict_yaml.source import parse  # late: as the line above

        source = one_document(parse(item.files[CAMPAIGN_FILE], name=f"{item.campaign} ({item.id[:8]})"))
        file = load_campaign_file(source, templates=self.texts(item).catalogue.entries)
        return msgspec.structs.replace(file.campaign, release=item.id)


def one_document(source: "Source | Sequence[Source]") -> "Source":
    """The only document of a campaign's file. Raises FileError where there are several."""
    if isinstance(source, Sequence):
        raise FileError("a campaign file holds one document")
    return source
