"""What invented debtors write, word for word: their promises, disputes and stops are read as anybody's would be."""

from datetime import date
from random import Random

from channels.contract import Channel, Inbound
from orchestrator.domain.case import Case
from orchestrator.domain.events import DisputeOpened, Event, PromiseMade
from orchestrator.simulator.deeds import Deed, DeedKind

_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}
_WORDS: dict[str, dict[DeedKind, tuple[str, ...]]] = {
    "fr": {
        DeedKind.PROMISE: (
            "Bonjour, je paierai {amount} euros le {day} {month}.",
            "je regle {amount} euros le {day} {month} promis",
            "Ok je fais un virement de {amount} € le {day} {month}, cordialement",
        ),
        DeedKind.DISPUTE: (
            "Je conteste la facture {reference}, le montant est faux.",
            "Bonjour, je ne suis pas d'accord avec {reference} : la prestation n'a pas été faite. Je conteste.",
        ),
        DeedKind.HARDSHIP: (
            "Je ne peux pas payer en ce moment, j'ai perdu mon travail.",
            "bonjour, je suis au chomage je n'ai pas les moyens de payer",
        ),
        DeedKind.CLAIM_PAID: (
            "J'ai déjà payé cette facture par virement.",
            "Bonjour, c'est déjà réglé, virement fait.",
        ),
        DeedKind.STOP: ("STOP", "stop svp", "Ne me contactez plus."),
    },
    "en": {
        DeedKind.PROMISE: (
            "Hello, I will pay {amount} euros on {day} {month}.",
            "I'll pay {amount} EUR on {day} {month}",
        ),
        DeedKind.DISPUTE: ("I dispute invoice {reference}: the amount is wrong.",),
        DeedKind.HARDSHIP: ("I can't pay right now, I lost my job.",),
        DeedKind.CLAIM_PAID: ("I have already paid this invoice by bank transfer.",),
        DeedKind.STOP: ("STOP", "Please stop contacting me."),
    },
}
SPOKEN = frozenset(_WORDS["fr"])


def write(case: Case, deed: Deed, facts: list[Event], rng: Random) -> Inbound | None:
    """The deed as an SMS or e-mail; None when it is told in another way, or has no object."""
    if deed.kind not in SPOKEN or deed.channel not in (Channel.SMS, Channel.EMAIL) or not facts:
        return None
    language = case.debtor.language if case.debtor.language in _WORDS else "fr"
    text = rng.choice(_WORDS[language][deed.kind]).format_map(_said(facts[0], language))
    # An e-mail is answered in its thread; a text message says only whom it is from.
    attempt_ids = [d.attempt_id for d in case.departures if d.message_id == deed.message_id]
    attempt_id = attempt_ids[0] if attempt_ids and deed.channel is Channel.EMAIL else ""
    return Inbound(
        channel=deed.channel,
        dedup_key=f"{case.id}:{deed.key}",
        sender=deed.point,
        to="",
        text=text,
        attempt_id=attempt_id,
        occurred_at=deed.at,
    )


def _said(fact: Event, language: str) -> dict[str, str]:
    if isinstance(fact, PromiseMade):
        due_on: date = fact.promise.due_on
        euros, cents = divmod(fact.promise.amount_cents, 100)
        mark = "," if language == "fr" else "."
        amount = f"{euros}{mark}{cents:02d}" if cents else str(euros)
        return {"amount": amount, "day": str(due_on.day), "month": _MONTHS[language][due_on.month - 1]}
    if isinstance(fact, DisputeOpened):
        return {"reference": fact.hold.references[0]}
    return {}
