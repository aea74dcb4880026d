"""What documents of one law must say: mentions whose values are read back beside their wording. See `mentions.py`."""

from collections.abc import Callable
from functools import partial

from orchestrator.rendering.facts import FACTS
from orchestrator.rendering.seen_text import SeenText, flat


def _said(seen: SeenText, *, name: str, facts: tuple[str, ...]) -> bool:
    return seen.says(name, *facts)


def _named(seen: SeenText, *, facts: tuple[str, ...]) -> bool:
    return seen.value(*facts)


def _cut_notice(seen: SeenText) -> bool:
    """Never of water: such a letter is held back whatever its words (CASF L115-3)."""
    return FACTS["matter"].read(seen.reading) != "water" and seen.says("cut_notice", "deadline", "creditor")


def _interest_reckoning(seen: SeenText) -> bool:
    """Rate and days of each sum of interest, or the words that none is asked for."""
    lines = [line for line in seen.reading.statement.statutory if line.is_claimed and line.kind != "indemnity"]
    if not lines:
        return seen.sign("interest_reckoning")
    hand = seen.reading.hand
    rates = [hand.percent(line.percent) for line in lines]
    days = [hand.day(day) for line in lines for day in (line.from_on, line.to_on) if day is not None]
    return len(days) == 2 * len(lines) and all(seen.has(words) for words in (*rates, *days))


def _amicable_emphasis(seen: SeenText) -> bool:
    return any(flat(sign) in seen.bold for sign in seen.signs.get("amicable_emphasis", ()))


def _itemisation(seen: SeenText) -> bool:
    """Each document as issued and as it stands, what was added and taken off, and what is due now."""
    rows = FACTS["invoices"].read(seen.reading)
    assert isinstance(rows, tuple)  # noqa: S101 - the fact is a list of rows
    places = [FACTS["invoices"].fields.index(field) for field in ("issued", "principal", "paid", "open")]
    totals = ("amount_original", "amount_interest", "amount_accessories", "amount_settled", "amount")
    return bool(rows) and seen.value(*totals) and all(seen.has(str(row[place])) for row in rows for place in places)


def _balance_left(seen: SeenText) -> bool:
    return seen.value("amount_open") if FACTS["something_open"].read(seen.reading) else seen.sign("balance_left")


def _sender_siren(seen: SeenText) -> bool:
    name = "collector_siren" if seen.reading.collector else "creditor_siren"
    return not FACTS[name].read(seen.reading) or seen.value(name)


# Wordings with the values that must stand beside them.
_WITH_VALUES: dict[str, tuple[str, ...]] = {
    "more_days": ("deadline",),
    "cover_suspension": ("deadline",),
    "contract_end": ("creditor",),
    "loan_transfer": ("transferred_date", "original_creditor", "creditor"),
    "servicer": ("authorisation", "sender"),
    "authority": ("authority",),
    "address_source": ("creditor",),
    "fourteen_days_after_delivery": ("amount",),
    "dutch_cost": ("dutch_cost",),
    "fourteen_days": ("amount",),
    "belgian_indemnity": ("belgian_indemnity",),
    "remedy": ("deadline", "amount"),
    "arrears_sheet": ("arrears_sheet",),
    "default_sheet": ("default_sheet",),
    "claim_sheets": ("claim_sheets",),
    "reply_form": ("deadline",),
    "right_to_dispute": ("deadline",),
}
LAW_CHECKS: dict[str, Callable[[SeenText], bool]] = {
    **{name: partial(_said, name=name, facts=facts) for name, facts in _WITH_VALUES.items()},
    "cut_notice": _cut_notice,
    "contract_basis": partial(_named, facts=("contract_object", "contract_date")),
    "contract_object": partial(_named, facts=("contract_object",)),
    "company_number": partial(_named, facts=("company_number",)),
    "agreement": partial(_named, facts=("contract",)),
    "account_end": partial(_named, facts=("account_end",)),
    "interest_reckoning": _interest_reckoning,
    "amicable_emphasis": _amicable_emphasis,
    "itemisation": _itemisation,
    "payment_received": partial(_named, facts=("received_amount", "received_date")),
    "balance_left": _balance_left,
    "sender_siren": _sender_siren,
}
# Those of them that a phrasebook words.
LAW_WORDINGS = (*_WITH_VALUES, "cut_notice", "interest_reckoning", "amicable_emphasis", "balance_left")
