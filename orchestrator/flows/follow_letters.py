"""Letters after they were handed over: the day's batch for a printer, and what became of each (R44)."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from channels.contract import Adapter
from channels.letter.print_batch import Batch
from channels.letter.print_folder import PrintFolder
from channels.letter.status_csv import LineFault, read_status_csv
from orchestrator.flows.record_receipts import record_receipts
from orchestrator.storage.database import Database


class LettersTold(msgspec.Struct, frozen=True):
    """How many facts were new, how many lines named no letter of ours, and the lines that say nothing usable."""

    new: int
    unknown: int
    faults: tuple[LineFault, ...]


def close_batches(adapters: Mapping[str, Adapter], day: date) -> dict[str, Batch]:
    """The batch of each print folder by its lane, the same when it was closed before; none for a lane without letters.

    Letters of a closed batch are not taken back any more.
    """
    found = {}
    for lane_id, adapter in adapters.items():
        batch = adapter.close_batch(day) if isinstance(adapter, PrintFolder) else None
        if batch is not None:
            found[lane_id] = batch
    return found


def record_letter_file(database: Database, content: bytes, *, now: datetime, real_now: datetime) -> LettersTold:
    """Records a file of statuses; its good lines count, and the same file twice changes nothing."""
    told = read_status_csv(content)
    done = record_receipts(database, told.receipts, now=now, real_now=real_now)
    return LettersTold(new=done.new, unknown=len(done.unmatched), faults=told.faults)
