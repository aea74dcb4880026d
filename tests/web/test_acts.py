"""Acts on cases over HTTP: each is done once and answers with the case; what is refused says what to do."""

from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Attachment, Channel, Inbound
from orchestrator.flows.record_replies import record_replies
from tests.web.conftest import Answer, Office, a_debt


def _case(office: Office, debtor: str, **changes: Any) -> str:
    """The id of a case of its own, with one debt of 42 EUR named after the debtor."""
    pushed = office.post("/api/v1/debts", [a_debt(f"F-{debtor}", debtor_ref=debtor, **changes)])
    assert pushed.body["refused"] == 0, pushed.body
    return str(pushed.body["rows"][0]["case"])


def _act(office: Office, case: str, what: str, body: Any = None, **given: Any) -> Answer:
    return office.post(f"/api/v1/cases/{case}/{what}", body, **{"key": "agent", **given})


def test_a_promise_answers_with_the_case_and_when_it_is_followed_up(office: Office) -> None:
    case = _case(office, "P-1")
    done = _act(office, case, "promises", {"on": "2026-03-20", "amount": "20.00", "documents": ["F-P-1"]})
    assert done.status == 201, done.body
    assert len(done.body["events"]) == 1
    (promise,) = done.body["case"]["promises"]
    assert promise["amount"] == {"amount": "20.00", "currency": "EUR"}
    assert (promise["state"], promise["followed_up_from"], promise["documents"]) == ("open", "2026-03-24", ["F-P-1"])
    _act(office, case, "promises", {"on": "2026-03-25"})
    again = office.get(f"/api/v1/cases/{case}").body["promises"]
    assert sorted(each["state"] for each in again) == ["cancelled", "open"]


def test_the_same_key_is_the_same_act_even_once_its_answer_is_forgotten(office: Office) -> None:
    case, before = _case(office, "P-2"), office.now
    asked = {"on": "2026-03-20"}
    try:
        first = _act(office, case, "promises", asked, headers={"Idempotency-Key": "p2"})
        office.later(hours=72)
        again = _act(office, case, "promises", asked, headers={"Idempotency-Key": "p2"})
    finally:
        office.now = before
    assert "idempotency-replayed" not in again.headers
    assert again.body["events"] == first.body["events"]
    assert len(again.body["case"]["promises"]) == 1


def test_a_dispute_has_its_amount_reason_and_owner_and_is_answered(office: Office) -> None:
    case = _case(office, "P-3")
    body = {"documents": ["F-P-3"], "amount": "12.00", "reason": "price", "owner": "sales", "words": "two nights"}
    opened = _act(office, case, "disputes", body)
    (hold,) = opened.body["case"]["holds"]
    assert (hold["amount"]["amount"], hold["reason"], hold["owner"]) == ("12.00", "price", "sales")
    assert hold["review_on"] is not None
    answered = _act(office, case, f"disputes/{hold['id']}/answer", {"outcome": "upheld"})
    assert answered.status == 201, answered.body
    dispute, veto = sorted(answered.body["case"]["holds"], key=lambda each: str(each["kind"]))
    assert (dispute["is_lifted"], veto["kind"], veto["source"]) == (True, "veto", "dispute_upheld")
    (task,) = answered.body["case"]["open_tasks"]
    closed = office.post(f"/api/v1/tasks/{task}/done", key="agent")
    assert (closed.status, closed.body["kind"]) == (200, "credit_note")
    assert all(each["is_lifted"] for each in office.get(f"/api/v1/cases/{case}").body["holds"])


@pytest.mark.parametrize(
    "what, body",
    [
        ("deferrals", {"until": "2026-03-31"}),
        ("already-paid", {"documents": ["F-Q-1"], "amount": "42.00", "by_cheque": True, "words": "cheque 77"}),
        ("holds", {"kind": "veto", "review_on": "2026-03-31", "reason": "sales asked"}),
        ("holds", {"kind": "insolvency", "source": "judgment of 3 March"}),
        ("hardship", {"words": "lost her job"}),
        ("marks", {"mark": "good_payer"}),
        ("points", {"kind": "phone", "value": "+33644631240", "fault": "not_owned"}),
        ("opt-outs", {"channel": "sms"}),
        ("notes", {"text": "called, will send the form"}),
        ("calls", {"outcome": "voicemail"}),
    ],
)
def test_every_other_act_is_done_for_an_agent(office: Office, what: str, body: Any) -> None:
    case = _case(office, "Q-1", phone="+33644631240")
    done = _act(office, case, what, body)
    assert done.status == 201, done.body
    assert done.body["events"]
    assert done.body["case"]["id"] == case


def test_marks_and_holds_end(office: Office) -> None:
    case = _case(office, "P-4", phone="+33644631241")
    _act(office, case, "marks", {"mark": "vulnerable"})
    low = _act(office, case, "marks/vulnerable/remove")
    assert (low.status, low.error) == (403, "role_too_low")
    assert _act(office, case, "marks/vulnerable/remove", key="manager").body["case"]["marks"] == []
    held = _act(office, case, "holds", {"kind": "veto", "until": "2026-03-31"}).body["case"]["holds"]
    lifted = _act(office, case, f"holds/{held[0]['id']}/lift", {"why": "settled"})
    assert lifted.body["case"]["holds"][0]["is_lifted"]
    _act(office, case, "opt-outs", {"channel": "sms"})
    office.later(seconds=1)
    assert _act(office, case, "opt-ins", {"channel": "sms"}).body["case"]["opted_out"] == []


