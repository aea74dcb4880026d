"""Writes the messages of a campaign as files with an index page, for `relance campaign render`."""

from datetime import UTC, datetime, time
from pathlib import Path

from channels import eml
from channels.contract import EmailMessage, LetterMessage, SmsMessage
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import RelanceError
from orchestrator.flows.preview_messages import Preview, previews
from orchestrator.rendering.compose import Composed
from orchestrator.rendering.gallery import Shown, write_gallery


def render_gallery(place: Deployment, campaign: Campaign, folder: Path, languages: tuple[str, ...]) -> tuple[Path, int]:
    """(index page, number of messages). A message that cannot be written is shown with its error."""
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[Shown] = []
    pack = place.rules.packs.get(campaign.policy)
    for number, preview in enumerate(previews(campaign, place.texts.catalogue, pack, languages=languages)):
        name = f"{number:03d}-{preview.source.replace(':', '-')}-{preview.channel}-{preview.voice}-{preview.language}"
        try:
            shown.append(_write(folder, name, preview, place.composer.compose(preview.brief)))
        except RelanceError as error:
            shown.append(_shown(preview, file="", text=str(error), note="cannot be written"))
    subtitle = f"{campaign.id} · {campaign.policy} · {len(shown)} messages"
    return write_gallery(folder, title=campaign.title, subtitle=subtitle, messages=shown), len(shown)


def _write(folder: Path, name: str, preview: Preview, composed: Composed) -> Shown:
    message = composed.message
    match message:
        case SmsMessage():
            (folder / f"{name}.txt").write_text(message.text, encoding="utf-8")
            note = f"{composed.units} segment{'s' if composed.units > 1 else ''}, {len(message.text)} characters"
            return _shown(preview, file=f"{name}.txt", text=message.text, note=note)
        case EmailMessage():
            (folder / f"{name}.html").write_text(message.html, encoding="utf-8")
            sent_at = datetime.combine(preview.brief.dated_on, time(9), UTC)
            (folder / f"{name}.eml").write_bytes(eml.compose(message, sent_at=sent_at))
            return _shown(preview, file=f"{name}.html", text=message.text, subject=message.subject)
        case LetterMessage():
            (folder / f"{name}.pdf").write_bytes(message.pdf)
            return _shown(preview, file=f"{name}.pdf", text="", subject=composed.subject, note="PDF")


def _shown(preview: Preview, *, file: str, text: str, subject: str = "", note: str = "") -> Shown:
    return Shown(
        source=preview.source,
        channel=preview.channel.value,
        voice=preview.voice.value,
        language=preview.language,
        file=file,
        text=text,
        subject=subject,
        note=note,
        is_own_voice=preview.is_own_voice,
    )
