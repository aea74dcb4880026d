"""Draws a text as a QR code in SVG: one path, no colour, its quiet zone included. Does not know what the text means."""

import math
import re
from functools import cache
from typing import Literal

import zxingcpp

from orchestrator.domain.errors import InputError

_DARK_RUN = re.compile(rb"\x00+")


def svg(text: str, *, level: Literal["L", "M", "Q", "H"]) -> bytes:
    """The code of `text` at that error correction level, in the smallest version that holds it.

    One module is one unit, and four light modules stand on each side (ISO/IEC 18004). Dark runs are strokes, not
    boxes: a third of the path, so half the time to compose it and no hairline between rows.
    Raises InputError when the text is empty or too long for a code.
    """
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError as error:
        raise InputError("A QR code holds 1 to some 2,000 characters", code="invalid_qr") from error
    image = code.to_image(scale=1, add_quiet_zones=True)
    modules = memoryview(image).tobytes()  # type: ignore[arg-type]  # it is a buffer, and its stubs do not say so
    side = math.isqrt(len(modules))
    starts = _starts(side)
    # The light quiet zone ends every row, so a run never crosses from one row to the next.
    path = "".join([f"{starts[run.start()]}{run.end() - run.start()}" for run in _DARK_RUN.finditer(modules)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -.5 {side} {side}"><path stroke="#000" d="{path}"/></svg>'
    ).encode("ascii")


@cache
def _starts(side: int) -> list[str]:
    """The path command that begins a stroke at each module of a code of that side: there are forty sides."""
    return [f"M{module % side} {module // side}h" for module in range(side * side)]
