"""Nothing of another creditor: every page that names a thing, asked for one of theirs by an administrator of some."""

import re

import msgspec
import pytest

from channels.contract import Attachment, Channel, Inbound
from orchestrator.domain.acts import DisputeReason
from orchestrator.domain.campaign import Mode
from orchestrator.domain.condition import OneOf
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.interruption import Crisis, Pause
from orchestrator.domain.who import Who
from orchestrator.flows import manage_endpoints
from orchestrator.flows.answer_batch import answer_batch
from orchestrator.flows.keep_portfolios import add_portfolio, end_portfolio
from orchestrator.flows.overlay_crisis import start_crisis
from orchestrator.flows.pause_sending import start_pause
from orchestrator.flows.record_replies import record_replies
from orchestrator.storage import inbox, messages, portfolios, tasks
from orchestrator.storage.inbox import Arrival, Parking
from orchestrator.web.auth import guarded_routes
from tests.web.conftest import Office
from tests.web.console.conftest import Seat
from tests.web.console.test_cases import a_case, act

MINE, THEIRS = frozenset({"atelier-bois"}), "acme-telecom"
# What stands in the pages of their case, and may stand in none of ours.
SECRETS = ("Zoé Ailleurs", "+33644631299", "dossier tenu secret", "F-OC-1", "OC-1")
# A thing that is no creditor's: the page shows nothing of anybody's cases.
OF_NOBODY = {
    "/console/static/{digest}/{name}", "/console/welcome/{token}", "/console/users/{name}",
    "/console/campaigns/{campaign}", "/console/campaigns/{campaign}/versions/{release}",
    "/console/campaigns/{campaign}/policy.{form}", "/console/campaigns/{campaign}/messages",
    "/console/campaigns/{campaign}/messages/one", "/console/campaigns/{campaign}/release",
    "/console/results/files/{name}.csv", "/console/results/files/{name}.xlsx",
    "/console/results/charts/{name}.svg",
}  # fmt: skip


# These begin a lint behind the page, of half a minute, and are told apart by `is_for` alone.
LINTED = {"/console/campaigns/{campaign}", "/console/campaigns/{campaign}/release"}


class Thing(msgspec.Struct, frozen=True):
    """The ids of what the other creditor has."""

    case: str
    message: str
    reply: str
    pause: str
    endpoint: str
    event: int
    task: str
    release: str


@pytest.fixture(autouse=True)
def silent(office: Office) -> None:
    """Live parts end at once."""
    office.app.state.streams.close()


@pytest.fixture(scope="module")
def stranger(office: Office) -> Seat:
    """An administrator of one creditor."""
    return Seat(office, "a-partial-admin").begin("admin", creditors=MINE)


@pytest.fixture(scope="module")
def thing(office: Office) -> Thing:
    """One of everything, of the other creditor."""
    case = a_case(office, "OC-1", sent=True, phone=SECRETS[1], name=SECRETS[0])
    strategy = office.deployment.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
    text, files = SECRETS[2], (Attachment(file_name="a.txt", media_type="text/plain", content=b"F-OC-1"),)
    said = Inbound(
        channel=Channel.SMS, dedup_key="oc", sender=SECRETS[1], to="38600", text=text, attachments=files
    )  # fmt: skip
    (recorded,) = record_replies(office.database, strategy, [said], now=office.now)
    pause = Pause(id="p-other", scope=OneOf("creditor", frozenset({THEIRS})), since=office.now, reason=text, by="oc")
    start_pause(office.database, pause)
    crisis = Crisis(id="c-other", title=text, scope=pause.scope, from_on=office.now.date())
    start_crisis(office.database, crisis, now=office.now)
    endpoint = manage_endpoints.add_endpoint(
        office.database,
        manage_endpoints.EndpointTerms(url="https://F-OC-1.example/x", creditor=THEIRS),
        creditors=strategy.creditors,
        allows_private=False,
        by="oc",
        now=office.now,
    )
    task = tasks.Task(
        id=f"{case}:approve:oc", case_id=case, kind="approve", subject="oc", role="agent", due_at=office.now,
        opened_at=office.now,
    )  # fmt: skip
    with office.database.begin() as conn:
        tasks.open_tasks(conn, [task])
        inbox.put(conn, [Arrival("partner/payments", "oc", f'{{"text": "{SECRETS[2]}"}}')], now=office.now)
        (event,) = inbox.search(conn, source="partner/payments", limit=1)
        inbox.park(conn, [Parking(id=event.id, reason="surprise: here")], now=office.now)
        (message,) = messages.of_case(conn, case)
    release = next(each.release for each in strategy.campaigns if each.id == "b2c-small")
    return Thing(case, message.id, recorded.reply_id, pause.id, endpoint.id, event.id, task.id, release)


