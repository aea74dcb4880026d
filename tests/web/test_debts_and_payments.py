"""Debts and payments pushed: row by row, once, and never more than was said."""

import pytest

from orchestrator.web.api.rows import MOST_ROWS
from tests.web.conftest import Answer, Office, a_debt, a_payment


def _outcomes(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["outcome"] for row in answer.body["rows"]]


def _codes(answer: Answer, row: int = 0) -> set[str]:
    return {remark["code"] for remark in answer.body["rows"][row]["remarks"]}


def _balance(office: Office, debtor: str) -> str:
    (case,) = office.get(f"/api/v1/cases?debtor_ref={debtor}").body["cases"]
    return f"{case['balance']['amount']} {case['balance']['currency']}"


# ------------------------------------------------------------------------------------------------- debts


def test_a_debt_becomes_a_case(office: Office) -> None:
    answer = office.post("/api/v1/debts", [a_debt(debtor_ref="D-1")], key="manager")
    assert _outcomes(answer) == ["stored"]
    case = office.get(f"/api/v1/cases/{answer.body['rows'][0]['case']}").body
    assert (case["debtor"]["name"], case["debts"][0]["reference"]) == ("Jeanne Dupont", "F-1")
    assert case["balance"] == {"amount": "42.00", "currency": "EUR"}


def test_the_same_debt_again_changes_nothing(office: Office) -> None:
    body = [a_debt("F-2", debtor_ref="D-2")]
    first, again = office.post("/api/v1/debts", body), office.post("/api/v1/debts", body)
    assert (first.body["imports"][0]["new_cases"], again.body["imports"][0]["unchanged_cases"]) == (1, 1)
    assert first.body["rows"] == again.body["rows"]


def test_a_wrong_row_is_refused_and_the_others_go_on(office: Office) -> None:
    rows = [a_debt("F-30", debtor_ref="D-3"), a_debt("F-31", debtor_ref="D-3", creditor="acme-telecm"), 5,
            a_debt("F-32", debtor_ref="D-3", principal=True), a_debt("F-33", debtor_ref="D-3", shoe_size="43"),
            a_debt("F-34", debtor_ref="D-3", principal="1.234,00"), a_debt("F-35", debtor_ref="D-3")]  # fmt: skip
    answer = office.post("/api/v1/debts", rows)
    assert _outcomes(answer) == ["stored", *["refused"] * 5, "stored"]
    assert [row["row"] for row in answer.body["rows"]] == list(range(7))
    assert _codes(answer, 1) == {"creditor_unknown"}
    assert _codes(answer, 3) == _codes(answer, 4) == {"invalid_field"}
    assert _codes(answer, 5) == {"invalid_amount"}
    assert (answer.body["accepted"], answer.body["refused"]) == (2, 5)


def test_a_refusal_does_not_repeat_what_was_sent(office: Office) -> None:
    answer = office.post(
        "/api/v1/debts", [a_debt(disputed="Jeanne Canari"), a_debt(postcode=75666), a_debt(status="Zorro")]
    )
    assert answer.body["refused"] == 3
    assert not {word for word in ("Canari", "75666", "Zorro") if word in str(answer.body)}


@pytest.mark.parametrize("amount", ["42.00", 42, 42.0])
def test_an_amount_is_a_text_or_a_number(office: Office, amount: object) -> None:
    answer = office.post("/api/v1/debts", [a_debt(f"F-{amount!r}", debtor_ref=f"N-{amount!r}", principal=amount)])
    assert _outcomes(answer) == ["stored"]
    assert _balance(office, f"N-{amount!r}") == "42.00 EUR"


def test_leaving_the_dispute_out_does_not_end_it(office: Office) -> None:
    disputed = a_debt("F-4", debtor_ref="D-4", disputed=True)
    case = office.post("/api/v1/debts", [disputed]).body["rows"][0]["case"]

    def holds_lifted() -> list[bool]:
        return [hold["is_lifted"] for hold in office.get(f"/api/v1/cases/{case}").body["holds"]]

    office.post("/api/v1/debts", [a_debt("F-4", debtor_ref="D-4")])
    assert holds_lifted() == [False]
    office.post("/api/v1/debts", [a_debt("F-4", debtor_ref="D-4", disputed=False)])
    assert holds_lifted() == [True]


def test_too_many_rows_are_refused_whole(office: Office) -> None:
    answer = office.post("/api/v1/debts", [{}] * (MOST_ROWS + 1))
    assert (answer.status, answer.error) == (422, "invalid_input")


