"""A person says whose a reply is that nobody could place: it does then what it would have done, and waits as others do.

What its words ask for is read again as they were understood; the sender's number or address is not given to the debtor.
"""

from orchestrator.domain.campaign import AgreementTerms
from orchestrator.domain.case import Case
from orchestrator.domain.errors import Conflict, NotFound
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.reply_effects import effects, needs_person
from orchestrator.domain.written_reply import Written
from orchestrator.flows.act_on_case import lock_case
from orchestrator.flows.answer_reply import AtWork
from orchestrator.flows.claim_reply import hold_claim, visible_reply
from orchestrator.flows.protect_person import told_elsewhere
from orchestrator.flows.record_facts import record_in
from orchestrator.flows.strategy import Strategy
from orchestrator.flows.task_rows import line_up_fragile, tasks_of
from orchestrator.storage import replies, tasks, waiting_replies
from orchestrator.storage.database import Database
from orchestrator.storage.replies import Reply

_KIND = "unknown_sender"


def place_reply(database: Database, strategy: Strategy, reply_id: str, case_id: str, who: AtWork) -> Reply:
    """Attaches a reply to a case, which it acts upon. Raises NotFound, or Conflict when it has a case already."""
    with database.begin() as conn:
        reply = visible_reply(conn, reply_id, who.creditors)
        case, others = lock_case(conn, case_id.strip().upper())
        if who.creditors is not None and case.creditor not in who.creditors:
            raise NotFound("no case has this id")
        hold_claim(conn, reply, by=who.by, real_now=who.real_now)
        if not replies.place(conn, reply_id, case_id=case.id):
            raise Conflict("this reply is of a case already", hint="look at it again", code="reply_placed")
        facts = effects(_written(reply, case, who), reply.reading, _terms(case, strategy))
        record_in(conn, [*((case.id, fact) for fact in facts), *told_elsewhere(case, others, facts)], now=who.now)
        tasks.open_tasks(conn, tasks_of(case.id, facts))
        asked = tasks.Closing(f":{_KIND}:{reply_id}", "placed", who.by)
        tasks.close_tasks(conn, [asked], now=who.now)
        waiting_replies.settle(conn, reply_id, creditor=case.creditor)
        line_up_fragile(conn, case.id, facts)
        if not needs_person(facts):
            replies.close(conn, [reply_id])
        return replies.load(conn, [reply_id])[0]


def _written(reply: Reply, case: Case, who: AtWork) -> Written:
    """As it came, by a person's word: whether it is truly the debtor's is what they have decided."""
    return Written(
        case=case,
        name=f"reply:{reply.id}",
        at=who.now,
        by="debtor",
        channel=reply.channel,
        reply_id=reply.id,
        words=reply.reading.words,
        point=reply.sender,
        written_at=min(reply.received_at, who.now),
    )


def _terms(case: Case, strategy: Strategy) -> AgreementTerms:
    campaign = pinned_campaign(case, strategy.all_campaigns)
    return campaign.agreements if campaign else AgreementTerms()
