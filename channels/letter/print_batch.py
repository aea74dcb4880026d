"""Closes a day's letters into one batch for the printer, by one rename. Whoever calls it holds the batch lock."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from shutil import rmtree

import msgspec
from msgspec import Struct

from channels.letter.disk import Disk
from channels.letter.layout import UNFINISHED, Layout, read
from channels.letter.manifest import Manifest, printing_order, sha256_of
from channels.letter.merging import Line, bordereau, merge


class Batch(Struct, frozen=True, kw_only=True):
    """A closed batch. `damaged` are letters left waiting because their files are not what was written."""

    day: date
    attempt_ids: tuple[str, ...]
    pages: int
    pdfs: tuple[Path, ...]
    bordereau: Path
    damaged: tuple[str, ...] = ()


class Press(Struct, frozen=True, kw_only=True):
    """What the printer takes. A merged file has a size that a printer can load, and a machine keep in memory."""

    is_duplex: bool = False
    letters_per_file: int = 500  # merging 1,000 letters of two pages at once took 175 MB


def close(layout: Layout, disk: Disk, day: date, press: Press) -> Batch | None:
    """All letters that wait, as the batch of that day; the same batch when it is closed already."""
    _finish_last_close(layout, disk)
    final = layout.batch(day)
    letters, damaged = _waiting_letters(layout)
    if final.exists():
        return _batch(day, final, damaged)
    if not letters:
        return None
    unfinished = layout.closed / f".{day.isoformat()}{UNFINISHED}"
    _write(layout, disk, unfinished, letters, press)
    disk.rename(unfinished, final)
    disk.sync_folder(layout.closed)
    _clear_waiting(layout, disk, [letter.attempt_id for letter in letters])
    return _batch(day, final, damaged)


def _finish_last_close(layout: Layout, disk: Disk) -> None:
    """What a crash left: a batch without its name, and letters that were closed or cancelled, still waiting."""
    for unfinished in layout.closed.glob(f".*{UNFINISHED}"):
        rmtree(unfinished)
    closed = [path.stem for path in layout.waiting.glob("*.json") if layout.closed_path_of(path.stem)]
    cancelled = [
        path.stem for path in layout.waiting.glob("*.pdf") if (layout.cancelled / f"{path.stem}.json").exists()
    ]
    _clear_waiting(layout, disk, closed + cancelled)


def _waiting_letters(layout: Layout) -> tuple[list[Manifest], tuple[str, ...]]:
    """Each letter in printing order, and the names of those damaged since."""
    letters: list[Manifest] = []
    damaged: list[str] = []
    for path in layout.waiting.glob("*.json"):
        manifest = _intact(path)
        if manifest is None:
            damaged.append(path.stem)
        else:
            letters.append(manifest)
    return sorted(letters, key=printing_order), tuple(sorted(damaged))


def _intact(path: Path) -> Manifest | None:
    try:
        manifest, pdf = read(path), path.with_suffix(".pdf").read_bytes()
    except (msgspec.DecodeError, FileNotFoundError):
        return None
    is_whole = manifest.attempt_id == path.stem and manifest.sha256 == sha256_of(pdf)
    return manifest if is_whole else None


def _write(layout: Layout, disk: Disk, unfinished: Path, letters: list[Manifest], press: Press) -> None:
    inside = unfinished / "letters"
    disk.make_folder(unfinished)
    disk.make_folder(inside)
    lines: list[Line] = []
    for start in range(0, len(letters), press.letters_per_file):
        part = letters[start : start + press.letters_per_file]
        name = f"letters-{start // press.letters_per_file + 1}.pdf"
        pdfs = ((layout.waiting / f"{letter.attempt_id}.pdf").read_bytes() for letter in part)
        merged, first_pages = merge(pdfs, is_duplex=press.is_duplex)
        disk.write(unfinished / name, merged)
        lines += [Line(letter, name, page) for letter, page in zip(part, first_pages, strict=True)]
    disk.write(unfinished / "bordereau.csv", bordereau(lines))
    for letter in letters:
        for name in (f"{letter.attempt_id}.pdf", f"{letter.attempt_id}.json"):
            disk.link(layout.waiting / name, inside / name)
    disk.sync_folder(inside)
    disk.sync_folder(unfinished)


def _clear_waiting(layout: Layout, disk: Disk, attempt_ids: Iterable[str]) -> None:
    """The manifest last: while it is there, a crash between the two is seen and finished next time."""
    for attempt_id in attempt_ids:
        disk.remove(layout.waiting / f"{attempt_id}.pdf")
        disk.remove(layout.waiting / f"{attempt_id}.json")
    disk.sync_folder(layout.waiting)


def _batch(day: date, final: Path, damaged: tuple[str, ...]) -> Batch:
    letters = sorted(map(read, (final / "letters").glob("*.json")), key=printing_order)
    return Batch(
        day=day,
        attempt_ids=tuple(letter.attempt_id for letter in letters),
        pages=sum(letter.pages for letter in letters),
        pdfs=tuple(sorted(final.glob("letters-*.pdf"), key=lambda path: (len(path.name), path.name))),
        bordereau=final / "bordereau.csv",
        damaged=damaged,
    )
