"""What `relance campaign render` prints: the voices of a step one under the other, and how easy they are to read."""

from collections.abc import Sequence
from statistics import fmean

from rich.text import Text

from orchestrator.cli.terminal import console, counted, print_table
from orchestrator.domain.voice import Voice
from orchestrator.rendering.gallery import Shown
from orchestrator.rendering.readability import Readability

_COLUMNS = ("words", "messages", "mean", "worst", "longest", "LIX", "worst LIX", "seconds")


def figures(shown: Sequence[Shown]) -> list[dict[str, object]]:
    """Each message's figures, for `--json`; one that cannot be written has only its faults."""
    return [
        {
            "source": each.source,
            "channel": each.channel,
            "voice": each.voice,
            "language": each.language,
            "file": each.file,
            **(_figures(each.read) if each.read else {}),
            "faults": each.faults,
        }
        for each in shown
    ]


def _figures(read: Readability) -> dict[str, object]:
    return {
        "words": read.words,
        "sentences": read.sentences,
        "words_per_sentence": round(read.mean, 1),
        "longest_sentence": read.longest,
        "long_words_percent": round(read.long_percent, 1),
        "lix": round(read.lix, 1),
        "lix_band": read.band,
        "seconds": read.seconds,
    }


def print_voices(shown: Sequence[Shown]) -> None:
    """The words of each message; a `|` stands before what changes with the voice."""
    for each in shown:
        own = ", the step's own voice" if each.is_own_voice else ""
        figure = f" ({each.note})" if each.note else ""
        console.print(
            Text(f"\n{each.source} · {each.channel} · {each.language} · {each.voice}{own}{figure}", style="bold")
        )
        for line in each.lines:
            for part in line:
                sign, style = ("  ", "dim") if part.is_common else ("| ", "")
                console.print(Text(f"{sign}{part.text}", style=style), soft_wrap=True)


def print_figures(shown: Sequence[Shown]) -> None:
    """A table by voice and language, then what a careful writer would correct."""
    rows: dict[tuple[str, str], list[Shown]] = {}
    for each in shown:
        rows.setdefault((each.language, each.voice), []).append(each)
    ordered = sorted(rows.items(), key=lambda row: (row[0][0], list(Voice).index(Voice(row[0][1]))))
    title = "How they read: words per sentence (mean, worst message, longest sentence), LIX, seconds"
    print_table(title, _COLUMNS, [_row(key, found) for key, found in ordered], numbers=_COLUMNS[1:])
    faults = [(each, fault) for each in shown for fault in each.faults]
    for each, fault in faults:
        where = f"{each.source}, {each.channel}, {each.voice}, {each.language}"
        console.print(f"warning: {where}: {fault}", markup=False, soft_wrap=True)
    console.print(counted(len(faults), "warning"))


def _row(key: tuple[str, str], shown: Sequence[Shown]) -> tuple[object, ...]:
    read = [each.read for each in shown if each.read]
    if not read:
        return (" ".join(key), 0, *("-" for _ in _COLUMNS[2:]))
    return (
        " ".join(key),
        len(read),
        f"{fmean(each.mean for each in read):.1f}",
        f"{max(each.mean for each in read):.1f}",
        max(each.longest for each in read),
        f"{fmean(each.lix for each in read):.0f}",
        f"{max(each.lix for each in read):.0f}",
        f"{fmean(each.seconds for each in read):.0f}",
    )