def ids(thing: Thing) -> dict[str, str]:
    """{parameter of a route: the other creditor's}."""
    return {
        "case_id": thing.case, "message_id": thing.message, "reply_id": thing.reply, "pause_id": thing.pause,
        "endpoint_id": thing.endpoint, "event_id": str(thing.event), "task_id": thing.task, "number": "1",
        "what": "note", "campaign": "b2c-small", "release": thing.release, "form": "html", "name": "portfolio",
        "digest": "0", "token": "0", "key_id": "0", "crisis_id": "c-other",
    }  # fmt: skip


def paths(office: Office, method: str) -> list[str]:
    """Every page of the console that names a thing."""
    return sorted(
        route.path_format or ""
        for route, _ in guarded_routes(office.app)
        if method in (route.methods or ()) and re.match(r"/console/.*\{", route.path_format or "")
    )


def filled(path: str, thing: Thing) -> str:
    """The address of the other creditor's; a new parameter must be named above."""
    known = ids(thing)
    return re.sub(r"\{(\w+)(?::path)?\}", lambda found: known[found[1]], path)


def test_no_page_shows_a_thing_of_another_creditor(office: Office, stranger: Seat, thing: Thing) -> None:
    for path in sorted({*paths(office, "GET")} - LINTED):
        screen = stranger.get(filled(path, thing))
        if path not in OF_NOBODY:
            assert screen.status == 404, (path, screen.status)
        assert screen.status < 500, path
        assert not [each for each in SECRETS if each in screen.html], path


def test_the_same_pages_open_for_who_sees_every_creditor(office: Office, seats: dict[str, Seat], thing: Thing) -> None:
    unlike = {"frame", "letter.pdf", "done"}  # of other channels; a resume that nobody began
    for path in paths(office, "GET"):
        if path not in OF_NOBODY and path.rpartition("/")[2] not in unlike:
            assert seats["admin"].get(filled(path, thing)).status == 200, path


def test_no_form_changes_a_thing_of_another_creditor(office: Office, stranger: Seat, thing: Thing) -> None:
    said = {
        "answer": "absent",
        "act": "stop",
        "channel": "sms",
        "words": "x",
        "told": "paid",
        "name": "n1",
        "what": "x",
    }
    # Of one's own, of the deployment, or of a user: nothing of a creditor.
    others = {
        "/console/welcome/{token}", "/console/inbox/{reply_id}/release", "/console/campaigns/{campaign}/release",
    }  # fmt: skip
    for path in paths(office, "POST"):
        status = stranger.post(filled(path, thing), said, follow=False).status
        assert status in (403, 404) or path in others, (path, status)


