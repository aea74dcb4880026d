"""Cases, why, messages, campaigns and tasks: what a person asks about, page by page, in two languages."""

from collections.abc import Iterator

import pytest

from orchestrator.storage import cases, tasks
from orchestrator.storage.messages import MessageState
from tests.flows.conftest import TUESDAY
from tests.web.conftest import Office, a_debt


@pytest.fixture(scope="module")
def five(office: Office) -> list[str]:
    """Five cases that were decided: a reminder is planned for each."""
    rows = [a_debt(f"F-{n}", debtor_ref=f"C-{n}", phone=f"+3364463{n:04}") for n in range(5)]
    answer = office.post("/api/v1/debts", rows)
    office.advance()
    return sorted(row["case"] for row in answer.body["rows"])


def _pages(office: Office, path: str, of: str, **wanted: object) -> Iterator[list[str]]:
    after = ""
    while after is not None:
        page = office.get(path, params={"limit": 2, "after": after, **wanted}).body
        yield [item["id"] for item in page[of]]
        after = page["next"]


def test_pages_hold_every_case_once(office: Office, five: list[str]) -> None:
    pages = list(_pages(office, "/api/v1/cases", "cases"))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each for page in pages for each in page] == five


@pytest.mark.parametrize(
    "wanted, count",
    [
        ({"creditor": "acme-telecom"}, 5),
        ({"creditor": "none"}, 0),
        ({"debtor_ref": "C-3"}, 1),
        ({"campaign": "b2c-small", "state": "open"}, 5),
        ({"state": "closed"}, 0),
    ],
)
def test_filters_must_all_match(office: Office, five: list[str], wanted: dict[str, str], count: int) -> None:
    assert len(office.get("/api/v1/cases", params=wanted).body["cases"]) == count


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=-1", "after=" + "x" * 301])
def test_a_page_has_its_bounds(office: Office, query: str) -> None:
    for path in ("cases", "messages", "tasks"):
        assert office.get(f"/api/v1/{path}?{query}").status == 422


@pytest.mark.parametrize("path", ["cases/none", "cases/none/why", "messages/none", "messages/a/b:1/c", "pauses/none"])
def test_what_is_not_there_is_404(office: Office, path: str) -> None:
    answer = office.get(f"/api/v1/{path}")
    assert (answer.status, answer.error) == (404, "not_found")


def test_a_case_is_asked_by_its_own_id_only(office: Office, five: list[str]) -> None:
    assert office.get("/api/v1/cases/C-1/why").status == 404
    assert office.get(f"/api/v1/cases/{five[0]}/why").status == 200


def test_contact_points_stay_inside(office: Office, five: list[str]) -> None:
    said = str([office.get(f"/api/v1/cases/{five[0]}").body, office.get("/api/v1/cases").body])
    assert "+336" not in said
    assert "rue du Lac" not in said


def test_why_tells_the_decision_in_both_languages(office: Office, five: list[str]) -> None:
    french = office.get(f"/api/v1/cases/{five[0]}/why").body
    english = office.get(f"/api/v1/cases/{five[0]}/why?language=en&all=true").body
    decision = next(line for line in english["journal"] if line["kind"] == "decision" and line["type"] == "send")
    assert decision["act"]["step"] == "reminder-1"
    assert {rule["rule"] for rule in decision["rules"]} >= {"STEP"}
    assert any(rule["title"] and rule["source"] for rule in decision["rules"])
    assert french["balance"] == english["balance"] == {"amount": "42.00", "currency": "EUR"}
    told = [line["sentence"] for line in french["journal"]], [line["sentence"] for line in english["journal"]]
    assert len(told[0]) == len(told[1])
    assert not set(told[0]) & set(told[1])


def test_why_comes_in_pages_too(office: Office, five: list[str]) -> None:
    whole = office.get(f"/api/v1/cases/{five[0]}/why").body["journal"]
    parts, after = [], "0"
    while after:
        page = office.get(f"/api/v1/cases/{five[0]}/why?limit=2&after={after}").body
        parts += page["journal"]
        after = page["next"]
    assert parts == whole
    assert len(whole) > 2


