"""Writes the messages of a campaign as files with an index page, for `relance campaign render`."""

from datetime import UTC, datetime, time
from pathlib import Path

import msgspec

from channels import eml
from channels.contract import EmailMessage, LetterMessage, SmsMessage
from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import RelanceError
from orchestrator.flows.preview_messages import Preview, previews
from orchestrator.rendering.comparison import Line, compare
from orchestrator.rendering.gallery import Shown, write_gallery
from orchestrator.rendering.readability import readability
from orchestrator.rendering.rendered import Rendered, RenderedSms
from orchestrator.rendering.style import style_faults


def shown_messages(
    place: Deployment, campaign: Campaign, languages: tuple[str, ...], *, step: str = "", channel: str = ""
) -> list[tuple[Preview, Shown]]:
    """Every message of a campaign (of one step, on one channel), the voices of each compared. Writes no file.

    A message that cannot be written is shown with its error.
    """
    pack = place.rules.packs.get(campaign.policy)
    sets: dict[tuple[str, str, str], list[Preview]] = {}
    for preview in previews(campaign, place.texts.catalogue, pack, languages=languages):
        if step in ("", preview.source) and channel in ("", preview.channel.value):
            sets.setdefault((preview.source, preview.channel.value, preview.language), []).append(preview)
    return [each for versions in sets.values() for each in _compared(place, versions)]


def render_gallery(
    place: Deployment, campaign: Campaign, folder: Path, languages: tuple[str, ...]
) -> tuple[Path, list[Shown]]:
    """(index page, messages): each message as a file of the folder, and the page that shows them side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[Shown] = []
    for number, (preview, message) in enumerate(shown_messages(place, campaign, languages)):
        name = f"{number:03d}-{preview.source.replace(':', '-')}-{preview.channel}-{preview.voice}-{preview.language}"
        try:
            shown.append(msgspec.structs.replace(message, file=_write(place, folder, name, preview)))
        except RelanceError as error:
            shown.append(_unwritten(preview, error))
    subtitle = f"{campaign.id} · {campaign.policy} · {len(shown)} messages"
    page = write_gallery(
        folder, title=campaign.title, subtitle=subtitle, messages=shown, language="fr" if "fr" in languages else "en"
    )
    return page, shown


def _compared(place: Deployment, versions: list[Preview]) -> list[tuple[Preview, Shown]]:
    worded: dict[str, Rendered] = {}
    failed: dict[str, RelanceError] = {}
    for preview in versions:
        try:
            worded[preview.voice] = place.texts.render(preview.brief)
        except RelanceError as error:
            failed[preview.voice] = error
    lines = compare(worded)
    return [
        (preview, _unwritten(preview, failed[preview.voice]))
        if preview.voice in failed
        else (preview, _shown(preview, worded[preview.voice], lines[preview.voice]))
        for preview in versions
    ]


def _shown(preview: Preview, rendered: Rendered, lines: tuple[Line, ...]) -> Shown:
    note = ""
    if isinstance(rendered, RenderedSms):
        count = rendered.segments
        note = f"{count.segments} SMS ({count.units} {count.encoding.value})"
    return Shown(
        source=preview.source,
        channel=preview.channel.value,
        voice=preview.voice.value,
        language=preview.language,
        file="",
        lines=lines,
        note=note,
        is_own_voice=preview.is_own_voice,
        read=readability(rendered),
        faults=style_faults(rendered, preview.brief),
    )


def _unwritten(preview: Preview, error: RelanceError) -> Shown:
    return Shown(
        source=preview.source,
        channel=preview.channel.value,
        voice=preview.voice.value,
        language=preview.language,
        file="",
        note="cannot be written",
        is_own_voice=preview.is_own_voice,
        faults=(str(error),),
    )


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
