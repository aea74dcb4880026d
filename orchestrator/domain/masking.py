"""Contact data as those see it who need not call or write: enough to recognise, not enough to use."""

from orchestrator.domain.contact import PointKind, PostalAddress

_DOTS = "•••"
_SHOWN_DIGITS = 2


def masked(kind: PointKind, value: str) -> str:
    """`+33 ••• 34`, `j•••@example.org`. A value too short to hide anything of is hidden whole."""
    if not value:
        return ""
    if kind is PointKind.EMAIL:
        local, at, domain = value.rpartition("@")
        return f"{local[:1]}{_DOTS}@{domain}" if at and local else _DOTS
    if kind is PointKind.PHONE and len(value) > 3 * _SHOWN_DIGITS:
        return f"{value[:3] if value.startswith('+') else ''} {_DOTS} {value[-_SHOWN_DIGITS:]}".strip()
    return _DOTS


def masked_address(address: PostalAddress) -> PostalAddress:
    """The city and the country; neither the street nor the end of the postcode."""
    lines = (_DOTS,) if address.lines else ()
    postcode = f"{address.postcode[:2]}{_DOTS}" if address.postcode else ""
    return PostalAddress(lines, postcode, address.city, address.country)


def masked_destination(channel: str, value: str) -> str:
    """The number or address that a message went to."""
    return masked(PointKind.EMAIL if channel == "email" else PointKind.PHONE, value)
