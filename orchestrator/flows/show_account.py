"""What a case owes, as every screen says it: its principals, and the lines that the pack of the day lets be demanded.

The same figures as `why` and the messages; holds take nothing from what is open.
"""

from datetime import datetime

from orchestrator.domain.account import Account
from orchestrator.domain.case import Case
from orchestrator.domain.context import Context
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.progress import pinned_campaign
from orchestrator.domain.situation import Situation
from orchestrator.flows.strategy import Strategy


def show_account(case: Case, strategy: Strategy, *, now: datetime) -> Account:
    """The account of a case today. Reads nothing: pauses, crises and other cases change no sum."""
    context = Context(
        creditor=strategy.creditors.get(case.creditor) or Creditor(id=case.creditor, name=case.creditor),
        book=strategy.book,
        mode=strategy.mode,
        is_rehearsal=strategy.is_rehearsal,
    )
    return Situation(case, pinned_campaign(case, strategy.all_campaigns), context, now).account