@pytest.mark.parametrize(
    "page",
    ["", "now", "inbox", "cases", "messages", "results", "results/aged", "results/wrong", "results/aged/documents",
     "pauses", "crises", "lanes", "endpoints", "endpoints/new", "portfolios", "batch", "calls", "webhooks",
     "pauses/new", "results/files/aged-debtors.csv", "campaigns/b2c-small/policy.md",
     "batch/messages?campaign=b2c-small&step=", "messages?creditor=acme-telecom", "cases?creditor=acme-telecom",
     "results/aged?creditor=acme-telecom"],
)  # fmt: skip
def test_no_list_tells_of_another_creditor(stranger: Seat, thing: Thing, page: str) -> None:
    screen = stranger.get(f"/console/{page}")
    assert screen.status == 200
    for word in (*SECRETS, thing.case, thing.reply, thing.endpoint, "p-other"):
        assert word not in screen.html, word
    if "acme" not in page:
        assert THEIRS not in screen.html
        assert "Acme" not in screen.html


@pytest.mark.parametrize("words", [SECRETS[1], "F-OC-1", "OC-1", "case"])
def test_a_search_does_not_tell_that_another_creditor_knows_it(stranger: Seat, thing: Thing, words: str) -> None:
    found = stranger.post("/console/cases/find", {"words": thing.case if words == "case" else words}).text
    none = stranger.post("/console/cases/find", {"words": "0644639191"}).text
    assert found == none


def test_the_place_of_another_creditors_case_is_no_page_of_a_list(
    office: Office, stranger: Seat, seats: dict[str, Seat], thing: Thing
) -> None:
    own = a_case(
        office, "OC-2", creditor="atelier-bois", status="company", claim_kind="goods", principal="90.00", phone=None
    )
    assert own in stranger.get("/console/cases?sort=balance").text
    assert own in stranger.get(f"/console/cases?sort=balance&after={thing.case}").text
    assert own not in seats["admin"].get(f"/console/cases?sort=balance&after={thing.case}").text


def test_a_batch_does_not_say_whose_a_task_of_another_creditor_is(office: Office, stranger: Seat, thing: Thing) -> None:
    told = stranger.post("/console/batch", {"task": thing.task, "answer": "approve", "campaign": "", "step": ""})
    assert thing.case not in told.html
    who = Who("x", "manager", MINE)
    done = answer_batch(
        office.database, office.deployment.strategy(), [thing.task], answer="approve", who=who, now=office.now
    )
    assert [(each.code, each.case_id) for each in done.refused] == [("not_found", "")]


def test_a_manager_of_some_creditors_makes_and_ends_no_portfolio_of_others(
    office: Office, seats: dict[str, Seat]
) -> None:
    some, every = Who("the-manager", "manager", MINE), Who("the-manager", "manager")
    add_portfolio(office.database, "all-of-it", owner="the-agent", who=every, now=office.now)
    add_portfolio(office.database, "theirs", owner="the-agent", creditors=[THEIRS], who=every, now=office.now)
    with pytest.raises(Conflict):
        end_portfolio(office.database, "all-of-it", who=some, now=office.now)
    with pytest.raises(NotFound):
        end_portfolio(office.database, "theirs", who=some, now=office.now)
    with pytest.raises(InputError):
        add_portfolio(office.database, "more", owner="the-agent", creditors=[THEIRS], who=some, now=office.now)
    made = add_portfolio(office.database, "mine", owner="the-agent", who=some, now=office.now)
    assert made.creditors == tuple(MINE)
    end_portfolio(office.database, "mine", who=some, now=office.now)
    with office.database.read() as conn:
        assert [each.id for each in portfolios.in_force(conn)] == ["all-of-it", "theirs"]
    for name in ("all-of-it", "theirs"):
        end_portfolio(office.database, name, who=every, now=office.now)


def test_who_reads_no_replies_reads_no_words_of_the_debtor_in_the_story(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "OC-3", sent=True)
    fields = {"reason": DisputeReason.PRICE.value, "words": "la facture de ma belle-mère", "everything": "1"}
    assert act(seats["manager"], case, "dispute", fields).status == 200
    assert "belle-mère" in seats["agent"].get(f"/console/cases/{case}?whole=1").text
    assert "belle-mère" not in seats["viewer"].get(f"/console/cases/{case}?whole=1").text
