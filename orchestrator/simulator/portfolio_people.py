"""Who owes in the sample portfolio: invented people and firms, with the faults that real address books have."""

import unicodedata
from random import Random

from stdnum.luhn import calc_check_digit

from orchestrator.simulator import portfolio_names as names

COLUMNS = (
    "creditor", "reference", "document", "debtor_ref", "status", "name", "siren", "contact_role", "email", "phone",
    "address_1", "address_2", "postcode", "city", "country", "language", "principal", "open_amount", "currency",
    "issued_on", "due_on", "claim_kind", "debt_kind", "payment_method", "next_collection_on", "order_ref", "sector",
    "marks", "last_step", "last_contact_on",
)  # fmt: skip
"""The columns of campaigns/mappings/default.yaml, in order."""

Row = dict[str, str]

# Blocks of numbers that the regulator keeps for fiction; landlines take calls, never SMS.
_LANDLINES = ("0199 00", "0261 91", "0353 01", "0465 71", "0536 49")
# What typists leave in a telephone column, and in an e-mail column.
_BROKEN_PHONES = ("06 44", "+33 6", "06 44 63 xx xx", "06.00.00.00.00.00")
_BROKEN_EMAILS = ("{local}@", "{local}.example.org", "{local}@@example.org")

# (how many in a hundred, phone, e-mail): what a household has left with its operator.
_REACHED_BY = (
    (54, "mobile", "good"), (12, "mobile", ""), (11, "", "good"), (7, "landline", "good"), (5, "landline", ""),
    (4, "broken", "good"), (2, "broken", ""), (3, "mobile", "broken"), (2, "", ""),
)  # fmt: skip