def test_messages_by_case_and_state(office: Office, five: list[str]) -> None:
    planned = [each for page in _pages(office, "/api/v1/messages", "messages", state="planned") for each in page]
    assert [each.split(":")[0] for each in planned] == five
    assert office.get(f"/api/v1/messages?case={five[2]}").body["messages"][0]["step"] == "reminder-1"
    assert office.get("/api/v1/messages?state=accepted").body == {"messages": [], "next": None}
    assert office.get("/api/v1/messages?state=lost").status == 422


def test_a_message_tells_why_it_was_decided(office: Office, five: list[str]) -> None:
    message = office.get(f"/api/v1/messages/{five[0]}:1:reminder-1:1?language=en").body
    assert (message["state"], message["campaign"]) == (MessageState.PLANNED, "b2c-small")
    assert message["words"] is None, "it was not rendered yet"
    assert message["decisions"][-1]["act"]["step"] == "reminder-1"
    assert message["decisions"][-1]["reasons"]


def test_campaigns_in_force_with_their_cases(office: Office, five: list[str]) -> None:
    found = {each["id"]: each for each in office.get("/api/v1/campaigns").body["campaigns"]}
    assert sorted(found) == ["b2c-large", "b2c-small"]
    assert found["b2c-small"]["cases"] == {"open": 5}
    assert found["b2c-small"]["steps"][0] == "reminder-1"


# ------------------------------------------------------------------------------------------------- tasks


@pytest.fixture
def task_id(office: Office, five: list[str]) -> str:
    """A question about a case, for a manager; its subject holds what a path may not."""
    with office.database.begin() as conn:
        number = len(tasks.search(conn, tasks.Filter(state=None), limit=1000))
        asked = tasks.Task(
            id=f"{five[0]}:approve:F/2026/{number}?x", case_id=five[0], kind="approve", subject=f"F/2026/{number}?x",
            role="manager", due_at=TUESDAY, opened_at=TUESDAY, step="formal-notice",
        )  # fmt: skip
        tasks.open_tasks(conn, [asked])
    return asked.id


def _answer(office: Office, task_id: str, answer: str, key: str) -> tuple[int, str]:
    path = task_id.replace("/", "%2F").replace("?", "%3F")
    said = office.post(f"/api/v1/tasks/{path}/{answer}", key=key)
    return said.status, said.error or said.body["outcome"]


def test_a_task_is_answered_once(office: Office, task_id: str) -> None:
    assert task_id in [task["id"] for task in office.get("/api/v1/tasks?kind=approve").body["tasks"]]
    assert _answer(office, task_id, "approve", "manager") == (200, "approve")
    assert _answer(office, task_id, "refuse", "manager") == (409, "task_closed")
    (closed,) = [each for each in office.get("/api/v1/tasks?state=closed").body["tasks"] if each["id"] == task_id]
    assert (closed["closed_by"], closed["outcome"]) == ("manager", "approve")


def test_an_answer_makes_the_case_decide_again(office: Office, five: list[str], task_id: str) -> None:
    office.later(minutes=5)
    _answer(office, task_id, "refuse", "manager")
    with office.database.read() as conn:
        (stored,) = cases.load(conn, [five[0]])
    assert stored.due_at is not None
    assert stored.due_at <= office.now


def test_a_task_needs_its_role(office: Office, task_id: str) -> None:
    assert _answer(office, task_id, "approve", "agent") == (403, "role_too_low")
    assert _answer(office, task_id, "approve", "viewer") == (403, "not_allowed")
    assert _answer(office, task_id, "approve", "admin") == (200, "approve")


def test_an_answer_that_does_not_exist(office: Office, task_id: str) -> None:
    assert _answer(office, task_id, "maybe", "admin") == (422, "invalid_input")
    assert _answer(office, "none", "done", "admin") == (404, "not_found")


def test_tasks_in_pages(office: Office, task_id: str) -> None:
    everything = office.get("/api/v1/tasks?limit=200").body["tasks"]
    pages = list(_pages(office, "/api/v1/tasks", "tasks"))
    assert [each for page in pages for each in page] == [task["id"] for task in everything]
    assert office.get("/api/v1/tasks?after=none").status == 422
