"""Release a campaign: its file and every word it may use are stored by content, and become current (semantics B13)."""

from collections.abc import Mapping
from datetime import datetime

from orchestrator.storage import releases
from orchestrator.storage.database import Database

# Where a release keeps the campaign's own file, beside the templates'.
CAMPAIGN_FILE = "campaign.yaml"


def release_campaign(
    database: Database, *, campaign: str, release: str, text: str, words: Mapping[str, str], by: str, now: datetime
) -> bool:
    """Stores the release and makes it current; False when the same content was current or known before."""
    item = releases.Release(
        id=release, campaign=campaign, files={CAMPAIGN_FILE: text, **words}, released_at=now, released_by=by
    )
    with database.begin() as conn:
        return releases.release(conn, item)
