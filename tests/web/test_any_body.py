"""Whatever is sent, the answer is never an error of ours: 5xx would be a fault, found by chance rather than by us."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.flows.grant_access import add_user
from orchestrator.web.api.debts import DebtIn
from orchestrator.web.api.payments import PaymentIn
from tests.web.conftest import A_DEBT, Office, a_payment

EXAMPLES = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Every character but half surrogates, which JSON can write and UTF-8 cannot: they come by \\u below.
_TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "\x00", "\u202e", "=1+1", "acme-telecom", "EUR", "TND", "2026-03-02", "9999-12-31", "0000-00-00", "1e999999",
     "-0", "NaN", "1" * 40, "{all: true}", "[", "all", "974", "5 EUR", "30d", "sms", "yes", "\ud800"]
)  # fmt: skip
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3), max_leaves=8
)
_CONDITIONS = st.sampled_from(
    ["all", "any", "not", "balance", "debtor", "postcode", "campaign", "marks", "overdue", "from", "below", "channel"]
)
_SCOPES = st.recursive(
    _PLAIN, lambda inner: st.dictionaries(_CONDITIONS, inner | st.lists(inner, max_size=2), max_size=3), max_leaves=8
)


def _changed(row: dict[str, Any], names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """A good row of which some fields were changed to anything."""
    changes = st.dictionaries(st.sampled_from(names) | _TEXTS, _VALUES, max_size=4)
    return changes.map(lambda change: {**row, **change})


_ROWS = st.lists(_changed(A_DEBT, list(DebtIn.model_fields)) | _VALUES, max_size=3)
_PAYMENTS = st.lists(_changed(a_payment("R"), list(PaymentIn.model_fields)) | _VALUES, max_size=3)


@pytest.fixture(scope="module", autouse=True)
def ann(office: Office) -> None:
    """Somebody whose work cases may be."""
    add_user(office.database, "ann", role="agent", by="test", now=office.now)


def _never_a_fault(office: Office, path: str, body: object) -> None:
    content = json.dumps(body).encode()  # half surrogates travel as escapes
    answer = office.ask("POST", path, content=content, headers={"Content-Type": "application/json"})
    office.later(milliseconds=1)
    assert answer.status < 500, answer.body
    if answer.status >= 300:
        assert set(answer.body) == {"error", "detail", "hint", "where"}


@EXAMPLES
@given(_ROWS)
def test_debts(office: Office, rows: list[Any]) -> None:
    _never_a_fault(office, "/api/v1/debts", rows)


@EXAMPLES
@given(_PAYMENTS)
def test_payments(office: Office, rows: list[Any]) -> None:
    _never_a_fault(office, "/api/v1/payments", rows)


@EXAMPLES
@given(_SCOPES | _VALUES, _PLAIN)
def test_pauses(office: Office, scope: Any, reason: Any) -> None:
    _never_a_fault(office, "/api/v1/pauses", {"scope": scope, "reason": reason or "x"})


@EXAMPLES
@given(_SCOPES | _VALUES, st.dictionaries(st.sampled_from(["to", "stretch", "soften", "offer", "skip"]), _VALUES))
def test_crises(office: Office, scope: Any, others: dict[str, Any]) -> None:
    body = {"crisis": f"c-{office.now.timestamp():.3f}".replace(".", "-"), "title": "x", "scope": scope,
            "from": "2026-03-09", **others}  # fmt: skip
    _never_a_fault(office, "/api/v1/crises", body)


@EXAMPLES
@given(_SCOPES | _VALUES, st.dictionaries(st.sampled_from(["owner", "creditors"]), _VALUES))
def test_portfolios(office: Office, where: Any, others: dict[str, Any]) -> None:
    body = {"name": f"p-{office.now.timestamp():.3f}", "owner": "ann", "where": where, **others}
    _never_a_fault(office, "/api/v1/portfolios", body)
    assert office.get("/api/v1/portfolios").status == 200


_WORKDAY: dict[str, dict[str, Any]] = {"portfolios/give": {"cases": ["X"], "to": "", "why": "x"},
             "portfolios/absences": {"absent": "ann", "to_on": "2026-03-20"}}  # fmt: skip
_WORKDAY_FIELDS = ["cases", "to", "why", "absent", "substitute", "from_on", "to_on", "reason"]


@EXAMPLES
@given(st.sampled_from(sorted(_WORKDAY)), st.dictionaries(st.sampled_from(_WORKDAY_FIELDS), _VALUES, max_size=2))
def test_cases_given_and_absences(office: Office, path: str, changes: dict[str, Any]) -> None:
    _never_a_fault(office, f"/api/v1/{path}", {**_WORKDAY[path], **changes})
    assert office.get("/api/v1/portfolios").status == 200


_ACTS = {
    "promises": {"on": "2026-03-20"}, "deferrals": {"until": "2026-03-20"}, "already-paid": {}, "disputes": {},
    "holds": {"kind": "veto"}, "hardship": {}, "marks": {"mark": "x"}, "points": {"kind": "phone"},
    "opt-outs": {"channel": "sms"}, "opt-ins": {"channel": "sms"}, "notes": {"text": "x"},
    "calls": {"outcome": "reached"}, "disputes/x/answer": {"outcome": "upheld"}, "holds/x/lift": {"why": "x"},
    "contacts": {"kind": "phone", "value": "+33644631240"}, "close": {"outcome": "mistake", "words": "x"},
    "reopen": {"words": "x"},
}  # fmt: skip
_ACT_FIELDS = ["on", "until", "review_on", "amount", "currency", "documents", "grace_days", "kind", "words", "reason",
               "owner", "source", "mark", "value", "fault", "point", "text", "blocks_all", "by_cheque", "address",
               "role", "name", "corrects", "outcome"]  # fmt: skip


@EXAMPLES
@given(st.sampled_from(sorted(_ACTS)), st.dictionaries(st.sampled_from(_ACT_FIELDS), _VALUES, max_size=2))
def test_acts(office: Office, path: str, changes: dict[str, Any]) -> None:
    pushed = office.post("/api/v1/debts", [{**A_DEBT, "reference": "F-ACT", "debtor_ref": "C-ACT"}])
    case = pushed.body["rows"][0]["case"]
    _never_a_fault(office, f"/api/v1/cases/{case}/{path}", {**_ACTS[path], **changes})
    office.advance()


@EXAMPLES
@given(st.dictionaries(st.sampled_from(["case", "channel", "text", "sender", "subject"]), _VALUES, max_size=3))
def test_replies(office: Office, changes: dict[str, Any]) -> None:
    pushed = office.post("/api/v1/debts", [{**A_DEBT, "reference": "F-SAID", "debtor_ref": "C-SAID"}])
    body = {"case": pushed.body["rows"][0]["case"], "channel": "sms", "text": "bonjour", **changes}
    _never_a_fault(office, "/api/v1/replies", body)


@EXAMPLES
@given(
    _VALUES,
    st.sampled_from(
        [
            "debts",
            "payments",
            "pauses",
            "crises",
            "tasks/x/done",
            "pauses/x/resume",
            "endpoints",
            "endpoints/x/replay",
            "portfolios",
            "portfolios/give",
            "portfolios/absences",
        ]
    ),
)
def test_anything_anywhere(office: Office, body: Any, path: str) -> None:
    _never_a_fault(office, f"/api/v1/{path}", body)


@EXAMPLES
@given(st.sampled_from(["cases", "messages", "tasks", "cases/x/why"]), st.dictionaries(
    st.sampled_from(["limit", "after", "state", "creditor", "case", "campaign", "language", "all"]),
    st.text(st.characters(codec="utf-8"), max_size=20), max_size=3))  # fmt: skip
def test_queries(office: Office, path: str, query: dict[str, str]) -> None:
    assert office.get(f"/api/v1/{path}", params=query).status < 500


@EXAMPLES
@given(st.binary(max_size=60))
def test_bytes(office: Office, content: bytes) -> None:
    answer = office.ask("POST", "/api/v1/debts", content=content, headers={"Content-Type": "application/json"})
    assert answer.status < 500
