"""A day's batch: every waiting letter once, in one PDF and one bordereau, all of it or nothing."""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from channels.contract import LetterService
from channels.letter.disk import LockHeld, locked
from channels.letter.manifest import sha256_of
from channels.letter.print_batch import Batch, Press
from channels.letter.print_folder import PrintFolder
from tests.channels.builders import NOW, a_letter, a_pdf
from tests.channels.letter.faulty_disk import FaultyDisk, PowerCut, cut_at

DAY = date(2026, 7, 15)
NEXT_DAY = DAY + timedelta(days=1)


def a_folder(path: Path, *, press: Press | None = None, disk: FaultyDisk | None = None) -> PrintFolder:
    """A print folder whose clock moves on by a minute at each letter."""
    instants = iter(NOW + timedelta(minutes=number) for number in range(1000))

    def clock() -> datetime:
        return next(instants)

    return PrintFolder(path, clock=clock, press=press, disk=disk, lock_seconds=0.02)


def rows_of(batch: Batch) -> list[dict[str, str]]:
    """The lines of the bordereau as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(batch.bordereau.read_text("utf-8-sig"), newline=""), delimiter=";"))


def sent_letters(folder: PrintFolder) -> dict[str, bytes]:
    """Three letters: simple, registered, simple, of 1, 2 and 3 pages."""
    pdfs = {f"letter-{pages}": a_pdf(pages=pages, title=str(pages)) for pages in (1, 2, 3)}
    for name, pdf in pdfs.items():
        service = LetterService.REGISTERED if name == "letter-2" else LetterService.SIMPLE
        folder.send(a_letter(attempt_id=name, pdf=pdf, service=service))
    return pdfs


def closed(folder: PrintFolder, day: date = DAY) -> Batch:
    batch = folder.close_batch(day)
    assert batch is not None
    return batch


def test_a_batch_is_one_pdf_and_one_line_a_letter_registered_ones_first(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    pdfs = sent_letters(folder)
    batch = closed(folder)
    assert batch.attempt_ids == ("letter-2", "letter-1", "letter-3")
    assert batch.pages == len(PdfReader(batch.pdfs[0]).pages) == 6
    rows = rows_of(batch)
    assert [row["attempt_id"] for row in rows] == list(batch.attempt_ids)
    assert [(row["service"], row["pages"], row["first_page"]) for row in rows] == [
        ("registered", "2", "1"),
        ("simple", "1", "3"),
        ("simple", "3", "4"),
    ]
    assert [row["sha256"] for row in rows] == [sha256_of(pdfs[name]) for name in batch.attempt_ids]
    lines = [rows[0][f"recipient_{number}"] for number in range(1, 7)]
    assert lines == ["HELENE PREVOST", "3 RUE DES LILAS", "75011 PARIS", "", "", ""]


def test_a_batch_keeps_each_letter_as_it_was(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    pdfs = sent_letters(folder)
    batch = closed(folder)
    kept = {path.stem: path.read_bytes() for path in (batch.bordereau.parent / "letters").glob("*.pdf")}
    assert kept == pdfs
    assert not list(folder.layout.waiting.iterdir())


def test_printed_on_both_sides_no_letter_begins_on_the_back_of_another(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, press=Press(is_duplex=True))
    sent_letters(folder)
    batch = closed(folder)
    assert [row["first_page"] for row in rows_of(batch)] == ["1", "3", "5"]
    assert len(PdfReader(batch.pdfs[0]).pages) == 8
    assert batch.pages == 6


def test_many_letters_are_several_files_in_which_each_has_its_place(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, press=Press(letters_per_file=1))
    for number in range(11):
        folder.send(a_letter(attempt_id=f"letter-{number}", pdf=a_pdf(pages=1 + number % 2, title=str(number))))
    batch = closed(folder)
    assert [path.name for path in batch.pdfs] == [f"letters-{number}.pdf" for number in range(1, 12)]
    assert [len(PdfReader(path).pages) for path in batch.pdfs] == [1 + number % 2 for number in range(11)]
    assert [(row["file"], row["first_page"]) for row in rows_of(batch)] == [(path.name, "1") for path in batch.pdfs]


def test_the_same_day_again_is_the_same_batch_and_later_letters_wait(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    sent_letters(folder)
    first = closed(folder)
    content = first.pdfs[0].read_bytes()
    folder.send(a_letter(attempt_id="late"))
    assert closed(folder) == first
    assert first.pdfs[0].read_bytes() == content
    assert closed(folder, NEXT_DAY).attempt_ids == ("late",)


def test_without_letters_there_is_no_batch_and_the_day_stays_open(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    assert folder.close_batch(DAY) is None
    folder.send(a_letter(attempt_id="late"))
    assert closed(folder).attempt_ids == ("late",)


def test_a_letter_changed_since_it_was_written_is_left_out_and_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    sent_letters(folder)
    (folder.layout.waiting / "letter-1.pdf").write_bytes(a_pdf(title="forged"))
    (folder.layout.waiting / "letter-2.pdf").unlink()
    batch = closed(folder)
    assert batch.attempt_ids == ("letter-3",)
    assert batch.damaged == ("letter-1", "letter-2")


def test_a_manifest_changed_since_it_was_written_is_left_out_and_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    sent_letters(folder)
    (folder.layout.waiting / "letter-1.json").write_text("[]")
    manifest = folder.layout.waiting / "letter-3.json"
    manifest.write_text(manifest.read_text().replace("letter-3", "../../letter-3"))
    assert closed(folder).damaged == ("letter-1", "letter-3")


@pytest.mark.parametrize("name", ["=2+3", "+33", "-1", "@SUM(A1)", "\tTAB"])
def test_no_name_is_a_formula_in_a_spreadsheet(tmp_path: Path, name: str) -> None:
    folder = a_folder(tmp_path)
    folder.send(a_letter(address_lines=(name, '3; RUE "DES" LILAS\nBIS', "75011 PARIS")))
    (row,) = rows_of(closed(folder))
    assert row["recipient_1"] == f"'{name}"
    assert row["recipient_2"] == '3; RUE "DES" LILAS\nBIS'


def test_two_closings_at_once_do_not_mix(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    sent_letters(folder)
    with locked(folder.layout.batch_lock, wait_seconds=0), pytest.raises(LockHeld):
        folder.close_batch(DAY)
    assert len(closed(folder).attempt_ids) == 3


def steps_of_closing(path: Path) -> int:
    """How many steps on the disk a closing of the three letters takes."""
    path.mkdir()
    disk = FaultyDisk()
    folder = a_folder(path, disk=disk)
    sent_letters(folder)
    before = disk.steps
    folder.close_batch(DAY)
    return disk.steps - before


def test_wherever_the_power_goes_each_letter_is_in_one_batch(tmp_path: Path) -> None:
    steps = steps_of_closing(tmp_path / "whole")
    assert steps > 15
    for step in range(steps):
        path = tmp_path / str(step)
        path.mkdir()
        disk = FaultyDisk()
        folder = a_folder(path, disk=disk)
        pdfs = sent_letters(folder)
        disk.before = cut_at(disk.steps + step)
        with pytest.raises(PowerCut):
            folder.close_batch(DAY)
        after = a_folder(path)
        assert set(closed(after).attempt_ids) == set(pdfs), step
        assert after.close_batch(NEXT_DAY) is None, step
        assert not list(after.layout.waiting.iterdir()), step
        assert [each.name for each in after.layout.closed.iterdir()] == [DAY.isoformat()], step
