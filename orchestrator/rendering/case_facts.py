"""Facts of a brief about the case: its reference, its days, its situation. The money is `money_facts.py`."""

from orchestrator.domain.campaign import Purpose, Use
from orchestrator.domain.contact import PointKind
from orchestrator.rendering.reading import Fact, Reading, clean, named

FACTS: dict[str, Fact] = {}


@named(FACTS, "text")
def language(r: Reading) -> str:
    """The language of the message, such as fr."""
    return r.hand.language


@named(FACTS, "text")
def case(r: Reading) -> str:
    """The reference of the case."""
    return clean(r.brief.case_id)


@named(FACTS, "text")
def matter(r: Reading) -> str:
    """What the creditor sells: telecom, rent, energy, …; empty when unknown."""
    return r.brief.creditor.sector or r.brief.sector


@named(FACTS, "text")
def sector(r: Reading) -> str:
    """The debtor's trade: hotels, building, …; empty when unknown."""
    return r.brief.debtor.sector or r.brief.sector


@named(FACTS, "text")
def country(r: Reading) -> str:
    """Where the debtor lives, as two letters such as FR."""
    return r.brief.country or r.brief.creditor.jurisdiction


@named(FACTS, "flag")
def registered(r: Reading) -> bool:
    """Whether this is a registered letter."""
    return r.brief.send.use is Use.REGISTERED


@named(FACTS, "flag")
def demand(r: Reading) -> bool:
    """Whether the message asks for money."""
    return r.brief.send.purpose is not Purpose.ANSWER


# ---------------------------------------------------------------- when


@named(FACTS, "text")
def today(r: Reading) -> str:
    """The day printed on the message."""
    return r.hand.day(r.brief.dated_on)


@named(FACTS, "text")
def deadline(r: Reading) -> str:
    """The last day named in the message, or empty."""
    return r.hand.day(r.brief.deadline_on) if r.brief.deadline_on else ""


@named(FACTS, "text")
def last_contact_date(r: Reading) -> str:
    """When the last message left, or empty."""
    return r.hand.day(r.brief.last_contact_on) if r.brief.last_contact_on else ""


@named(FACTS, "flag")
def first_contact(r: Reading) -> bool:
    """Whether nothing was sent before."""
    return r.brief.last_contact_on is None


@named(FACTS, "text")
def letter_reference(r: Reading) -> str:
    """The reference of a third party's first letter; of that letter itself, its own."""
    return clean(r.brief.letter_reference or (r.brief.case_id if r.is_r124 else ""))


@named(FACTS, "text")
def letter_date(r: Reading) -> str:
    """The date of that letter."""
    day = r.brief.letter_on or (r.brief.dated_on if r.is_r124 else None)
    return r.hand.day(day) if day else ""


# ---------------------------------------------------------------- the situation


@named(FACTS, "flag")
def good_payer(r: Reading) -> bool:
    """Whether the debtor usually pays on time."""
    return "good_payer" in r.brief.marks


@named(FACTS, "flag")
def in_crisis(r: Reading) -> bool:
    """Whether a crisis is laid over the case (mark `crisis`)."""
    return "crisis" in r.brief.marks


@named(FACTS, "flag")
def restated(r: Reading) -> bool:
    """Whether this is the first word after a long silence (semantics B5)."""
    return r.brief.send.is_restatement


@named(FACTS, "flag")
def offers_plan(r: Reading) -> bool:
    """Whether paying in several times may be spoken of."""
    return "plan" in r.brief.send.offer


@named(FACTS, "flag")
def offers_deferral(r: Reading) -> bool:
    """Whether more time may be spoken of."""
    return "deferral" in r.brief.send.offer


@named(FACTS, "flag")
def offers_settlement(r: Reading) -> bool:
    """Whether an arrangement on the sum may be spoken of."""
    return "settlement" in r.brief.send.offer


@named(FACTS, "flag")
def show_amount(r: Reading) -> bool:
    """Whether an SMS may carry the amount: the number is verified, or the deployment says so (semantics D9)."""
    point = r.brief.person.point(PointKind.PHONE) if r.brief.person else None
    return r.may_show_amount or (point is not None and point.verified)
