"""A scenario as facts: the case with its past, the context, the pack that these select. Decides nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.contract import DeliveryStatus
from orchestrator.domain import events as ev
from orchestrator.domain.agreement import HOLDS_OF_PERSON, Blocks, Hold, HoldKind, HoldScope
from orchestrator.domain.amount_line import AmountLine
from orchestrator.domain.apply import apply_all
from orchestrator.domain.campaign import (
    Approval,
    Campaign,
    HandOverTerms,
    Mode,
    Offset,
    Purpose,
    SendTerms,
    Step,
)
from orchestrator.domain.case import Case
from orchestrator.domain.condition import Every
from orchestrator.domain.contact import ContactPerson, ContactPoint, Debtor, Fault, PointKind, PostalAddress
from orchestrator.domain.context import Contact, Context
from orchestrator.domain.creditor import Collector, Creditor, Insurance, Mandate
from orchestrator.domain.debt import Debt, OpeningHistory, Payment
from orchestrator.domain.duration import Duration, Unit
from orchestrator.domain.entry import pack_for
from orchestrator.domain.policy import ContactChannel, Policy, PolicyBook
from orchestrator.domain.rates import Rates
from orchestrator.domain.situation import Situation
from orchestrator.domain.voice import Voice
from orchestrator.intake.policies.policy_yaml import load_packs
from orchestrator.intake.policies.rates_yaml import load_rates
from tests.scenarios.scenario_file import CreditorGiven, DebtGiven, DebtorGiven, Given, Happened, Wish

CAMPAIGNS = Path(__file__).resolve().parents[2] / "campaigns"
STEP = "wished"
_RECEIPTS = {
    "delivered": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "bounced": DeliveryStatus.BOUNCED,
    "complained": DeliveryStatus.COMPLAINED,
    "returned": DeliveryStatus.RETURNED,
}


@cache
def shipped_book() -> PolicyBook:
    """The packs that are shipped."""
    return PolicyBook(load_packs(CAMPAIGNS / "policies"))


@cache
def shipped_rates() -> Rates:
    """The rates that are shipped."""
    return load_rates(CAMPAIGNS / "rates")


class World:
    """A scenario at an instant: `at` is a local hour of the debtor's first zone."""

    def __init__(self, given: Given, wish: Wish, past: tuple[Happened, ...], at: datetime) -> None:
        self.given = given
        self.wish = wish
        self.past = sorted((*given.history, *past), key=lambda line: line.at)
        self._zone = ZoneInfo("UTC")
        self._pack = ""
        self.now = at.replace(tzinfo=self._zone)
        # The zone follows from the facts, and the hours of the facts from the zone: look once to learn it.
        self._zone = ZoneInfo(self.situation().place.zone)
        self.now = self.instant(at)
        # The case follows the pack that its facts select; what may be demanded of its lines hangs on it.
        self._pack = pack_for(self.situation(), shipped_book()) or ""

    def instant(self, local: datetime) -> datetime:
        """A local hour as an instant, in UTC: caps count hours, not what the clock on the wall shows."""
        return local.replace(tzinfo=self._zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """An instant as the debtor's clock shows it."""
        return at.astimezone(self._zone).replace(tzinfo=None)

    def situation(self) -> Situation:
        """The case as it stands."""
        return Situation(self._case(), self._campaign(), self._context(), self.now)

    def policy(self) -> Policy | None:
        """The rules that the facts select on the day; None where nobody wrote any."""
        situation = self.situation()
        return shipped_book().on(self._pack, situation.today, situation.case.debtor.status) if self._pack else None

    # ------------------------------------------------------------------------------------------ the case

    def _case(self) -> Case:
        debtor, debts = _debtor(self.given.debtor), [_debt(each) for each in self.given.debts]
        begin = self.instant(datetime.combine(min(debt.as_of for debt in debts), time(8)))
        facts: list[ev.Event] = [ev.DebtorRecorded(id="debtor", at=begin, debtor=debtor)]
        facts += [ev.DebtRecorded(id=f"debt:{debt.reference}", at=begin, debt=debt) for debt in debts]
        facts.append(self._entered(debts, begin))
        for number, line in enumerate(self.past):
            facts += self._facts(line, number)
        currency = self.given.debts[0].owes.currency
        case = Case(id="CASE000001", creditor="acme", debtor=debtor, currency=currency)
        return apply_all(case, tuple(facts))

    def _entered(self, debts: list[Debt], begin: datetime) -> ev.CampaignEntered:
        return ev.CampaignEntered(
            id="entered:1", at=begin, campaign="scenario", release="r1", policy=self._pack, cycle=1, step_index=0,
            anchors=tuple(debt.reference for debt in debts), anchor_due_on=min(debt.due_on for debt in debts),
            last_left_at=begin, last_voice=Voice.FIRM,
        )  # fmt: skip

    def _facts(self, line: Happened, number: int) -> Iterator[ev.Event]:
        at, name = self.instant(line.at), f"{number}"
        about = line.about or tuple(debt.reference for debt in self.given.debts)
        if line.sent is not None:
            yield self._left(line, at, name, about)
            if line.reported:
                yield ev.DeliveryReported(
                    id=f"receipt:{name}", at=at, message_id=f"M{name}", channel=line.by.channel,
                    status=_RECEIPTS[line.reported],
                )  # fmt: skip
        if line.paid is not None:
            payment = Payment(f"P{name}", line.paid.cents, line.at.date(), line.about)
            yield ev.PaymentReceived(id=f"paid:{name}", at=at, payment=payment)
        if line.acknowledged is not None:
            yield ev.ClaimInterrupted(
                id=f"interrupted:{name}", at=at, reference=line.acknowledged, how="acknowledgment", on=line.at.date()
            )
        if line.hold is not None:
            hold = self._hold(line, at, name)
            yield ev.HoldPlaced(id=f"held:{name}", at=at, hold=hold)
            if line.lifted:
                yield ev.HoldLifted(id=f"lifted:{name}", at=at + timedelta(days=1), hold_id=hold.id, why="over")
        if line.mark is not None:
            yield ev.Marked(id=f"mark:{name}", at=at, mark=line.mark)
        if line.approved is not None:
            cents = line.amount.cents if line.amount else sum(debt.owes.cents for debt in self.given.debts)
            yield ev.ApprovalGiven(
                id=f"approved:{name}", at=at, step=STEP, cycle=1, amount_cents=cents, role=line.approved
            )
        if line.stops is not None:
            yield ev.OptedOut(id=f"out:{name}", at=at, channel=line.stops.channel)

    def _left(self, line: Happened, at: datetime, name: str, about: tuple[str, ...]) -> ev.MessageLeft:
        assert line.sent is not None
        return ev.MessageLeft(
            id=f"left:{name}", at=at, message_id=f"M{name}", step=f"earlier-{name}", cycle=1, ordinal=1,
            channel=line.by.channel, use=line.by, voice=Voice.COURTEOUS, template=line.sent.value.replace("_", "-"),
            kind=line.sent, purpose=Purpose.DEMAND, references=about,
        )  # fmt: skip

    def _hold(self, line: Happened, at: datetime, name: str) -> Hold:
        assert line.hold is not None
        scope = HoldScope.PERSON if line.hold in HOLDS_OF_PERSON else HoldScope.CASE
        scope = HoldScope.DEBTS if line.about or line.amount else scope
        about = line.about or tuple(debt.reference for debt in self.given.debts)
        return Hold(
            id=f"H{name}", kind=line.hold, since=at, scope=scope, until=line.until,
            references=about if scope is HoldScope.DEBTS else (),
            amount_cents=line.amount.cents if line.amount else None,
            blocks=Blocks.ALL if line.hold in (HoldKind.DEATH, HoldKind.SELF_HARM) else Blocks.DEMANDS,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------- around the case

    def _context(self) -> Context:
        contacts = tuple(self._contacts())
        as_of = self.given.ledger_as_of or self.now.date()
        return Context(
            creditor=_creditor(self.given.creditor), contacts=contacts, ledger_as_of=as_of, rates=shipped_rates(),
            costs_cents={use.value: price.cents for use, price in self.given.prices.items()},
            is_sandbox=self.given.sandbox, book=shipped_book() if self._pack else None,
        )  # fmt: skip

    def _contacts(self) -> Iterator[Contact]:
        for number, line in enumerate(self.past):
            if line.sent is None and not line.called:
                continue
            yield Contact(
                at=self.instant(line.at),
                channel=ContactChannel.CALL if line.called else ContactChannel(line.by.channel.value),
                purpose=Purpose.DEMAND, case_id="CASE000001", message_id=f"M{number}",
                is_undelivered=line.reported in ("undelivered", "bounced", "returned"),
                is_conversation=line.called is True and line.answered,
            )  # fmt: skip

    def _campaign(self) -> Campaign:
        """One step, which hands over: only a wish to do so follows the campaign, others are judged by themselves."""
        step = Step(
            id=STEP, at=Offset(Duration(0, Unit.DAY)), choose=(HandOverTerms("pre_litigation", Approval("manager")),)
        )
        return Campaign(
            id="scenario", title="Scenario", policy="", priority=1, audience=Every(), steps=(step,),
            mode=Mode.AUTOMATIC, release="r1", gap=Duration(0, Unit.DAY),
        )  # fmt: skip

    def terms(self) -> SendTerms:
        """What is wished to be sent."""
        wish = self.wish
        assert wish.send is not None
        return SendTerms(
            template=wish.template_name, voice=wish.voice, kind=wish.send,
            purpose=Purpose.ANSWER if wish.answer else Purpose.DEMAND,
            deadline=Duration(wish.deadline, Unit.DAY) if wish.deadline else None,
        )  # fmt: skip


def _debtor(given: DebtorGiven) -> Debtor:
    fault = None if given.owned else Fault.NOT_OWNED
    points = [
        ContactPoint(kind, value, fault or own, given_by_debtor=given.given_by_debtor)
        for kind, value, own in (
            (PointKind.PHONE, given.phone, given.phone_fault),
            (PointKind.EMAIL, given.email, None),
        )
        if value
    ]
    points += [ContactPoint(PointKind.POST, "", fault)] if fault else []
    address = PostalAddress(("12 rue des Lilas",), given.postcode, "VILLE", given.country)
    person = ContactPerson(name=given.name, points=tuple(points), address=address)
    return Debtor(ref="C-1", name=given.name, status=given.status, language=given.language, people=(person,))


def _debt(given: DebtGiven) -> Debt:
    issued = given.issued or given.due - timedelta(days=30)
    return Debt(
        reference=given.reference, principal_cents=given.owes.cents, open_cents=given.owes.cents,
        as_of=min(issued, date(2026, 1, 1)), issued_on=issued, due_on=given.due, claim_kind=given.claim,
        contract_rate=given.contract_rate, has_indemnity_clause=given.indemnity_clause,
        lines=tuple(AmountLine(line.kind, line.amount.cents, line.basis) for line in given.lines),
        history=OpeningHistory(letter_reference="L-1", letter_on=given.letter_on) if given.letter_on else None,
    )  # fmt: skip


def _creditor(given: CreditorGiven) -> Creditor:
    third = given.party == "third_party"
    collector = Collector(
        name="Recouvrement Exemple SAS", siren="552100554", address=("1 place du Marché", "69002 LYON"),
        insurance=Insurance("Assureur Exemple", "P-1") if "insurance" in given.on_file else None,
        declared_to_prosecutor_on=date(2020, 1, 1) if "declaration" in given.on_file else None,
        account="FR7630006000011234567890189" if "account" in given.on_file else "",
        mandate=Mandate(date(2025, 1, 1), "M-1") if "mandate" in given.on_file else None,
    )  # fmt: skip
    return Creditor(
        id="acme", name="Acme SAS", party=given.party, sector=given.sector, jurisdiction=given.jurisdiction,
        address=("1 rue du Port", "13002 MARSEILLE"), signatory="Claire Morel", collector=collector if third else None,
    )  # fmt: skip
