"""Stopping and starting again from the console (R6): few taps, the reach before, the truth while it drains."""

from collections import Counter
from datetime import timedelta

import pytest

from orchestrator.domain.condition import ALWAYS, Every, OneOf
from orchestrator.domain.interruption import Pause
from orchestrator.flows import resume_sending
from orchestrator.flows.pause_sending import start_pause
from orchestrator.storage import attempts, cases, pauses
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Screen, Seat
from tests.web.console.looking import address_of, form_of, one, words_of


@pytest.fixture(scope="module", autouse=True)
def planned(office: Office) -> None:
    """Three debtors with a message ready, one of them in Pas-de-Calais."""
    debts = [
        a_debt("F-1", debtor_ref="C-1", phone="+33644631201"),
        a_debt("F-2", debtor_ref="C-2", phone="+33644631202", name="Anne Exemple", address_1="2 rue du Lac"),
        a_debt("F-3", debtor_ref="C-3", phone="+33644631203", name="Bela Exemple", postcode="62100"),
    ]
    assert office.post("/api/v1/debts", debts).status == 200
    office.advance()


@pytest.fixture(autouse=True)
def nothing_in_force(office: Office) -> None:
    with office.database.begin() as conn:
        conn.exec_driver_sql("DELETE FROM pauses")


def in_force(office: Office) -> list[Pause]:
    with office.database.read() as conn:
        return pauses.active(conn, at=office.now)


def stop(seat: Seat, **fields: str) -> Screen:
    return seat.post("/console/pauses", {"reason": "Erreur dans les messages", **fields})


def test_a_stop_of_everything_takes_four_taps_from_any_page(seats: dict[str, Seat], office: Office) -> None:
    seat = seats["manager"]
    first = address_of(seat.get("/console/account"), "header a.stop")
    second = address_of(seat.get(first), "#pause-all")
    shown = seat.get(second)
    address, fields = form_of(shown, "#confirm-pause")
    # The third tap is a reason, the fourth the button.
    reason = str(one(shown, "input[type=radio]")["value"])
    done = seat.post(address, {**fields, "reason": reason})
    assert (done.status, "suspendu" in done.text) == (200, True)
    (pause,) = in_force(office)
    assert (pause.scope, pause.channels, pause.lanes) == (ALWAYS, (), ())
    assert (pause.by, pause.reason) == ("the-manager", reason)


def test_it_says_whom_it_touches_before_anything_stops(seats: dict[str, Seat], office: Office) -> None:
    shown = seats["manager"].get("/console/pauses/new?all=1")
    assert words_of(shown, "#reach-people").startswith("3 personnes, 3 dossiers ouverts")
    assert words_of(shown, "#reach-messages").startswith("3 messages prêts")
    segment = seats["manager"].get("/console/pauses/new?postcode=62")
    assert words_of(segment, "#reach-people").startswith("1 personne,")
    assert in_force(office) == []


@pytest.mark.parametrize(
    "query, words",
    [
        ("creditor=acme-telecom", "Créancier Acme Télécom SAS"),
        ("campaign=b2c-small", "Scénario Petits impayés, particuliers"),
        ("channel=sms", "Canal SMS"),
        ("lane=sandbox-sms", "Canal d’envoi Bac à sable · SMS"),
        ("debtor_ref=C-1", "Débiteur C-1"),
        ("postcode=62,59", "le code postal commence par 59 ou 62"),
        ("balance_from=10", "le solde dû est d’au moins 10 €"),
    ],
)
def test_each_kind_of_scope_is_named_and_stops_what_it_says(
    seats: dict[str, Seat], office: Office, query: str, words: str
) -> None:
    shown = seats["manager"].get(f"/console/pauses/new?{query}")
    assert words in shown.text
    _, fields = form_of(shown, "#confirm-pause")
    del fields["token"]
    done = stop(seats["manager"], **fields)
    assert words in done.text
    (pause,) = in_force(office)
    assert done.address == f"/console/pauses/{pause.id}"
    assert pause.scope != ALWAYS or pause.channels or pause.lanes


def test_a_reason_is_asked_for_and_what_was_chosen_is_kept(seats: dict[str, Seat], office: Office) -> None:
    said = seats["manager"].post("/console/pauses", {"campaign": "b2c-small", "until": "2026-03-20T08:00"})
    assert said.status == 422
    assert said.soup.find(id="reason-fault")
    assert (said.value("campaign"), said.value("until")) == ("b2c-small", "2026-03-20T08:00")
    assert in_force(office) == []


def test_reasons_in_other_words_win(seats: dict[str, Seat], office: Office) -> None:
    stop(seats["manager"], all="1", words="Grève des imprimeurs")
    assert [pause.reason for pause in in_force(office)] == ["Grève des imprimeurs"]


