"""Writes the messages of a campaign as files with an index page, for `relance campaign render`."""

from datetime import UTC, datetime, time
from pathlib import Path

import msgspec

from channels import eml
from channels.contract import EmailMessage, LetterMessage, SmsMessage
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.policy import PolicyBook
from orchestrator.flows.preview_messages import Preview
from orchestrator.flows.show_messages import Wording, shown_messages, unwritten
from orchestrator.rendering.gallery import Shown, write_gallery


def wording_of(place: Deployment, campaign: Campaign) -> Wording:
    """The words of the templates folder for a campaign."""
    return Wording(campaign=campaign, texts=place.texts, pack=PolicyBook(place.rules.packs).pack(campaign.policy))


def render_gallery(
    place: Deployment, campaign: Campaign, folder: Path, languages: tuple[str, ...]
) -> tuple[Path, list[Shown]]:
    """(index page, messages): each message as a file of the folder, and the page that shows them side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[Shown] = []
    for number, (preview, message) in enumerate(shown_messages(wording_of(place, campaign), languages=languages)):
        name = f"{number:03d}-{preview.source.replace(':', '-')}-{preview.channel}-{preview.voice}-{preview.language}"
        try:
            shown.append(msgspec.structs.replace(message, file=_write(place, folder, name, preview)))
        except RelanceError as error:
            shown.append(unwritten(preview, error))
    subtitle = f"{campaign.id} · {campaign.policy} · {len(shown)} messages"
    page = write_gallery(
        folder, title=campaign.title, subtitle=subtitle, messages=shown, language="fr" if "fr" in languages else "en"
    )
    return page, shown


def _write(place: Deployment, folder: Path, name: str, preview: Preview) -> str:
    """The name of the file that a reader opens."""
    message = place.composer.compose(preview.brief).message
    match message:
        case SmsMessage():
            (folder / f"{name}.txt").write_text(message.text, encoding="utf-8")
            return f"{name}.txt"
        case EmailMessage():
            (folder / f"{name}.html").write_text(message.html, encoding="utf-8")
            sent_at = datetime.combine(preview.brief.dated_on, time(9), UTC)
            (folder / f"{name}.eml").write_bytes(eml.compose(message, sent_at=sent_at))
            return f"{name}.html"
        case LetterMessage():
            (folder / f"{name}.pdf").write_bytes(message.pdf)
            return f"{name}.pdf"