class People:
    """Draws debtors, each name and number once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._phones = 1000
        self._landlines = 100
        self._sirens = 0
        pairs = [(first, last) for first in names.FIRST_NAMES for last in names.LAST_NAMES]
        rng.shuffle(pairs)
        self._pairs = iter(pairs)
        self._firms = iter(rng.sample(names.FIRM_NAMES, len(names.FIRM_NAMES)))
        self._bodies = iter(names.BODIES)
        self._english = iter(names.ENGLISH_NAMES)
        self._shared: list[Row] = []

    # ------------------------------------------------------------------------------ one debtor

    def household(self, index: int) -> Row:
        """A customer of the operator; a `last_step` is what somebody did before the take-over."""
        is_english = index % 22 == 5
        name = next(self._english) if is_english else " ".join(next(self._pairs))
        row = self._base("acme-telecom", f"C-{1001 + index}", "consumer", name)
        row |= self._reached(name) | self._home(index)
        row["language"] = "en" if is_english else "fr"
        row["marks"] = self._mark(index)
        if index % 29 == 11:
            row["status"] = "unknown"
        if index % 10 == 4:
            row["last_step"] = "reminder-1"
        if index in (21, 64, 103):
            self._shared.append(row)
        return row

    def telecom_firm(self, index: int) -> Row:
        """A firm, a sole trader or a body that telephones."""
        if index % 6 == 1:
            return self._body("acme-telecom", f"C-{2001 + index}", index)
        return self._firm("acme-telecom", f"C-{2001 + index}", index)

    def joinery_client(self, index: int) -> Row:
        """A firm that had windows made."""
        if index % 30 == 7:
            return self._body("atelier-bois", f"CL{300 + index}", index)
        row = self._firm("atelier-bois", f"CL{300 + index}", index)
        if index % 8 == 3:
            row["last_step"] = "reminder-1"
        return row

    def co_owner(self, index: int) -> Row:
        """A co-owner, most of them people; three owe the operator too, by the same telephone."""
        if index % 8 == 6:
            return self._firm("syndic-lilas", f"L-{index:04d}", index)
        if index in (5, 13, 22) and self._shared:
            twin = self._shared.pop()
            kept = ("name", "email", "phone", "address_1", "postcode", "city", "country", "language")
            return {**self._base("syndic-lilas", f"L-{index:04d}", "consumer", ""), **{key: twin[key] for key in kept}}
        name = " ".join(next(self._pairs))
        row = self._base("syndic-lilas", f"L-{index:04d}", "consumer", name) | self._reached(name)
        row |= self._home(index)
        if index % 20 == 9:
            row |= {"address_1": "", "postcode": "", "city": ""}
        row["marks"] = self._mark(index)
        return row

    # ------------------------------------------------------------------------------ parts

    def _base(self, creditor: str, ref: str, status: str, name: str) -> Row:
        row = {"creditor": creditor, "debtor_ref": ref, "status": status, "name": name}
        return {**row, "country": "FR", "language": "fr", "last_step": ""}

    def _firm(self, creditor: str, ref: str, index: int) -> Row:
        is_alone = index % 7 == 4
        name = " ".join(next(self._pairs)) if is_alone else f"{next(self._firms)} {self._rng.choice(names.LEGAL_FORMS)}"
        row = self._base(creditor, ref, "sole_trader" if is_alone else "company", name)
        trade = name if is_alone else name.rsplit(" ", 1)[0]
        domain = f"{_plain(trade).replace(' ', '-')}.example"
        row |= self._place(names.METROPOLE if index % 12 else names.OVERSEAS)
        row["siren"] = self._siren()
        row["sector"] = names.SECTORS.get(name.split()[0], "services")
        row["contact_role"] = "owner" if is_alone else "accounts_payable"
        row["email"] = "" if index % 9 == 8 else f"compta@{domain}"
        row["phone"] = self._landline() if index % 3 else self._mobile()
        row["marks"] = {1: "solvency:fragile", 4: "good_payer"}.get(index % 11, "")
        return row

    def _body(self, creditor: str, ref: str, index: int) -> Row:
        name, status = next(self._bodies)
        row = self._base(creditor, ref, status, name) | self._place(names.METROPOLE)
        row["contact_role"] = "finance"
        row["email"] = f"tresorerie@{_plain(name).replace(' ', '-')[:40].strip('-')}.example"
        row["phone"] = self._landline()
        row["siren"] = self._siren() if index % 2 else ""
        return row

    def _reached(self, name: str) -> Row:
        _, phone, email = self._rng.choices(_REACHED_BY, [share for share, _, _ in _REACHED_BY])[0]
        local = _plain(name).replace(" ", ".")
        mails = {"good": f"{local}@example.org", "broken": self._rng.choice(_BROKEN_EMAILS).format(local=local)}
        phones = {"mobile": self._mobile, "landline": self._landline, "broken": self._broken}
        return {"email": mails.get(email, ""), "phone": phones[phone]() if phone else ""}

    def _home(self, index: int) -> Row:
        if index % 12 == 7:
            return self._place(names.OVERSEAS)
        if index % 14 == 3:
            return self._place(names.ALSACE_MOSELLE)
        place = self._place(names.METROPOLE)
        if index % 23 == 8:
            place["address_2"] = self._rng.choice(("Bât. B, appt 12", "Résidence Les Tilleuls", "Chez Mme Aubertin"))
        if index % 31 == 16:
            place["address_1"] = ""
        return place

    def _place(self, towns: tuple[tuple[str, str], ...]) -> Row:
        postcode, city = self._rng.choice(towns)
        street = f"{self._rng.randrange(1, 98)} {self._rng.choice(names.STREETS)}"
        return {"address_1": street, "address_2": "", "postcode": postcode, "city": city}

    def _mark(self, index: int) -> str:
        if index % 37 == 20:
            return "vulnerable"
        if index == 150:
            return "deceased"
        return "good_payer" if index % 9 == 2 else ""

    def _mobile(self) -> str:
        self._phones += 7
        digits = f"{self._phones % 10000:04d}"
        written = (f"+3364463{digits}", f"06 44 63 {digits[:2]} {digits[2:]}", f"064463{digits}")
        return written[self._phones % 3]

    def _landline(self) -> str:
        self._landlines += 13
        block = _LANDLINES[self._landlines % len(_LANDLINES)].replace(" ", "")
        return f"{block}{self._landlines % 10000:04d}"

    def _broken(self) -> str:
        return self._rng.choice(_BROKEN_PHONES)

    def _siren(self) -> str:
        """Nine digits with their check digit, below every number that was ever given out."""
        self._sirens += 17
        first = f"{self._sirens:08d}"
        return first + calc_check_digit(first)


def _plain(name: str) -> str:
    """Small letters without accents, single spaces between words: what an address is made of."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("'", " ").replace("-", " "))
    kept = "".join(c for c in letters if c.isascii() and (c.isalnum() or c == " "))
    return " ".join(kept.split())