@pytest.mark.parametrize("until", ["2026-03-01T08:00", "demain"])
def test_an_end_that_is_past_or_no_day_is_refused(seats: dict[str, Seat], office: Office, until: str) -> None:
    said = stop(seats["manager"], all="1", until=until)
    assert said.status == 422
    assert "Donnez un jour et une heure à venir." in said.text
    assert in_force(office) == []


def test_an_end_is_read_in_the_zone_of_who_gives_it(seats: dict[str, Seat], office: Office) -> None:
    stop(seats["manager"], all="1", until="2026-03-20T08:00")
    (pause,) = in_force(office)
    assert pause.ends_at is not None
    assert pause.ends_at.isoformat() == "2026-03-20T07:00:00+00:00"


def test_nothing_chosen_stops_nothing(seats: dict[str, Seat], office: Office) -> None:
    assert stop(seats["manager"]).status == 422
    assert stop(seats["manager"], channel="fax").status == 422
    assert stop(seats["manager"], lane="never-was").status == 422
    assert in_force(office) == []


def test_it_is_pausing_while_something_flies_and_paused_only_then(seats: dict[str, Seat], office: Office) -> None:
    _fly(office)
    said = stop(seats["manager"], all="1")
    assert "arrêt en cours" in said.text
    assert "1 envoi déjà engagé" in said.text
    assert "suspendu" not in said.text.replace("Suspendre", "")
    assert one(said, "[data-live]")["data-live"] == f"{said.address}/events"
    assert one(said, "noscript meta[http-equiv=refresh]")
    with office.database.begin() as conn:
        conn.exec_driver_sql("UPDATE attempts SET state = 'rejected', ended_at = 1")
    after = seats["manager"].get(said.address)
    assert "suspendu" in after.text
    assert after.soup.select("[data-live]") == []


def test_its_live_part_tells_the_end_and_is_over(seats: dict[str, Seat], office: Office) -> None:
    _paused(office, "p-live")
    said = seats["viewer"].client.get("/console/pauses/p-live/events")
    assert said.headers["content-type"].startswith("text/event-stream")
    assert "suspendu" in said.text
    assert said.text.endswith("event: over\ndata:\n\n")
    assert seats["viewer"].get("/console/pauses/none/events").status == 404


def test_the_lists_hold_what_is_in_force_and_what_is_past(seats: dict[str, Seat], office: Office) -> None:
    _paused(office, "p-now")
    start_pause(office.database, Pause(id="p-old", scope=ALWAYS, since=office.now - timedelta(days=2),
                reason="avant", by="test", ends_at=office.now - timedelta(days=1)))  # fmt: skip
    first, second = seats["viewer"].get("/console/pauses").soup.find_all("table")
    assert "p-now" in str(first)
    assert "avant" not in first.text
    assert "avant" in second.text
    assert "p-now" not in str(second)


def test_the_list_leads_whoever_may_to_the_resume_of_each(seats: dict[str, Seat], office: Office) -> None:
    _paused(office, "p-now")
    link = "/console/pauses/p-now/resume"
    first, second = seats["manager"].get("/console/pauses").soup.find_all("table")
    (found,) = first.find_all("a", href=link)
    assert found.get_text(strip=True).startswith("Reprendre")
    assert second.find("a", href=link) is None
    assert seats["manager"].get(link).status == 200
    assert seats["viewer"].get("/console/pauses").soup.find("a", href=link) is None
    narrow = Seat(office, "narrow-hand").begin("manager", creditors=frozenset({"acme-telecom"}))
    assert narrow.get("/console/pauses").soup.find("a", href=link) is None, "it stops more than their creditors"


def test_a_resume_tells_what_would_go_and_why_not_then_does_it(seats: dict[str, Seat], office: Office) -> None:
    _paused(office, "p-back")
    shown = seats["manager"].get("/console/pauses/p-back/resume")
    assert "3 messages partiraient maintenant" in shown.text
    assert len(in_force(office)) == 1
    done = seats["manager"].post("/console/pauses/p-back/resume", {"ramp": "15"})
    assert done.address == "/console/pauses/p-back/resume/done"
    assert "Le débit croît pendant 15 minutes." in done.text
    with office.database.read() as conn:
        resumed = pauses.load(conn, "p-back")
    assert resumed is not None
    assert (resumed.resumed_by, resumed.ramp_minutes) == ("the-manager", 15)
    assert "repris" in seats["viewer"].get("/console/pauses/p-back").text


