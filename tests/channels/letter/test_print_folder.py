"""One letter in the print folder: whole or not at all, once however often it is sent, taken back while it can be."""

import errno
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from pypdf import PdfWriter

from channels import boot_clock
from channels.contract import (
    Absent,
    Accepted,
    Cancellation,
    CannotTell,
    Channel,
    Found,
    InDoubt,
    LetterMessage,
    LetterService,
    ReasonClass,
    Rejected,
    Throttled,
)
from channels.errors import InvalidMessage, InvalidOptions
from channels.letter.disk import locked
from channels.letter.layout import Layout
from channels.letter.manifest import sha256_of
from channels.letter.print_folder import PrintFolder
from channels.provider import ProviderOptions
from channels.registry import adapter
from tests.channels.builders import NOW, PDF, a_letter, a_pdf, now
from tests.channels.conformance import inquiry_about
from tests.channels.letter.faulty_disk import FaultyDisk, PowerCut, cut_at, failing

DAY = date(2026, 7, 15)
ACCEPTED = Accepted("print-01J2ATTEMPT")


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def folder(tmp_path: Path, disk: FaultyDisk) -> PrintFolder:
    return PrintFolder(tmp_path, clock=now, disk=disk, lock_seconds=0.02)


def a_locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    written = io.BytesIO()
    with PdfWriter(io.BytesIO(PDF), full=True) as writer:
        writer.encrypt("a password", algorithm="AES-256")
        writer.write(written)
    return written.getvalue()


def waiting(folder: PrintFolder) -> list[str]:
    """The files that a person sees among the waiting letters."""
    return sorted(path.name for path in folder.layout.waiting.iterdir() if not path.name.startswith("."))


def test_a_letter_is_its_pdf_and_a_manifest_that_describes_it(folder: PrintFolder) -> None:
    pdf = a_pdf(pages=3)
    assert folder.send(a_letter(pdf=pdf, service=LetterService.REGISTERED)) == ACCEPTED
    assert waiting(folder) == ["01J2ATTEMPT.json", "01J2ATTEMPT.pdf"]
    assert (folder.layout.waiting / "01J2ATTEMPT.pdf").read_bytes() == pdf
    assert json.loads((folder.layout.waiting / "01J2ATTEMPT.json").read_text()) == {
        "attempt_id": "01J2ATTEMPT",
        "sha256": sha256_of(pdf),
        "pages": 3,
        "service": "registered",
        "address_lines": ["HELENE PREVOST", "3 RUE DES LILAS", "75011 PARIS"],
        "created_at": NOW.isoformat(),
    }


def test_the_same_attempt_twice_is_one_letter_and_one_provider_id(folder: PrintFolder) -> None:
    assert [folder.send(a_letter()), folder.send(a_letter())] == [ACCEPTED, ACCEPTED]
    assert waiting(folder) == ["01J2ATTEMPT.json", "01J2ATTEMPT.pdf"]


def test_the_same_attempt_after_its_batch_is_closed_waits_for_no_other_batch(folder: PrintFolder) -> None:
    folder.send(a_letter())
    folder.close_batch(DAY)
    assert folder.send(a_letter()) == ACCEPTED
    assert waiting(folder) == []
    assert folder.close_batch(DAY + timedelta(days=1)) is None


def test_a_letter_whose_batch_is_closed_while_it_is_looked_for_is_found(folder: PrintFolder, tmp_path: Path) -> None:
    class Watched(Layout):
        def path_of(self, attempt_id: str) -> Path | None:
            path = super().path_of(attempt_id)
            folder.close_batch(DAY)
            return path

    folder.send(a_letter())
    known = Watched(tmp_path).known("01J2ATTEMPT")
    assert known is not None
    assert known[0].is_relative_to(folder.layout.batch(DAY))


def test_another_letter_under_a_known_attempt_id_is_refused(folder: PrintFolder) -> None:
    folder.send(a_letter())
    outcome = folder.send(a_letter(pdf=a_pdf(title="another")))
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (ReasonClass.CONTENT, "attempt_reused")
    assert (folder.layout.waiting / "01J2ATTEMPT.pdf").read_bytes() == PDF


