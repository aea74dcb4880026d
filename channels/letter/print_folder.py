"""Letters to a folder that a person or a printer empties: one PDF and one manifest each, and a batch a day.

Every change is one rename, so that a crash leaves the state before or after it. The places are in `layout`, what
became of the letters is read by `status_csv`. Nothing here removes old batches.
"""

from datetime import date
from pathlib import Path
from typing import cast

import msgspec

from channels import boot_clock, fields
from channels.contract import (
    Absent,
    Accepted,
    Adapter,
    Cancellation,
    CannotTell,
    Capabilities,
    Channel,
    Evidence,
    Found,
    InDoubt,
    Inquiry,
    LetterMessage,
    LetterService,
    Message,
    Outcome,
    ReasonClass,
    Rejected,
    Throttled,
    require_channel,
)
from channels.errors import InvalidOptions
from channels.letter import print_batch
from channels.letter.disk import Disk, LockHeld, locked
from channels.letter.layout import UNFINISHED, Layout
from channels.letter.manifest import MOST_LINES, Manifest, count_pages, sha256_of
from channels.letter.print_batch import Batch, Press
from channels.provider import Clock, ProviderOptions

_LOCK_SECONDS = 5.0  # a letter takes some milliseconds; whoever waits longer comes back later


class PrintFolder:
    """The adapter, and what a printer's day needs: `close_batch`, `cancel`.

    `folder` is there already. Sending an attempt again is the same letter and the same provider id.
    """

    name = "print_folder"
    channel = Channel.LETTER
    capabilities = Capabilities(
        channel=Channel.LETTER,
        confirms_delivery=True,
        echoes_attempt_id=True,
        leaves_machine=True,
        letter_services=frozenset(LetterService),
        has_ledger=True,
        can_cancel=True,
    )

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        press: Press | None = None,
        disk: Disk | None = None,
        lock_seconds: float = _LOCK_SECONDS,
    ) -> None:
        self.layout = Layout(folder)
        self._clock = clock
        self._press = press or Press()
        self._disk = disk or Disk()
        self._lock_seconds = lock_seconds
        for place in (self.layout.waiting, self.layout.closed, self.layout.cancelled):
            self._disk.make_folder(place)

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        """Accepted once PDF and manifest are on the disk; Throttled while others hold the folder."""
        require_channel(self, message)
        letter = cast("LetterMessage", message)
        manifest = self._described(letter)
        if isinstance(manifest, Rejected):
            return manifest
        try:
            with locked(self.layout.send_lock, wait_seconds=self._lock_seconds):
                known = self.layout.known(letter.attempt_id)
                if known is not None:
                    return self._repeated(*known, manifest)
                if boot_clock.is_past(start_by):
                    return boot_clock.TOO_LATE
                return self._place(letter, manifest)
        except LockHeld:
            return Throttled(self._lock_seconds)
        except OSError as error:
            return _refused(ReasonClass.NOT_WRITTEN, type(error).__name__, error.strerror or "")
        except msgspec.DecodeError:
            return InDoubt("the folder holds this attempt with a damaged manifest")

    def look_up(self, inquiry: Inquiry) -> Evidence:
        """The folder is the ledger. A cancelled letter is absent: nobody prints it."""
        try:
            path = self.layout.path_of(inquiry.attempt_id)
        except OSError as error:  # not there, or not mounted: proves nothing
            return CannotTell(f"the print folder cannot be read: {type(error).__name__}")
        is_held = path is not None and path.parent != self.layout.cancelled
        return Found(_provider_id(inquiry.attempt_id)) if is_held else Absent()

    def held(self) -> frozenset[str]:
        """The attempts of its letters that wait for their batch, and of those that were cancelled. Raises OSError."""
        places = (self.layout.waiting, self.layout.cancelled)
        return frozenset(path.stem for place in places for path in place.iterdir())

    def cancel(self, attempt_id: str) -> Cancellation:
        """Takes a letter back while its batch is open. Asking twice is asking once. Raises OSError."""
        fields.check_attempt_id("cancel", attempt_id)
        try:
            with locked(self.layout.batch_lock, wait_seconds=self._lock_seconds):
                return self._cancel_unlocked(attempt_id)
        except LockHeld:
            return Cancellation.BUSY

    def close_batch(self, day: date) -> Batch | None:
        """All letters that wait, as the batch of that day; the same batch when it is closed already.

        None when no letter waits. Letters sent later go to the next batch. Raises LockHeld, OSError.
        """
        with locked(self.layout.batch_lock, wait_seconds=self._lock_seconds):
            return print_batch.close(self.layout, self._disk, day, self._press)

    def _described(self, letter: LetterMessage) -> Manifest | Rejected:
        """The manifest of a letter that can be printed and listed."""
        if not 1 <= len(letter.address_lines) <= MOST_LINES:
            return _refused(ReasonClass.ADDRESS, "address_lines", f"not 1 to {MOST_LINES} address lines")
        pages = count_pages(letter.pdf)
        if not pages:
            return _refused(ReasonClass.CONTENT, "pdf_unreadable", "no page of this PDF can be printed")
        return Manifest(
            attempt_id=letter.attempt_id,
            sha256=sha256_of(letter.pdf),
            pages=pages,
            service=letter.service,
            address_lines=letter.address_lines,
            created_at=self._clock(),
        )

    def _place(self, letter: LetterMessage, manifest: Manifest) -> Outcome:
        """Only the last rename makes a letter; a crash before it leaves files that the next attempt replaces."""
        waiting = self.layout.waiting
        unfinished = waiting / f".{letter.attempt_id}{UNFINISHED}"
        self._disk.write(unfinished, letter.pdf)
        self._disk.rename(unfinished, waiting / f"{letter.attempt_id}.pdf")
        self._disk.write(unfinished, msgspec.json.format(msgspec.json.encode(manifest)))
        self._disk.sync_folder(waiting)
        try:
            self._disk.rename(unfinished, waiting / f"{letter.attempt_id}.json")
            self._disk.sync_folder(waiting)
        except OSError as error:
            return InDoubt(f"the letter's last step failed: {type(error).__name__}")
        return Accepted(_provider_id(letter.attempt_id))

    def _repeated(self, place: Path, known: Manifest, manifest: Manifest) -> Outcome:
        """The answer to an attempt that the folder holds already."""
        if place.parent == self.layout.cancelled:
            return _refused(ReasonClass.BLOCKED, "cancelled", "this letter was taken back")
        if known.sha256 != manifest.sha256:
            return _refused(ReasonClass.CONTENT, "attempt_reused", "this attempt id names another letter")
        try:
            self._disk.sync_folder(place.parent)
        except OSError as error:
            return InDoubt(f"the letter may not outlive a power cut: {type(error).__name__}")
        return Accepted(_provider_id(manifest.attempt_id))

    def _cancel_unlocked(self, attempt_id: str) -> Cancellation:
        """Closed batches first: after a crash a letter may still be among the waiting as well."""
        manifest = self.layout.waiting / f"{attempt_id}.json"
        if self.layout.closed_path_of(attempt_id):
            return Cancellation.TOO_LATE
        if (self.layout.cancelled / manifest.name).exists():
            return Cancellation.CANCELLED
        if not manifest.exists():
            return Cancellation.ABSENT
        self._disk.rename(manifest, self.layout.cancelled / manifest.name)
        self._disk.sync_folder(self.layout.cancelled)
        self._disk.remove(manifest.with_suffix(".pdf"))
        self._disk.sync_folder(self.layout.waiting)
        return Cancellation.CANCELLED


def _provider_id(attempt_id: str) -> str:
    return f"print-{attempt_id}"


def _refused(reason_class: ReasonClass, code: str, detail: str) -> Rejected:
    return Rejected(reason_class=reason_class, code=code, detail=detail)


def build(_channel: Channel, options: ProviderOptions) -> Adapter:
    """What the registry calls: settings `folder`, and `sides` (`one`, `two`). Raises InvalidOptions."""
    folder = options.settings.get("folder", "")
    if not folder or options.clock is None:
        raise InvalidOptions("options_missing", "the print folder needs a folder and a clock")
    if not Path(folder).is_dir():
        raise InvalidOptions("folder_missing", "the print folder is not there", hint="create it, or mount it")
    sides = options.settings.get("sides", "one")
    if sides not in {"one", "two"}:
        raise InvalidOptions("sides_unknown", "letters are printed on sides 'one' or 'two'", where="sides")
    return PrintFolder(Path(folder), clock=options.clock, press=Press(is_duplex=sides == "two"))
