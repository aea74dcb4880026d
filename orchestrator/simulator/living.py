"""Debtors and ledgers that live on while somebody watches: what leaves is delivered, answered and paid, bills come in.

For a demonstration beside the real workers. Nothing here decides or sends: it only does what the outside world would.
"""

import heapq
from datetime import date, datetime, timedelta
from random import Random

from msgspec.structs import replace

from channels.contract import Channel
from orchestrator.domain.apply import apply
from orchestrator.domain.case import Case
from orchestrator.domain.debt import Debt
from orchestrator.domain.events import DebtRecorded, Event
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.record_replies import record_replies
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.take_reply import Heard, take_reply
from orchestrator.simulator.deeds import Crowd, Deed
from orchestrator.storage import cases, journal
from orchestrator.storage.database import Database

# Bills that are found overdue: many at first, then some each hour, so that there is always something to remind of.
FIRST_BILLS, BILLS_AN_HOUR = 60, 24
# Words that no program should answer alone: some wait from the beginning, then one comes each hour.
FIRST_LETTERS, LETTERS_AN_HOUR = 4, 1
_LETTERS = (
    "Bonjour, je viens de perdre mon emploi et je ne sais pas comment faire. Pouvez-vous m'aider ?",
    "Je ne comprends pas cette facture, pouvez-vous m'expliquer à quoi elle correspond ?",
    "Mon mari est hospitalisé, je m'occupe de ses papiers comme je peux. Merci de patienter.",
    "J'ai déjà appelé deux fois, personne ne me répond. Que dois-je faire ?",
    "Nous sommes en procédure de sauvegarde depuis le mois dernier, voyez avec le mandataire.",
    "Le matériel livré n'est pas celui commandé, je l'ai signalé à votre commercial.",
)
_OVERDUE_DAYS = 9
# Answers take a debtor hours; whoever watches sees the first within minutes.
_HASTE = 4


class LivingDebtors:
    """The debtors of a demonstration's database, from now on. `step` is called again and again, by one thread."""

    def __init__(self, database: Database, crowd: Crowd, *, seed: int) -> None:
        self._database = database
        self._crowd = crowd
        self._rng = Random(f"{seed}|living")  # noqa: S311 - invented people, no secret
        self._deeds: list[tuple[tuple[datetime, str, str], int, Deed]] = []
        self._thought = 0
        self._day: date | None = None
        self._last: datetime | None = None
        self._written = 0
        with database.read() as conn:
            self._seen = journal.last_seq(conn)

    def step(self, strategy: Strategy, *, now: datetime, today: date) -> None:
        """What has happened by now: the morning's ledgers, bills, letters, receipts, replies and payments."""
        if today != self._day:
            for creditor in sorted(strategy.creditors):
                confirm_ledger(self._database, creditor, as_of=today, now=now, by="demo")
            self._day = today
        hours = 0.0 if self._last is None else min((now - self._last) / timedelta(hours=1), 1.0)
        is_first, self._last = self._last is None, now
        self._bill(now, today, FIRST_BILLS if is_first else self._some(BILLS_AN_HOUR * hours))
        self._write(strategy, now, FIRST_LETTERS if is_first else self._some(LETTERS_AN_HOUR * hours))
        self._hear(now)
        self._happen(strategy, now)

    def _some(self, expected: float) -> int:
        """A whole number that is `expected` on average."""
        return int(expected) + (self._rng.random() < expected % 1)

    def _bill(self, now: datetime, today: date, count: int) -> None:
        if count:
            billed = self._some_debtors(count)
            facts = [(case.id, _next_bill(case, now, today)) for case in billed if not case.holds]
            record_facts(self._database, facts, now=now)

    def _write(self, strategy: Strategy, now: datetime, count: int) -> None:
        if not count:
            return
        with self._database.read() as conn:
            known = [stored.case for page in cases.each(conn, cases.Filter(state="open")) for stored in page]
        spoken_to = [case for case in known if case.departures and case.debtor.language != "en"]
        for case in self._rng.sample(spoken_to, min(count, len(spoken_to))):
            text = _LETTERS[self._written % len(_LETTERS)]
            self._written += 1
            key = f"demo-{now:%Y%m%d%H%M}-{self._written}"
            take_reply(self._database, strategy, case.id, Heard(channel=Channel.EMAIL, text=text), key=key, now=now)

    def _some_debtors(self, count: int) -> list[Case]:
        """Customers of whom a bill is known and no bill is open now: they buy again."""
        with self._database.read() as conn:
            known = [stored.case for page in cases.each(conn) for stored in page]
        idle = [
            case for case in known if case.state.value == "closed" and any(not debt.is_credit for debt in case.debts)
        ]
        return self._rng.sample(idle, min(count, len(idle)))

    def _hear(self, now: datetime) -> None:
        with self._database.read() as conn:
            lines = journal.after(conn, self._seen, type_name="message.left")
            written_to = {item.case.id: item.case for item in cases.load(conn, {line.case_id for line in lines})}
        for line in lines:
            self._seen = max(self._seen, line.seq)
            left = {getattr(line.fact, "message_id", "")}
            case = written_to[line.case_id]
            for departure in case.departures:
                if departure.message_id in left and not departure.is_observed:
                    self._expect(self._crowd.hear(case, departure), now)

    def _expect(self, deeds: list[Deed], now: datetime) -> None:
        for deed in deeds:
            sooner = replace(deed, at=max(now, now + (deed.at - now) / _HASTE))
            self._thought += 1
            heapq.heappush(self._deeds, (sooner.order, self._thought, sooner))

    def _happen(self, strategy: Strategy, now: datetime) -> None:
        while self._deeds and self._deeds[0][2].at <= now:
            deed = heapq.heappop(self._deeds)[2]
            with self._database.read() as conn:
                (stored,) = cases.load(conn, [deed.case_id])
            done = self._crowd.do(stored.case, deed)
            if done.text is not None:
                (recorded,) = record_replies(self._database, strategy, [done.text], now=now)
                if recorded.case_id:
                    with self._database.read() as conn:
                        (after,) = cases.load(conn, [recorded.case_id])
                    self._expect(self._crowd.follow(after.case, deed, recorded.reply_id), now)
            case, facts = stored.case, []
            for fact in done.facts:
                case = apply(case, fact)
                facts.append((deed.case_id, fact))
            record_facts(self._database, facts, now=now)
            self._expect(done.deeds, now)


def _next_bill(case: Case, now: datetime, today: date) -> Event:
    """The same as the last one, a while overdue: nobody paid it, perhaps because it came while they were away."""
    last = max((debt for debt in case.debts if not debt.is_credit), key=lambda debt: (debt.due_on, debt.reference))
    due_on = today - timedelta(days=_OVERDUE_DAYS)
    stem = last.reference.rpartition("/")[0] or last.reference
    bill = Debt(
        reference=f"{stem}/{today:%m%d}",
        principal_cents=abs(last.principal_cents),
        open_cents=abs(last.principal_cents),
        as_of=today,
        issued_on=due_on - timedelta(days=30),
        due_on=due_on,
        claim_kind=last.claim_kind,
        debt_kind="invoice",
    )
    return DebtRecorded(id=f"bill:{bill.reference}", at=now, debt=bill)