def test_one_attempt_sent_by_eight_threads_is_one_letter_of_200(tmp_path: Path) -> None:
    folder = PrintFolder(tmp_path, clock=now, lock_seconds=30)
    letters = [a_letter(attempt_id=f"attempt-{number % 25}") for number in range(200)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = set(threads.map(folder.send, letters))
    assert outcomes == {Accepted(f"print-attempt-{number}") for number in range(25)}
    assert waiting(folder) == sorted(f"attempt-{n}.{suffix}" for n in range(25) for suffix in ("json", "pdf"))


@pytest.mark.parametrize(
    "letter, reason_class, code",
    [
        (a_letter(address_lines=()), "address", "address_lines"),
        (a_letter(address_lines=("LIGNE",) * 7), "address", "address_lines"),
        (a_letter(pdf=b"%PDF-1.7\nand then nothing"), "content", "pdf_unreadable"),
        (a_letter(pdf=PDF[: len(PDF) // 2]), "content", "pdf_unreadable"),
        (a_letter(pdf=a_pdf(pages=0)), "content", "pdf_unreadable"),
        (a_letter(pdf=a_locked_pdf()), "content", "pdf_unreadable"),
    ],
)
def test_what_cannot_be_printed_or_listed_is_refused(
    folder: PrintFolder, letter: LetterMessage, reason_class: str, code: str
) -> None:
    outcome = folder.send(letter)
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (reason_class, code)
    assert waiting(folder) == []


# ---------------------------------------------------------------- a disk that fails, a power that goes


def test_a_full_disk_is_not_written(folder: PrintFolder, disk: FaultyDisk) -> None:
    disk.before = failing("write", OSError(errno.ENOSPC, "No space left on device"))
    assert folder.send(a_letter()) == Rejected(
        reason_class=ReasonClass.NOT_WRITTEN, code="OSError", detail="No space left on device"
    )
    assert folder.look_up(inquiry_about(a_letter())) == Absent()


def test_a_last_step_that_fails_leaves_a_doubt_that_the_folder_settles(folder: PrintFolder, disk: FaultyDisk) -> None:
    last = disk.steps + 5
    disk.before = failing("sync_folder", OSError(errno.EIO, "input/output error"), after=last)
    assert isinstance(folder.send(a_letter()), InDoubt)
    assert folder.look_up(inquiry_about(a_letter())) == Found("print-01J2ATTEMPT")
    assert isinstance(folder.send(a_letter()), InDoubt)
    disk.before = failing("rename", OSError(), after=10**6)
    assert folder.send(a_letter()) == ACCEPTED


@pytest.mark.parametrize("step", range(6))
def test_wherever_the_power_goes_a_letter_is_whole_or_absent_and_then_sent_once(
    folder: PrintFolder, disk: FaultyDisk, step: int
) -> None:
    disk.before = cut_at(disk.steps + step)
    with pytest.raises(PowerCut):
        folder.send(a_letter())
    after = PrintFolder(folder.layout.waiting.parent, clock=now)
    is_there = after.look_up(inquiry_about(a_letter())) != Absent()
    assert is_there is (step == 5)
    batch = after.close_batch(DAY)
    assert (batch is not None) is is_there
    assert after.send(a_letter()) == ACCEPTED
    later = after.close_batch(DAY + timedelta(days=1))
    assert (later is not None) is not is_there


def test_a_letter_takes_six_steps_which_the_test_above_cuts(folder: PrintFolder, disk: FaultyDisk) -> None:
    before = disk.steps
    folder.send(a_letter())
    assert disk.steps - before == 6


def test_while_others_hold_the_folder_a_letter_comes_back_later(folder: PrintFolder) -> None:
    with locked(folder.layout.send_lock, wait_seconds=0):
        assert folder.send(a_letter()) == Throttled(0.02)
    assert folder.send(a_letter()) == ACCEPTED


def test_start_by_is_asked_after_the_wait_for_the_folder(folder: PrintFolder, tmp_path: Path) -> None:
    patient = PrintFolder(tmp_path, clock=now, lock_seconds=10)
    start_by = boot_clock.now() + 0.03
    with ThreadPoolExecutor(1) as thread:
        with locked(folder.layout.send_lock, wait_seconds=0):
            sending = thread.submit(patient.send, a_letter(), start_by=start_by)
            while not boot_clock.is_past(start_by):
                pass
        assert sending.result() == boot_clock.TOO_LATE
    assert waiting(folder) == []


def test_a_folder_that_is_gone_proves_nothing_and_takes_nothing(folder: PrintFolder, tmp_path: Path) -> None:
    folder.send(a_letter())
    tmp_path.rename(tmp_path.with_name("unmounted"))
    assert isinstance(folder.look_up(inquiry_about(a_letter())), CannotTell)
    outcome = folder.send(a_letter())
    assert isinstance(outcome, Rejected)
    assert outcome.reason_class is ReasonClass.NOT_WRITTEN
    assert not tmp_path.exists()


def test_a_manifest_that_cannot_be_read_is_a_doubt(folder: PrintFolder) -> None:
    folder.send(a_letter())
    (folder.layout.waiting / "01J2ATTEMPT.json").write_text("{")
    assert isinstance(folder.send(a_letter()), InDoubt)


# ---------------------------------------------------------------- taking back


def test_a_cancelled_letter_is_in_no_batch_and_never_comes_back(folder: PrintFolder) -> None:
    folder.send(a_letter())
    assert folder.cancel("01J2ATTEMPT") is Cancellation.CANCELLED
    assert waiting(folder) == []
    assert folder.cancel("01J2ATTEMPT") is Cancellation.CANCELLED
    assert folder.look_up(inquiry_about(a_letter())) == Absent()
    outcome = folder.send(a_letter())
    assert isinstance(outcome, Rejected)
    assert (outcome.reason_class, outcome.code) == (ReasonClass.BLOCKED, "cancelled")
    assert folder.close_batch(DAY) is None


def test_a_letter_of_a_closed_batch_can_no_longer_be_taken_back(folder: PrintFolder) -> None:
    folder.send(a_letter())
    folder.close_batch(DAY)
    assert folder.cancel("01J2ATTEMPT") is Cancellation.TOO_LATE
    assert folder.look_up(inquiry_about(a_letter())) == Found("print-01J2ATTEMPT")


def test_a_letter_that_was_never_sent_cannot_be_taken_back(folder: PrintFolder) -> None:
    assert folder.cancel("01J2ATTEMPT") is Cancellation.ABSENT


def test_while_a_batch_is_closed_nobody_knows_yet(folder: PrintFolder) -> None:
    folder.send(a_letter())
    with locked(folder.layout.batch_lock, wait_seconds=0):
        assert folder.cancel("01J2ATTEMPT") is Cancellation.BUSY


@pytest.mark.parametrize("step", range(4))
def test_wherever_the_power_goes_a_cancellation_is_done_or_not(
    folder: PrintFolder, disk: FaultyDisk, step: int
) -> None:
    folder.send(a_letter())
    disk.before = cut_at(disk.steps + step)
    with pytest.raises(PowerCut):
        folder.cancel("01J2ATTEMPT")
    after = PrintFolder(folder.layout.waiting.parent, clock=now)
    batch = after.close_batch(DAY)
    assert (batch is not None) is (step == 0)
    assert waiting(after) == []
    assert after.cancel("01J2ATTEMPT") is (Cancellation.TOO_LATE if step == 0 else Cancellation.CANCELLED)


@pytest.mark.parametrize("attempt_id", ["../x", "", "a/b", "."])
def test_no_attempt_id_leads_out_of_the_folder(folder: PrintFolder, attempt_id: str) -> None:
    with pytest.raises(InvalidMessage):
        folder.cancel(attempt_id)


# ---------------------------------------------------------------- how it is built


def test_the_registry_builds_it_from_its_settings(tmp_path: Path) -> None:
    options = ProviderOptions(settings={"folder": str(tmp_path), "sides": "two"}, clock=now)
    assert adapter("print_folder", Channel.LETTER, options).send(a_letter()) == ACCEPTED


@pytest.mark.parametrize(
    "settings, code",
    [
        ({}, "options_missing"),
        ({"folder": "{folder}/absent"}, "folder_missing"),
        ({"folder": "{folder}", "sides": "both"}, "sides_unknown"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_refused(tmp_path: Path, settings: dict[str, str], code: str) -> None:
    given = {name: text.format(folder=tmp_path) for name, text in settings.items()}
    with pytest.raises(InvalidOptions) as raised:
        adapter("print_folder", Channel.LETTER, ProviderOptions(settings=given, clock=now))
    assert raised.value.code == code