def test_a_case_whose_step_has_not_come_is_told_in_words(
    seats: dict[str, Seat], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = resume_sending.Preview(pause="p-step", later=8, why=Counter({"STEP": 8}))
    monkeypatch.setattr("orchestrator.web.console.resumes.preview_resume", lambda *_args, **_named: found)
    _paused(office, "p-step")
    shown = seats["manager"].get("/console/pauses/p-step/resume")
    assert "le jour de leur prochaine étape n’est pas venu" in shown.text
    assert "STEP" not in shown.text


def test_very_many_messages_are_let_go_by_an_administrator_who_says_so(
    seats: dict[str, Seat], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resume_sending, "CONFIRM_ABOVE", 2)
    monkeypatch.setattr("orchestrator.web.console.resumes.CONFIRM_ABOVE", 2)
    _paused(office, "p-many")
    shown = seats["manager"].get("/console/pauses/p-many/resume")
    assert "seul un administrateur" in shown.text
    assert shown.soup.find(id="confirm-resume") is None
    refused = seats["manager"].post("/console/pauses/p-many/resume", {"ramp": "30", "confirm": "on"})
    assert refused.status == 403
    unsaid = seats["admin"].post("/console/pauses/p-many/resume", {"ramp": "30"})
    assert unsaid.address == "/console/pauses/p-many/resume/done"
    assert "un administrateur doit le confirmer" in seats["admin"].get("/console/pauses/p-many/resume").text
    assert len(in_force(office)) == 1
    seats["admin"].post("/console/pauses/p-many/resume", {"ramp": "30", "confirm": "on"})
    assert in_force(office) == []


def test_who_sees_one_creditor_pauses_that_one_and_lets_others_alone(office: Office) -> None:
    theirs = Seat(office, "one-creditor").begin("manager", creditors=frozenset({"another"}))
    assert words_of(theirs.get("/console/pauses/new?all=1"), "#reach-people").startswith("0 ")
    stop(theirs, all="1")
    (pause,) = in_force(office)
    assert pause.scope != ALWAYS
    _paused(office, "p-all")
    shown = theirs.get("/console/pauses/p-all")
    assert shown.status == 200
    assert "Parti pendant" not in shown.text
    assert theirs.get("/console/pauses/p-all/resume").status == 403
    assert theirs.post("/console/pauses/p-all/resume", {}).status == 403
    mine = Seat(office, "the-other").begin("manager", creditors=frozenset({"acme-telecom"}))
    assert mine.get(f"/console/pauses/{pause.id}").status == 404
    with office.database.read() as conn:
        case_id = conn.exec_driver_sql("SELECT id FROM cases WHERE debtor_ref = 'C-1'").scalar()
    assert theirs.get(f"/console/pauses/new?case={case_id}").status == 404
    assert "Débiteur C-1" in mine.get(f"/console/pauses/new?case={case_id}").text


def _paused(office: Office, pause_id: str) -> None:
    start_pause(office.database, Pause(id=pause_id, scope=ALWAYS, since=office.now, reason=pause_id, by="test"))


def _fly(office: Office) -> None:
    with office.database.begin() as conn:
        found = conn.exec_driver_sql("SELECT id, case_id FROM messages LIMIT 1").one()
        attempts.insert(conn, [attempts.Attempt(
            id="a" * 32, message_id=found[0], case_id=found[1], number=9, token="t" * 22, content_hash="",
            lane="sandbox-sms", channel="sms", destination="", marker="", units=1, epoch=0, started_at=office.now,
            lease_until=office.now + timedelta(seconds=15),
        )])  # fmt: skip


@pytest.mark.parametrize("ref", ["EXEMPLE, Carla", "C;4", "C-5,C-6"])
def test_a_pause_of_one_case_stops_that_debtor_whatever_its_reference(
    office: Office, seats: dict[str, Seat], ref: str
) -> None:
    office.post("/api/v1/debts", [a_debt(f"F-{len(ref)}", debtor_ref=ref, name="Carla Exemple")])
    with office.database.read() as conn:
        (stored,) = cases.search(conn, cases.Filter(debtor_ref=ref), limit=2)
    shown = seats["manager"].get(f"/console/pauses/new?case={stored.case.id}")
    address, fields = form_of(shown, "#confirm-pause")
    seats["manager"].post(address, {**fields, "reason": "Erreur"})
    (pause,) = in_force(office)
    assert pause.scope == Every((OneOf("creditor", frozenset({"acme-telecom"})), OneOf("debtor_ref", frozenset({ref}))))


def test_a_pause_that_would_touch_nobody_says_so_in_words(seats: dict[str, Seat]) -> None:
    said = "ne touche personne aujourd’hui"
    assert said in seats["manager"].get("/console/pauses/new?postcode=99999").text
    assert said not in seats["manager"].get("/console/pauses/new?postcode=62").text
