"""The fields that a column mapping may fill, for debts, payments and holds. A table of words; no logic."""

from enum import StrEnum

import msgspec


class Subject(StrEnum):
    """What the rows of a file are."""

    DEBTS = "debts"
    PAYMENTS = "payments"
    HOLDS = "holds"


class FieldUse(msgspec.Struct, frozen=True):
    """What a field means; whether a mapping must say where it comes from; whether it takes several values."""

    meaning: str
    is_required: bool = False
    is_many: bool = False


_DEBTS = {
    "creditor": FieldUse("id of the creditor, as in its file", is_required=True),
    "reference": FieldUse("number of the document, unique for the creditor", is_required=True),
    "document": FieldUse("invoice, credit_note, payment, payment_on_account, adjustment or rejected_debit"),
    "principal": FieldUse("original amount of the document"),
    "open_amount": FieldUse("what is still open of it on the `as_of` date"),
    "debit": FieldUse("original amount where the ledger has a debit and a credit column"),
    "credit": FieldUse("original amount of a credit, where the ledger has a debit and a credit column"),
    "currency": FieldUse("ISO 4217, such as EUR", is_required=True),
    "issued_on": FieldUse("date of the document"),
    "due_on": FieldUse("date on which it falls due", is_required=True),
    "claim_kind": FieldUse("what it is for: goods, services, telecom, rent, energy, … (sets the limitation)"),
    "debt_kind": FieldUse("invoice, subscription, instalment, … (free word, for conditions)"),
    "payment_method": FieldUse("transfer, direct_debit, card, cheque or cash"),
    "next_collection_on": FieldUse("date of the next scheduled direct debit"),
    "reject_code": FieldUse("SEPA code of a rejected direct debit, such as AM04"),
    "order_ref": FieldUse("the debtor's order number"),
    "contract_ref": FieldUse("number of the contract, policy or credit agreement that it comes from"),
    "contracted_on": FieldUse("date of that contract"),
    "matching_code": FieldUse("the ledger's own matching of documents (lettrage)"),
    "contract_rate": FieldUse("yearly rate of late penalties that the contract sets, in percent"),
    "indemnity_clause": FieldUse("yes when the contract fixes a sum for late payment"),
    "interest_amount": FieldUse("interest open on the `as_of` date, beside the open amount"),
    "interest_basis": FieldUse("its legal basis: contract_interest, legal_interest, … (docs/import.md lists them)"),
    "penalty_amount": FieldUse("late penalties open on that date"),
    "penalty_basis": FieldUse("their legal basis: l441_10_penalty, contract_clause, …"),
    "indemnity_amount": FieldUse("fixed indemnities open on that date"),
    "indemnity_basis": FieldUse("their legal basis: l441_10_indemnity, contract_clause, …"),
    "fee_amount": FieldUse("fees open on that date"),
    "fee_basis": FieldUse("their legal basis: statute_cheque_cost, statute_co_ownership_10_1, …"),
    "damages_amount": FieldUse("damages open on that date"),
    "damages_basis": FieldUse("their legal basis: court_award"),
    "payee": FieldUse("who is to be paid when it is not the creditor, such as a factor"),
    "payee_iban": FieldUse("account of that payee"),
    "debtor_ref": FieldUse("the creditor's number of the debtor", is_required=True),
    "name": FieldUse("name of the person or firm", is_required=True),
    "status": FieldUse("consumer, sole_trader, company, non_professional or public_body"),
    "party": FieldUse("whom the address reaches: debtor, co_debtor, guarantor, payer, representative, estate, …"),
    "siren": FieldUse("SIREN, SIRET or French VAT number of a firm"),
    "sector": FieldUse("the debtor's sector (free word, for conditions)"),
    "solvency": FieldUse("last solvency finding (free word, for conditions)"),
    "language": FieldUse("ISO 639-1, such as fr"),
    "contact_role": FieldUse("self, accounts_payable, buyer, owner, finance, representative or adviser"),
    "contact_name": FieldUse("name of the contact person"),
    "email": FieldUse("e-mail addresses", is_many=True),
    "phone": FieldUse("phone numbers", is_many=True),
    "given_by_debtor": FieldUse("no when the addresses were found rather than given by the debtor"),
    "address_1": FieldUse("street line"),
    "address_2": FieldUse("street line"),
    "address_3": FieldUse("street line"),
    "address_4": FieldUse("street line"),
    "postcode": FieldUse("postcode"),
    "city": FieldUse("city"),
    "country": FieldUse("country, as ISO 3166 or by its French or English name"),
    "marks": FieldUse("marks on the case, such as good_payer or vulnerable", is_many=True),
    "opt_outs": FieldUse("channels closed by the debtor: sms, email, letter, call, all", is_many=True),
    "disputed": FieldUse("yes when the debtor disputes it"),
    "disputed_amount": FieldUse("the part in dispute, when it is not all of it"),
    "settled_on": FieldUse("date on which it was settled, for replays of old ledgers"),
    "last_step": FieldUse("last reminder sent before the take-over, as a step's id or level"),
    "last_contact_on": FieldUse("its date"),
    "formal_notice_on": FieldUse("date of a formal notice already sent"),
    "formal_notice_reference": FieldUse("its reference or registered number"),
    "letter_on": FieldUse("date of a first collection letter already sent (CPCE R124-4)"),
    "letter_reference": FieldUse("its reference"),
    "promised_on": FieldUse("date until which payment was promised"),
    "promised_amount": FieldUse("amount promised, when it is not all of it"),
    "hold_kind": FieldUse("reason for which nothing may be demanded: dispute, plan, insolvency, veto, …"),
    "hold_until": FieldUse("last day of that hold"),
}  # fmt: skip

_PAYMENTS = {
    "creditor": FieldUse("id of the creditor, as in its file", is_required=True),
    "id": FieldUse("number of the payment, unique for the creditor", is_required=True),
    "debtor_ref": FieldUse("the creditor's number of the debtor, needed when no document is named"),
    "amount": FieldUse("what was received", is_required=True),
    "currency": FieldUse("ISO 4217, such as EUR", is_required=True),
    "received_on": FieldUse("date of value", is_required=True),
    "references": FieldUse("documents that it pays; none when it is unallocated", is_many=True),
    "method": FieldUse("transfer, direct_debit, card, cheque or cash"),
    "reversed_on": FieldUse("date on which it was taken back"),
    "reversal_code": FieldUse("SEPA code of the reject, such as AM04"),
}

_HOLDS = {
    "creditor": FieldUse("id of the creditor, as in its file", is_required=True),
    "debtor_ref": FieldUse("the creditor's number of the debtor", is_required=True),
    "references": FieldUse("documents that are held; none holds the case", is_many=True),
    "kind": FieldUse("dispute, promise, plan, deferral, insolvency, veto, …", is_required=True),
    "since": FieldUse("first day", is_required=True),
    "until": FieldUse("last day; without it the hold waits for a person, and review_on is needed"),
    "review_on": FieldUse("day on which a person looks at a hold without end"),
    "amount": FieldUse("the part in dispute of a single document"),
    "currency": FieldUse("ISO 4217, needed with an amount"),
    "blocks": FieldUse("demands (default) or all"),
    "reason": FieldUse("a few words for the file; not shown to the debtor"),
    "paper": FieldUse("the paper that says so, such as the number of a decision or a judgment"),
}

FIELDS: dict[Subject, dict[str, FieldUse]] = {
    Subject.DEBTS: _DEBTS,
    Subject.PAYMENTS: _PAYMENTS,
    Subject.HOLDS: _HOLDS,
}
