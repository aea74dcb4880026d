"""Where the print folder keeps its letters, and where a given one is. Reads only.

    waiting/<attempt_id>.pdf + .json        may still be cancelled
    closed/<yyyy-mm-dd>/letters-<n>.pdf + bordereau.csv, letters/<attempt_id>.pdf + .json
    cancelled/<attempt_id>.json

A letter is where its JSON is; it goes from waiting to one of the others and never back.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from channels import fields
from channels.letter.manifest import Manifest

UNFINISHED = ".part"


class Layout:
    """The paths of one print folder."""

    def __init__(self, folder: Path) -> None:
        self.waiting, self.closed, self.cancelled = (folder / name for name in ("waiting", "closed", "cancelled"))
        self.send_lock, self.batch_lock = folder / ".send.lock", folder / ".batch.lock"

    def path_of(self, attempt_id: str) -> Path | None:
        """The manifest of a letter. Looked for in the order in which letters move, so none slips past unlocked.

        Raises InvalidMessage for an id that could leave the folder, FileNotFoundError when the folder is gone.
        """
        fields.check_attempt_id("attempt_id", attempt_id)
        name = f"{attempt_id}.json"
        if (self.waiting / name).exists():
            return self.waiting / name
        closed = self.closed_path_of(attempt_id)
        if closed is None and (self.cancelled / name).exists():
            return self.cancelled / name
        return closed

    def closed_path_of(self, attempt_id: str) -> Path | None:
        """The manifest of a letter in a closed batch."""
        paths = (batch / "letters" / f"{attempt_id}.json" for batch in self._batches())
        return next((path for path in paths if path.exists()), None)

    def batch(self, day: date) -> Path:
        """The folder of a closed batch."""
        return self.closed / day.isoformat()

    def known(self, attempt_id: str) -> tuple[Path, Manifest] | None:
        """A letter's place and manifest, even while a batch is closed under our eyes."""
        while (path := self.path_of(attempt_id)) is not None:
            try:
                return path, read(path)
            except FileNotFoundError:
                continue  # it has moved on since
        return None

    def _batches(self) -> Iterator[Path]:
        return (path for path in self.closed.iterdir() if not path.name.startswith("."))


def read(path: Path) -> Manifest:
    """A manifest. Raises msgspec.DecodeError for one that no longer is what was written."""
    return msgspec.json.decode(path.read_bytes(), type=Manifest)
