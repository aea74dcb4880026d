"""The words by which rules speak of a rendered text: mentions, statutory texts, checks it must pass.

Owns the vocabulary that packs are written in. How a text is searched for them is rendering's.
"""

MENTIONS: dict[str, str] = {
    "creditor_name": "the creditor's name",
    "creditor_address": "the creditor's address or registered office",
    "collector_name": "the collector's name or company name",
    "collector_address": "the collector's address or registered office",
    "amicable_activity": "that the collector carries on amicable debt collection",
    "sender_contact": "how to reach whoever writes",
    "debtor_name": "the debtor's name",
    "case_reference": "the reference of the case",
    "debt_basis": "what the debt comes from: documents with their dates",
    "amounts_itemised": "principal, interest and every other part, each apart",
    "total": "the sum asked for",
    "due_date": "when it was due",
    "payment_demand": "the demand to pay",
    "payment_means": "how to pay",
    "link": "the message's own link",
    "already_paid": "how to say that it is paid",
    "disagreement": "how to say that one disagrees",
    "help": "what can be arranged, and with whom",
    "way_out": "how to be left alone on this channel",
    "data_protection": "where to read about one's data",
    "letter_reference": "the reference of the first letter (CPCE R124-4)",
    "letter_date": "the sending date of the first letter (CPCE R124-4)",
    "words_mise_en_demeure": "the words « mise en demeure », in the title and the body",
    "deadline_date": "the date until which to pay",
    "consequence": "what the creditor may then decide, as a condition and a choice",
    "legal_interest": "that interest at the legal rate runs from now on",
    "place_and_date": "where and when it was written",
    "signatory": "who signs",
    "penalty_rate_and_base": "the rate, the base and the days of a late-payment penalty",
    "indemnity_per_invoice": "the fixed indemnity and the number of invoices it is counted for",
    "penalty_statute": "the article that penalty and indemnity rest on",
    "gdpr_controller": "who is responsible for the data",
    "gdpr_purpose": "what the data are used for",
    "gdpr_basis": "the legal basis of that use",
    "gdpr_source": "where the data come from",
    "gdpr_retention": "how long they are kept",
    "gdpr_rights": "the person's rights, and how to use them",
    "gdpr_authority": "the authority to complain to",
}

TEXTS: dict[str, str] = {
    "l111_8_second": "CPCE L111-8, second paragraph",
    "l111_8_third": "CPCE L111-8, third paragraph",
}

# A check that counts takes numbers as its values; the others take what they look for.
CHECKS: dict[str, str] = {
    "words": "none of these families of forbidden words (values: their ids, L01 and so on)",
    "premium_numbers": "no phone number that starts with one of the values",
    "link_domains": "links lead to the creditor's own domain, never to a shortener (values)",
    "outside_words": "none of the values where others may read: subject, sender, envelope",
    "stop_code": "no STOP keyword in the text, which would make it marketing",
    "sender_name": "3 to 11 letters or digits, or a short code that starts with one of the values",
    "sms_segments": "at most so many SMS segments (value: a number), without leaving GSM-7",
    "sms_amount": "no amount in an SMS unless the debtor has verified the number",
    "address_lines": "at most so many address lines of so many characters (values: two numbers)",
    "address_country": "a foreign address ends with its country in capitals",
    "window_zone": "nothing else inside the envelope's window (values: width, height, left, top in mm)",
}