def test_an_empty_list_does_nothing(office: Office) -> None:
    assert office.post("/api/v1/debts", []).body == {"accepted": 0, "refused": 0, "rows": [], "imports": []}
    assert office.post("/api/v1/payments", []).body == {"accepted": 0, "refused": 0, "rows": []}


# ---------------------------------------------------------------------------------------------- payments


def _owing(office: Office, debtor: str, *references: str, **changes: object) -> None:
    rows = [a_debt(reference, debtor_ref=debtor, as_of="2026-03-09", **changes) for reference in references]
    assert set(_outcomes(office.post("/api/v1/debts", rows))) == {"stored"}


def test_a_payment_reduces_the_balance_once(office: Office) -> None:
    _owing(office, "P-1", "G-1")
    body = [a_payment("R-1", debtor_ref="P-1", documents=["G-1"])]
    assert _outcomes(office.post("/api/v1/payments", body, key="manager")) == ["stored"]
    assert _outcomes(office.post("/api/v1/payments", body)) == ["known"]
    assert _balance(office, "P-1") == "32.00 EUR"


def test_a_payment_finds_its_case_by_its_documents(office: Office) -> None:
    _owing(office, "P-2", "G-2")
    assert _outcomes(office.post("/api/v1/payments", [a_payment("R-2", debtor_ref=None, documents="G-2")])) == [
        "stored"
    ]
    assert _balance(office, "P-2") == "32.00 EUR"


def test_another_payment_under_the_same_reference_is_refused(office: Office) -> None:
    _owing(office, "P-3", "G-3")
    office.post("/api/v1/payments", [a_payment("R-3", debtor_ref="P-3", documents=["G-3"])])
    answer = office.post("/api/v1/payments", [a_payment("R-3", debtor_ref="P-3", documents=["G-3"], amount="11.00")])
    assert (_outcomes(answer), _codes(answer)) == (["refused"], {"payment_differs"})
    assert _balance(office, "P-3") == "32.00 EUR"


def test_the_same_reference_never_pays_two_debtors(office: Office) -> None:
    _owing(office, "P-4", "G-4")
    _owing(office, "P-5", "G-5")
    office.post("/api/v1/payments", [a_payment("R-4", debtor_ref="P-4", documents=["G-4"])])
    assert _outcomes(office.post("/api/v1/payments", [a_payment("R-4", debtor_ref="P-5", documents=["G-5"])])) == [
        "known"
    ]
    assert _balance(office, "P-5") == "42.00 EUR"


def test_a_payment_goes_back_once(office: Office) -> None:
    _owing(office, "P-6", "G-6")
    there = a_payment("R-6", debtor_ref="P-6", documents=["G-6"])
    back = {**there, "reversed_on": "2026-03-10", "reversal_code": "AM04"}
    outcomes = [_outcomes(office.post("/api/v1/payments", [row]))[0] for row in (there, back, back)]
    assert outcomes == ["stored", "reversed", "known"]
    assert _balance(office, "P-6") == "42.00 EUR"


@pytest.mark.parametrize(
    "change, code",
    [
        ({"debtor_ref": "nobody"}, "debtor_unknown"),
        ({"debtor_ref": None, "documents": ["none"]}, "document_unknown"),
        ({"debtor_ref": None}, "missing"),
        ({"currency": "GBP"}, "currency_other"),
        ({"amount": "-5.00"}, "sign_wrong"),
        ({"received_on": "2026-03-11"}, "date_too_far"),
        ({"received_on": "10/03/2026"}, "date_unreadable"),
    ],
)
def test_a_payment_that_fits_nothing_is_refused(office: Office, change: dict[str, object], code: str) -> None:
    _owing(office, "P-7", "G-7")
    answer = office.post("/api/v1/payments", [a_payment("R-7", **{"debtor_ref": "P-7", **change})])
    assert (_outcomes(answer), _codes(answer)) == (["refused"], {code})


def test_a_payment_between_two_payees_is_a_question_not_a_guess(office: Office) -> None:
    _owing(office, "P-8", "G-80")
    _owing(office, "P-8", "G-81", payee="Factor SA")
    answer = office.post("/api/v1/payments", [a_payment("R-8", debtor_ref="P-8")])
    assert (_outcomes(answer), _codes(answer)) == (["refused"], {"case_ambiguous"})
    assert _outcomes(office.post("/api/v1/payments", [a_payment("R-8", debtor_ref="P-8", documents=["G-81"])])) == [
        "stored"
    ]


def test_a_payment_twice_in_one_list_is_refused_twice(office: Office) -> None:
    _owing(office, "P-9", "G-9")
    row = a_payment("R-9", debtor_ref="P-9")
    assert _outcomes(office.post("/api/v1/payments", [row, row])) == ["refused", "refused"]
