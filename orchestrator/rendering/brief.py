"""What a message must say, as facts: the input of every template. Owns no words and no looks."""

from datetime import date

import msgspec

from orchestrator.domain.agreement import Promise
from orchestrator.domain.contact import ContactPerson, Debtor
from orchestrator.domain.creditor import Creditor
from orchestrator.domain.debt import Payment
from orchestrator.domain.decision import Send
from orchestrator.domain.statement import Statement


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the words of one message may draw on. `dated_on` is the day where the debtor lives.

    `link` is the message's own portal address. `letter_reference` and `letter_on` recall the R124-4 letter of a
    third-party collector. `last_contact_on` is the last message that left, `deadline_on` a printed date, `payment` the
    one that a receipt is for. `words` are those that a person wrote themselves. `country` is where the debtor lives;
    empty, it is the creditor's. `payee` is to whom the debts are owed when that is not the creditor.
    """

    case_id: str
    attempt_id: str
    debtor: Debtor
    person: ContactPerson | None
    creditor: Creditor
    send: Send
    statement: Statement
    language: str
    dated_on: date
    link: str
    deadline_on: date | None = None
    letter_reference: str = ""
    letter_on: date | None = None
    last_contact_on: date | None = None
    promise: Promise | None = None
    payment: Payment | None = None
    marks: frozenset[str] = frozenset()
    sector: str = ""
    words: str = ""
    country: str = ""
    payee: str = ""
