"""How an error becomes an answer over HTTP: status, code, sentence, remedy, place. The only place that knows.

What is not foreseen is told to nobody but the log, and there without its message, which may quote a debtor.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from orchestrator.domain.errors import (
    Conflict,
    InputError,
    MoneyError,
    NotFound,
    RelanceError,
    StorageError,
    kind_and_place,
)

logger = logging.getLogger("orchestrator.web")

_STATUSES: tuple[tuple[type[RelanceError], int], ...] = (
    (InputError, 422),
    (MoneyError, 422),
    (NotFound, 404),
    (Conflict, 409),
    (StorageError, 503),
)
# Where the code says more than the kind of error.
_STATUS_OF_CODE: Mapping[str, int] = {"role_too_low": 403, "invalid_text": 422}
_CODE_OF_STATUS: Mapping[int, str] = {
    400: "invalid_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
}
_RETRY_AFTER = {"Retry-After": "1"}


class Refused(Exception):
    """A refusal that only HTTP knows: no key, not allowed, too large, too slow."""

    def __init__(self, status: int, code: str, detail: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.fault = Fault(code, detail, hint, where)


class Fault(msgspec.Struct, frozen=True):
    """The body of every error: a stable code, one sentence, what to do, and the place."""

    error: str
    detail: str
    hint: str = ""
    where: str = ""


def response_of(error: Exception) -> Response:
    """The answer to an error that was foreseen, and the silent one to any other."""
    if isinstance(error, Refused):
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return _answer(error.status, error.fault, headers)
    if isinstance(error, RelanceError):
        status = status_of(error)
        fault = Fault(error.code, error.message, error.hint, error.where)
        return _answer(status, fault, _RETRY_AFTER if status == 503 else None)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        fault = Fault(_CODE_OF_STATUS.get(error.status_code, "refused"), _said(error))
        return _answer(error.status_code, fault, error.headers)
    note_unforeseen(error)
    return _answer(500, Fault("internal", "something went wrong here; it was noted", "try again, or tell us when"))


def status_of(error: RelanceError) -> int:
    """The status of an error of ours; 500 for one that no caller can cause."""
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return _STATUS_OF_CODE.get(error.code, status)
    return 500


def note_unforeseen(error: BaseException) -> None:
    """Logs the kind of an error and where it was raised; never its message."""
    logger.error("unforeseen %s", kind_and_place(error, frames=8))


Shown = Callable[[Request, Exception], Response]
"""How an error is answered where people look at pages."""


def install(
    app: FastAPI, *, pages: Mapping[str, Shown] = MappingProxyType({}), kinds: Iterable[type[Exception]] = ()
) -> None:
    """Every error that an endpoint raises is answered here; below the paths of `pages`, by a page.

    `kinds` are errors that only pages know.
    """

    def answer(request: Request, error: Exception) -> Response:
        for path, shown in pages.items():
            if request.url.path.startswith(path):
                return shown(request, error)
        return response_of(error)

    for kind in (Refused, RelanceError, RequestValidationError, HTTPException, *kinds):
        app.add_exception_handler(kind, answer)


def _answer(status: int, fault: Fault, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(msgspec.structs.asdict(fault), status_code=status, headers=headers)


def _said(error: HTTPException) -> str:
    if error.status_code == 400:
        return "the body cannot be read as JSON"
    return str(error.detail).lower()


def _invalid(error: RequestValidationError) -> Response:
    """The first fault, and how many more there are. What was sent is not repeated: it may be a debtor's data."""
    faults = error.errors()
    first = faults[0]
    where = written_place(first["loc"])
    if first["type"] == "json_invalid":
        return _answer(400, Fault("invalid_json", "the body is not JSON", "check commas and quotes", where))
    others = f"{len(faults) - 1} more: " + ", ".join(written_place(each["loc"]) for each in faults[1:6])
    hint = others if len(faults) > 1 else ""
    return _answer(422, Fault("invalid_input", str(first["msg"]), hint, where))


def written_place(path: tuple[int | str, ...]) -> str:
    """`body[0].principal`, as a programmer would write it; a name that was sent is cut short."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}"
    return text.removeprefix(".")
