"""What became of letters, from a small CSV file that a person or a printer fills in. Pure; opens no folder.

attempt_id;status;date;registered_number
01J2ATTEMPT;presented;2026-07-18;1A 234 567 8901 2
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from types import MappingProxyType

from msgspec import Struct

from channels import fields
from channels.contract import DeliveryStatus, ReasonClass, Receipt
from channels.errors import InvalidMessage

MOVED, DECEASED = "moved", "deceased"
# The words of the file, English or as French post offices say them.
WORDS: Mapping[str, DeliveryStatus] = MappingProxyType(
    {
        "printed": DeliveryStatus.PRINTED,
        "imprimé": DeliveryStatus.PRINTED,
        "posted": DeliveryStatus.POSTED,
        "posté": DeliveryStatus.POSTED,
        "presented": DeliveryStatus.PRESENTED,
        "présenté": DeliveryStatus.PRESENTED,
        "delivered": DeliveryStatus.DELIVERED,
        "distribué": DeliveryStatus.DELIVERED,
        "returned": DeliveryStatus.RETURNED,
        "retourné": DeliveryStatus.RETURNED,
        MOVED: DeliveryStatus.RETURNED,
        "déménagé": DeliveryStatus.RETURNED,
        DECEASED: DeliveryStatus.RETURNED,
        "décédé": DeliveryStatus.RETURNED,
        "refused": DeliveryStatus.REFUSED,
        "refusé": DeliveryStatus.REFUSED,
        "unclaimed": DeliveryStatus.UNCLAIMED,
        "non réclamé": DeliveryStatus.UNCLAIMED,
        "unknown_address": DeliveryStatus.UNKNOWN_ADDRESS,
        "npai": DeliveryStatus.UNKNOWN_ADDRESS,
        "lost": DeliveryStatus.LOST,
        "perdu": DeliveryStatus.LOST,
    }
)
REASONS: Mapping[DeliveryStatus, ReasonClass] = MappingProxyType(
    {
        DeliveryStatus.UNKNOWN_ADDRESS: ReasonClass.ADDRESS,
        DeliveryStatus.UNCLAIMED: ReasonClass.UNREACHABLE,
        DeliveryStatus.LOST: ReasonClass.UNREACHABLE,
    }
)
# What the post says of the person when a letter comes back: the receipt's `code`.
_CODES = {MOVED: MOVED, "déménagé": MOVED, DECEASED: DECEASED, "décédé": DECEASED}
COLUMNS = ("attempt_id", "status", "date", "registered_number")
_REQUIRED = COLUMNS[:3]
_REGISTERED_NUMBER = re.compile(r"[0-9A-Z]{8,35}")
_DATES = (re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"), re.compile(r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})"))
_NOON = 12  # in UTC: the same day in every zone of Europe and nearly all French overseas


class LineFault(Struct, frozen=True):
    """A line that says nothing usable; `line` as an editor counts, from 1, the header included."""

    line: int
    code: str
    message: str


class StatusFile(Struct, frozen=True):
    """What the file says: a receipt for each good line, a fault for each other one.

    `registered_numbers` are those of registered letters, by attempt id.
    """

    receipts: tuple[Receipt, ...] = ()
    faults: tuple[LineFault, ...] = ()
    registered_numbers: Mapping[str, str] = MappingProxyType({})


class _Refused(Exception):
    """A line that cannot be used."""


def read_status_csv(content: bytes) -> StatusFile:
    """UTF-8 or what French spreadsheets write (cp1252); commas, semicolons or tabs; dates 2026-07-18 or 18/07/2026.

    A line told twice gives two receipts with one `dedup_key`. Raises nothing for whatever the bytes are.
    """
    faults: list[LineFault] = []
    lines = _lines(_text(content), faults)
    _, first = next(lines, (1, []))
    header = [name.lower() for name in first]
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        return StatusFile(faults=(LineFault(1, "columns_missing", f"no column {', '.join(missing)}"),))
    receipts: list[Receipt] = []
    numbers: dict[str, str] = {}
    for line, cells in lines:
        try:
            receipt, number = _read(dict(zip(header, cells, strict=False)))
        except _Refused as refused:
            faults.append(LineFault(line, *refused.args))
            continue
        receipts.append(receipt)
        if number:
            numbers[receipt.attempt_id] = number
    return StatusFile(tuple(receipts), tuple(faults), MappingProxyType(numbers))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(text: str, faults: list[LineFault]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line on which each ends; a broken file ends early, with a fault."""
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=header.count))
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield rows.line_num, cells
    except csv.Error as error:
        faults.append(LineFault(rows.line_num, "csv_broken", str(error)))


def _read(row: Mapping[str, str]) -> tuple[Receipt, str]:
    attempt_id = row.get("attempt_id", "")
    try:
        fields.check_attempt_id("attempt_id", attempt_id)
    except InvalidMessage as error:
        raise _Refused(error.code, "no attempt id: copy it from the bordereau") from error
    word = unicodedata.normalize("NFC", row.get("status", "")).lower()
    status = WORDS.get(word)
    if status is None:
        near = get_close_matches(word, WORDS, n=1)
        raise _Refused("status_unknown", f"did you mean {near[0]!r}?" if near else f"one of {', '.join(WORDS)}")
    occurred_at, code = _instant(row.get("date", "")), _CODES.get(word, "")
    receipt = Receipt(
        dedup_key=f"print:{attempt_id}:{code or status}:{occurred_at:%Y-%m-%d}",
        status=status,
        attempt_id=attempt_id,
        provider_id=f"print-{attempt_id}",
        word=word,
        code=code,
        reason_class=REASONS.get(status),
        occurred_at=occurred_at,
    )
    return receipt, _number(row.get("registered_number", ""))


def _instant(text: str) -> datetime:
    for form in _DATES:
        match = form.fullmatch(text)
        if match:
            try:
                return datetime(int(match["y"]), int(match["m"]), int(match["d"]), _NOON, tzinfo=UTC)
            except ValueError:
                break
    raise _Refused("date_invalid", "a date is written 2026-07-18 or 18/07/2026")


def _number(text: str) -> str:
    """The number of the registered letter without its spaces; empty when none is given."""
    number = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").upper()
    if number and not _REGISTERED_NUMBER.fullmatch(number):
        raise _Refused("registered_number_invalid", "8 to 35 digits and letters, such as 1A 234 567 8901 2")
    return number
