"""How a long-running command logs: one line an event on standard error, as text or as JSON."""

import logging
from datetime import UTC, datetime

import msgspec


class _JsonLines(logging.Formatter):
    """Only these four fields, whatever a library puts into its records; no traceback, which may quote a debtor."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "message": record.getMessage()}
        return msgspec.json.encode(line).decode()


def log_to_stderr(log_format: str) -> None:
    """Sets logging up for the process; `log_format` is text or json."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    handler.setFormatter(_JsonLines() if log_format == "json" else text)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
