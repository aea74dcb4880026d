"""How amounts, days, instants and counts are written on screen, in a visitor's language and time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from orchestrator.rendering.typography import TERRITORIES, typography


class Formats:
    """The hand of one visitor."""

    def __init__(self, language: str, zone: str, now: datetime) -> None:
        self._hand = typography(language)
        self._locale = TERRITORIES.get(language, language)
        self._zone = ZoneInfo(zone)
        self._now = now

    def money(self, cents: int, currency: str = "EUR") -> str:
        """`1 234,56 €`."""
        return self._hand.amount(cents, currency)

    def number(self, count: float) -> str:
        """`1 234`."""
        return format_decimal(count, locale=self._locale)

    def cents(self, amount: int) -> str:
        """`1 234,56` of minor units, where the currency stands elsewhere or is not known."""
        return format_decimal(amount / 100, format="#,##0.00", locale=self._locale)

    def percent(self, share: float, decimals: int = 0) -> str:
        """`12 %` of 0.12."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_percent(share, format=f"{pattern}\u00a0%" if self._hand.language == "fr" else f"{pattern}%",
                              locale=self._locale)  # fmt: skip

    def day(self, on: date | datetime | None) -> str:
        """`12 mars 2026`; a dash for none."""
        if on is None:
            return "–"
        return format_date(self._local(on), format="d MMM y", locale=self._locale)

    def moment(self, at: datetime | None) -> str:
        """`12 mars 2026 14:05` in the visitor's zone; the hour alone today; a dash for none."""
        if at is None:
            return "–"
        local = at.astimezone(self._zone)
        if local.date() == self._now.astimezone(self._zone).date():
            return format_time(local, format="HH:mm", locale=self._locale)
        return format_datetime(local, format="d MMM y HH:mm", locale=self._locale)

    def clock(self, at: datetime) -> str:
        """`14:05:09` in the visitor's zone."""
        return format_time(at.astimezone(self._zone), format="HH:mm:ss", locale=self._locale)

    def ago(self, at: datetime | None) -> str:
        """`il y a 5 minutes`, `dans 2 heures`; a dash for none."""
        if at is None:
            return "–"
        return format_timedelta(at - self._now, add_direction=True, locale=self._locale)

    def lasting(self, time: timedelta) -> str:
        """`3 jours`."""
        return format_timedelta(time, locale=self._locale)

    def iso(self, at: date | datetime) -> str:
        """For `<time datetime>`."""
        return at.isoformat()

    def _local(self, on: date | datetime) -> date:
        return on.astimezone(self._zone).date() if isinstance(on, datetime) else on
