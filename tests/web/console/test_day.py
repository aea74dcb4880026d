"""My day, the calls, the morning batch and the portfolios, as people of each role meet them in a browser."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.domain.campaign import Mode
from orchestrator.domain.case import Case
from orchestrator.domain.events import TaskOpened
from orchestrator.flows.advance_cases import advance_all
from orchestrator.flows.follow_work import follow_work
from orchestrator.flows.import_debts import confirm_ledger
from orchestrator.flows.record_facts import record_facts
from orchestrator.flows.task_rows import tasks_of
from orchestrator.storage import cases, contacts, tasks
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Screen, Seat

PARIS = ZoneInfo("Europe/Paris")
NAME = "Zoé <b>Martin</b>"


@pytest.fixture(scope="module")
def book(office: Office) -> dict[str, Case]:
    """Three debtors who follow a campaign that asks before it sends, and a call to each."""
    rows = [
        a_debt(f"W-{n}", debtor_ref=f"W-{n}", name=NAME, phone=f"+3364463124{n}", address_1=f"{n + 1} rue du Puits")
        for n in range(3)
    ]
    assert office.post("/api/v1/debts", rows).status < 300
    confirm_ledger(office.database, "acme-telecom", as_of=office.now.date(), now=office.now, by="test")
    advance_all(office.database, office.deployment.strategy(mode=Mode.CONFIRM, is_rehearsal=True), now=office.now)
    found = {case.debtor.ref: case for case in _cases(office)}
    for ref, case in found.items():
        fact = TaskOpened(
            id=f"t:{ref}", at=office.now, task_id="call:s", kind="call", subject="s", role="agent",
            due_at=office.now + timedelta(days=30),
        )  # fmt: skip
        with office.database.begin() as conn:
            tasks.open_tasks(conn, tasks_of(case.id, [fact]))
        record_facts(office.database, [(case.id, fact)], now=office.now)
    follow(office)
    return found


def _cases(office: Office) -> list[Case]:
    with office.database.read() as conn:
        return [stored.case for page in cases.each(conn) for stored in page]


def follow(office: Office) -> None:
    """What the ticks do every few seconds."""
    follow_work(office.database, office.deployment.strategy(), now=office.now)


@pytest.fixture(scope="module")
def stranger(office: Office) -> Iterator[Seat]:
    """An agent of another creditor."""
    seat = Seat(office, "a-stranger").begin("agent", creditors=frozenset({"another"}))
    yield seat
    seat.client.close()


def links(screen: Screen, start: str) -> list[str]:
    """Where the links of a page lead that begin so."""
    return [str(a["href"]) for a in screen.soup.find_all("a") if str(a.get("href", "")).startswith(start)]


def test_the_list_says_what_and_why_here(book: dict[str, Case], seats: dict[str, Seat]) -> None:
    seen = seats["agent"].get("/console/")
    assert seen.status == 200
    assert "Ma journée" in seen.text
    assert len(seen.soup.select("ol.work > li")) == 4
    assert "Appeler" in seen.text
    assert "Relances à valider – 3 messages" in seen.text
    assert "Chance d’encaisser 90 %" in seen.text
    assert "sans gestionnaire" in seen.text
    assert len(links(seen, "/console/calls/")) == 3


def test_a_name_is_data_and_never_markup(book: dict[str, Case], seats: dict[str, Seat]) -> None:
    for path in ("/console/", "/console/calls", *(f"/console/calls/{case.id}" for case in book.values())):
        seen = seats["agent"].get(path)
        assert NAME in seen.text
        assert not [b for b in seen.soup.find_all("b") if b.get_text() == "Martin"]


def test_a_stranger_sees_and_reaches_nothing(office: Office, book: dict[str, Case], stranger: Seat) -> None:
    assert not stranger.get("/console/").soup.select("ol.work > li")
    assert "Aucun appel" in stranger.get("/console/calls").text
    case = book["W-0"]
    assert stranger.get(f"/console/calls/{case.id}").status == 404
    sent = {"told": "talked", "name": "abc", "task": f"{case.id}:call:s"}
    assert stranger.post(f"/console/calls/{case.id}", sent).status == 404
    assert stranger.post("/console/day/done", {"task": f"{case.id}:call:s"}).status == 404
    assert "Rien à valider" in stranger.get("/console/batch").text
    assert dialled(office, case) == 0


def dialled(office: Office, case: Case) -> int:
    """How many calls of a case count in the caps."""
    with office.database.read() as conn:
        (stored,) = cases.load(conn, [case.id])
        met = contacts.of_persons(conn, [stored.person_id], since=office.now - timedelta(days=9))
    return len([each for each in met.get(stored.person_id, []) if each.channel == "call"])


def test_a_viewer_sees_no_number_and_answers_nothing(book: dict[str, Case], seats: dict[str, Seat]) -> None:
    seen = seats["viewer"].get("/console/")
    assert seen.status == 200
    assert "+3364463124" not in seen.html
    assert not seen.soup.select("form.done")
    assert seats["viewer"].get("/console/calls").status == 403


def test_a_call_shows_number_hour_and_script(book: dict[str, Case], seats: dict[str, Seat]) -> None:
    case = book["W-1"]
    seen = seats["agent"].get(f"/console/calls/{case.id}?task={case.id}:call:s")
    assert "+33644631241" in seen.text
    assert "maintenant" in seen.text
    assert "10:00" in seen.text
    assert "Vérifier l’identité" in seen.text
    assert seen.text.index("Ouverture") < seen.text.index("Objet de l’appel")
    keys = [str(each["data-key"]) for each in seen.soup.select(".keys [data-key]")]
    assert len(keys) == len(set(keys)) == 11


def test_an_outcome_counts_once_though_it_is_sent_twice(
    office: Office, book: dict[str, Case], seats: dict[str, Seat]
) -> None:
    case, seat = book["W-1"], seats["agent"]
    shown = seat.get(f"/console/calls/{case.id}?task={case.id}:call:s")
    sent = {
        "told": "promise", "task": shown.value("task"), "name": shown.value("name"), "on": "2026-03-13",
        "amount": "42,00",
    }  # fmt: skip
    for _ in range(2):
        assert "L’appel est enregistré" in seat.post(f"/console/calls/{case.id}", sent).text
    assert dialled(office, case) == 1
    (promise,) = next(each for each in _cases(office) if each.id == case.id).promises
    assert promise.amount_cents == 4200
    assert case.id not in seat.get("/console/calls").html


@pytest.mark.parametrize(
    "sent, said",
    [
        ({"told": "promise", "on": ""}, "date de règlement"),
        ({"told": "promise", "on": "2026-01-01"}, ""),
        ({"told": "call_back", "at": "demain"}, "jour et une heure"),
        ({"told": "nonsense"}, "Choisissez"),
        ({"told": "talked", "name": "<b>"}, "Ouvrez la page"),
    ],
)
def test_what_cannot_be_told_is_said_and_counts_nothing(
    office: Office, book: dict[str, Case], seats: dict[str, Seat], sent: dict[str, str], said: str
) -> None:
    case = book["W-2"]
    told = seats["agent"].post(f"/console/calls/{case.id}", {"name": "abc", "task": f"{case.id}:call:s", **sent})
    assert told.status == 422
    assert said in told.text
    assert dialled(office, case) == 0


def test_the_batch_is_read_in_full_and_ticked(office: Office, book: dict[str, Case], seats: dict[str, Seat]) -> None:
    seat = seats["agent"]
    (address,) = links(seat.get("/console/batch"), "/console/batch/messages")
    seen = seat.get(address)
    assert seen.status == 200
    assert len(seen.soup.select("ul.waiting > li")) == 3
    assert len(seen.soup.select("pre.message")) >= 1
    boxes = [str(box["value"]) for box in seen.soup.select("input[name=task]")]
    fields = {"campaign": seen.value("campaign"), "step": seen.value("step"), "task": boxes[:1]}
    assert "validées" in seat.post("/console/batch", {**fields, "answer": "approve"}).text
    again = seat.post("/console/batch", {**fields, "task": boxes[:2], "answer": "approve"})
    assert "1 demande est validée" in again.text
    assert "quelqu’un a déjà répondu" in again.text
    assert "refusées" in seat.post("/console/batch", {**fields, "task": [], "answer": "refuse_all"}).text
    assert "Rien à valider" in seat.get("/console/batch").text


def test_what_would_end_cases_is_approved_apart_from_messages_and_by_the_day_that_my_day_says(
    office: Office, book: dict[str, Case], seats: dict[str, Seat]
) -> None:
    case, today = book["W-2"], office.now.astimezone(PARIS).date()
    fact = TaskOpened(
        id="t:outcome", at=office.now, task_id="approve:outcome", kind="approve", subject="outcome", role="agent",
        step="outcome", amount_cents=4_400, due_at=datetime.combine(today, time(0), PARIS),
    )  # fmt: skip
    with office.database.begin() as conn:
        tasks.open_tasks(conn, tasks_of(case.id, [fact]))
    seen = seats["agent"].get("/console/batch").one("table:has(caption:-soup-contains('contentieux'))")
    row = " ".join(seen.select_one("tbody tr").get_text(" ").split())  # type: ignore[union-attr]  # it has one
    assert "1 jour de retard" in row, "a deadline at midnight ended the day before"
    assert "00:00" not in row
    line = seats["agent"].get("/console/").one("li.batch, li:has(a[href*='step=outcome'])").get_text(" ")
    said = " ".join(line.split())
    assert "Passages au contentieux et clôtures à valider – 1 dossier" in said
    assert "1 jour de retard" in said
    yesterday = f"{(today - timedelta(days=1)).day} "
    assert yesterday in row
    assert f"échéance : {yesterday}" in said
    whole = seats["agent"].get("/console/batch/messages?campaign=b2c-small&step=outcome")
    assert "1 passage au contentieux ou clôture à valider" in whole.text
    assert "1 jour de retard" in whole.text
    assert "relances cochées" not in whole.text
    with office.database.begin() as conn:
        conn.exec_driver_sql("DELETE FROM tasks WHERE step = 'outcome'")


def test_a_task_is_done_from_the_list(office: Office, book: dict[str, Case], seats: dict[str, Seat]) -> None:
    case = book["W-0"]
    fact = TaskOpened(
        id="t:v", at=office.now, task_id="verify_payment:v", kind="verify_payment", subject="v", role="agent",
        due_at=office.now,
    )  # fmt: skip
    with office.database.begin() as conn:
        tasks.open_tasks(conn, tasks_of(case.id, [fact]))
    record_facts(office.database, [(case.id, fact)], now=office.now)
    form = seats["agent"].get("/console/").soup.select_one("form.done")
    assert form is not None
    assert "C’est noté" in seats["agent"].post("/console/day/done", {"task": f"{case.id}:verify_payment:v"}).text
    assert not seats["agent"].get("/console/").soup.select("form.done")


def test_a_manager_makes_portfolios_and_gives_cases(
    office: Office, book: dict[str, Case], seats: dict[str, Seat]
) -> None:
    seat, case = seats["manager"], book["W-2"]
    made = seat.post("/console/portfolios/new", {"name": "paris", "owner": "the-agent", "where": 'postcode: ["75"]'})
    assert "Le portefeuille est créé" in made.text
    assert "le code postal commence par 75" in made.text
    follow(office)
    assert "the-agent" in seat.get("/console/portfolios").text
    assert case.id not in seat.get("/console/").html
    assert case.id in seat.get("/console/?whose=the-agent").html
    given = seat.post("/console/portfolios/give", {"cases": case.id, "to": "the-manager", "why": "sait le dossier"})
    assert "Les dossiers sont confiés" in given.text
    assert case.id in seat.get("/console/").html
    assert case.id not in seats["agent"].get("/console/").html
    assert seats["agent"].get("/console/?whose=the-manager").status == 403
    assert seat.post("/console/portfolios/give", {"cases": case.id, "to": "the-agent"}).status == 422


def test_who_is_away_is_stood_in_for(office: Office, book: dict[str, Case], seats: dict[str, Seat]) -> None:
    day = office.now.date().isoformat()
    sent = {"from_on": day, "to_on": day, "substitute": "the-manager"}
    assert "L’absence est enregistrée" in seats["agent"].post("/console/day/away", sent).text
    seen = seats["manager"].get("/console/")
    assert "Vous remplacez the-agent" in seen.text
    listed = seats["manager"].get("/console/portfolios")
    assert "the-agent" in listed.text
    back = seats["manager"].post("/console/portfolios/back", {"absence": listed.value("absence")})
    assert "La personne est de retour" in back.text
    assert "Vous remplacez" not in seats["manager"].get("/console/").text


def test_every_page_has_labels_and_headings(book: dict[str, Case], seats: dict[str, Seat]) -> None:
    for path in (
        "/console/",
        "/console/calls",
        f"/console/calls/{book['W-0'].id}",
        "/console/batch",
        "/console/portfolios",
    ):
        seen = seats["manager"].get(path)
        assert seen.status == 200
        assert len(seen.soup.select("main h1")) == 1
        assert not seen.soup.select("[style], main script")
        ids = [each["id"] for each in seen.soup.select("[id]")]
        assert len(ids) == len(set(ids)), path
        for each in seen.soup.select("main input:not([type=hidden]), main select, main textarea"):
            assert each.find_parent("label") or seen.soup.select(f"label[for='{each.get('id')}']"), (path, each)
        for table in seen.soup.select("main table"):
            assert table.find("caption")
            assert all(th.get("scope") for th in table.select("th"))


def test_english_reads_english(office: Office, book: dict[str, Case]) -> None:
    seat = Seat(office, "in-english").begin("agent", language="en")
    assert "My day" in seat.get("/console/").text
    assert "Calls to make" in seat.get("/console/calls").text
    seat.client.close()