@pytest.mark.parametrize(
    "what, body, status, code",
    [
        ("promises", {"on": "2026-03-09"}, 422, "date_past"),
        ("promises", {"on": "2026-13-09"}, 422, "invalid_input"),
        ("promises", {"on": "2026-07-09"}, 403, "role_too_low"),
        ("promises", {"on": "2026-03-20", "amount": "12.345"}, 422, "invalid_amount"),
        ("promises", {"on": "2026-03-20", "amount": "12", "currency": "CHF"}, 422, "currency_other"),
        ("promises", {"on": "2026-03-20", "documents": ["F-9"]}, 422, "document_unknown"),
        ("disputes", {"reason": "because"}, 422, "invalid_input"),
        ("disputes/none/answer", {"outcome": "upheld"}, 404, "not_found"),
        ("holds", {"kind": "promise"}, 422, "hold_not_placeable"),
        ("marks", {"mark": "Not A Mark"}, 422, "mark_invalid"),
        ("marks/vulnerable/remove", None, 409, "mark_absent"),
        ("points", {"kind": "phone", "value": "+33699999999"}, 404, "point_unknown"),
        ("opt-ins", {"channel": "email"}, 409, "channel_open"),
        ("notes", {"text": " "}, 422, "note_empty"),
        ("notes", {"text": "x", "more": 1}, 422, "invalid_input"),
    ],
)
def test_what_is_refused_says_what_to_do(office: Office, what: str, body: Any, status: int, code: str) -> None:
    case = _case(office, "R-1", phone="+33644631242")
    said = _act(office, case, what, body)
    assert (said.status, said.error) == (status, code), said.body


def test_an_unknown_case_is_not_found(office: Office) -> None:
    for body in ({"on": "2026-03-20"}, {"on": "2026-03-20", "amount": "1.00"}):
        assert _act(office, "NONE", "promises", body).status == 404


def test_a_text_that_came_another_way_is_read_and_obeyed(office: Office) -> None:
    case = _case(office, "P-5", phone="+33644631245")
    body = {"case": case, "channel": "sms", "text": "Je paie le 20 mars"}
    done = office.post("/api/v1/replies", body, key="agent", headers={"Idempotency-Key": "r5"})
    assert done.status == 201, done.body
    assert done.body["case"] == case
    assert "promise" in done.body["intents"]
    promises = office.get(f"/api/v1/cases/{case}").body["promises"]
    assert [promise["due_on"] for promise in promises] == ["2026-03-20"]
    listed = office.get(f"/api/v1/replies?case={case}&channel=sms", key="agent").body["replies"]
    assert [reply["id"] for reply in listed] == [done.body["id"]]
    assert office.get(f"/api/v1/replies/{done.body['id']}", key="agent").body["text"] == "Je paie le 20 mars"
    refused = office.post("/api/v1/replies", {**body, "case": "NONE"}, key="agent")
    assert refused.status == 404


def test_replies_come_in_pages(office: Office) -> None:
    case = _case(office, "P-6", phone="+33644631246")
    for number in range(3):
        office.later(seconds=1)
        text = f"Bonjour, question numéro {number}"
        assert office.post("/api/v1/replies", {"case": case, "channel": "sms", "text": text}, key="agent").status == 201
    seen, after = [], ""
    for _ in range(3):
        page = office.get(f"/api/v1/replies?case={case}&limit=1&after={after}", key="agent").body
        seen += [reply["id"] for reply in page["replies"]]
        after = page["next"]
    assert len(set(seen)) == 3
    assert office.get("/api/v1/replies?after=none", key="agent").status == 422


def test_an_attached_file_is_saved_and_never_shown(office: Office) -> None:
    _case(office, "P-7", phone="+33644631247", email="p7@example.org")
    files = (
        Attachment(file_name='avis".html', media_type="text/html", content=b"<script>alert(1)</script>"),
        Attachment(file_name="avis.pdf", media_type="application/pdf", content=b"%PDF-1.7"),
    )
    mail = Inbound(
        channel=Channel.EMAIL, dedup_key="m-7", sender="p7@example.org", to="in@example.org", text="ci-joint",
        attachments=files, occurred_at=office.now - timedelta(minutes=1),
    )  # fmt: skip
    (told,) = record_replies(office.database, office.deployment.strategy(), [mail], now=office.now)
    path = f"/api/v1/replies/{told.reply_id}"
    names = [file["file_name"] for file in office.get(path, key="agent").body["attachments"]]
    assert names == ['avis".html', "avis.pdf"]
    page, pdf = (office.get(f"{path}/attachments/{number}", key="agent") for number in (1, 2))
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"] == "attachment; filename*=UTF-8''avis%22.html"
    assert pdf.headers["content-type"] == "application/pdf"
    for each in (page, pdf):
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["content-disposition"].startswith("attachment")
    assert office.get(f"{path}/attachments/3", key="agent").status == 404
    assert office.get(f"{path}/attachments/1", key="viewer").status == 403
