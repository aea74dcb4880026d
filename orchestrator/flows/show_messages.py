"""The messages of a campaign as a person reads them before anybody receives them: worded, and its voices compared.

For sample debtors only. Sends and stores nothing.
"""

import msgspec

from orchestrator.domain.campaign import Campaign
from orchestrator.domain.errors import RelanceError
from orchestrator.domain.policy import Pack
from orchestrator.flows.preview_messages import Preview, previews
from orchestrator.rendering.comparison import Line, compare
from orchestrator.rendering.gallery import Shown
from orchestrator.rendering.readability import readability
from orchestrator.rendering.rendered import Rendered, RenderedSms
from orchestrator.rendering.style import style_faults
from orchestrator.rendering.texts import Texts


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign with the words that it speaks. `pack` None: one that does not exist, and samples are consumers."""

    campaign: Campaign
    texts: Texts
    pack: Pack | None


def shown_messages(
    wording: Wording, *, languages: tuple[str, ...], step: str = "", channel: str = "", is_worst_case: bool = False
) -> list[tuple[Preview, Shown]]:
    """Every message of a campaign (of one step, on one channel), the voices of each compared.

    `step` is also `reaction:event`. A message that cannot be written is shown with its error.
    """
    sets: dict[tuple[str, str, str], list[Preview]] = {}
    for preview in previews(
        wording.campaign, wording.texts.catalogue, wording.pack, languages=languages, is_worst_case=is_worst_case
    ):
        if step in ("", preview.source) and channel in ("", preview.channel.value):
            sets.setdefault((preview.source, preview.channel.value, preview.language), []).append(preview)
    return [each for versions in sets.values() for each in _compared(wording.texts, versions)]


def _compared(texts: Texts, versions: list[Preview]) -> list[tuple[Preview, Shown]]:
    worded: dict[str, Rendered] = {}
    failed: dict[str, RelanceError] = {}
    for preview in versions:
        try:
            worded[preview.voice] = texts.render(preview.brief)
        except RelanceError as error:
            failed[preview.voice] = error
    lines = compare(worded)
    return [
        (preview, unwritten(preview, failed[preview.voice]))
        if preview.voice in failed
        else (preview, _shown(preview, worded[preview.voice], lines[preview.voice]))
        for preview in versions
    ]


def _shown(preview: Preview, rendered: Rendered, lines: tuple[Line, ...]) -> Shown:
    note, segments = "", 0
    if isinstance(rendered, RenderedSms):
        count, segments = rendered.segments, rendered.segments.segments
        note = f"{count.segments} SMS ({count.units} {count.encoding.value})"
    return Shown(
        source=preview.source,
        channel=preview.channel.value,
        voice=preview.voice.value,
        language=preview.language,
        file="",
        lines=lines,
        note=note,
        segments=segments,
        is_own_voice=preview.is_own_voice,
        read=readability(rendered),
        faults=style_faults(rendered, preview.brief),
    )


def unwritten(preview: Preview, error: RelanceError) -> Shown:
    """A message that cannot be written, with why."""
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
