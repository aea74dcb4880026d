"""The inbox as a browser without script uses it: the line, one reply, its answer, two people (R10, R29)."""

from datetime import timedelta
from itertools import count

import pytest

from channels.contract import Attachment, Channel, Inbound
from orchestrator.domain.agreement import HoldKind
from orchestrator.domain.campaign import Mode
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.record_replies import record_replies
from orchestrator.rendering.lint.families import families
from orchestrator.storage import cases, messages, waiting_replies
from orchestrator.web.console.words import Words
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Screen, Seat

_numbers = count(1)
STRANGE = "c'est quoi ce truc bizarre ?"


class Heard:
    """A debtor who was written to, and what they answered."""

    def __init__(
        self,
        office: Office,
        text: str,
        *,
        stranger: bool = False,
        files: tuple[Attachment, ...] = (),
        email: str = "",
    ) -> None:
        number = next(_numbers)
        self.office, self.name = office, f"Jeanne <b>Martin</b> {number}"
        self.phone = f"+336446320{number:02}"
        office.later(minutes=1)
        row = a_debt(f"F-I{number}", debtor_ref=f"I-{number}", phone=self.phone, name=self.name, email=email)
        assert office.ask("POST", "/api/v1/debts", json=[row]).status == 200
        office.advance()
        self.dispatch()
        self.case_id = office.ask("GET", f"/api/v1/cases?debtor_ref=I-{number}").body["cases"][0]["id"]
        sender = "+33644639999" if stranger else self.phone
        inbound = Inbound(
            channel=Channel.SMS, dedup_key=f"I{number}", sender=sender, to="38600", text=text, attachments=files
        )
        (recorded,) = record_replies(office.database, self.strategy, [inbound], now=office.now)
        self.id = recorded.reply_id
        self.path = f"/console/inbox/{self.id}"

    @property
    def strategy(self):  # type: ignore[no-untyped-def]  # of the office, every campaign at work
        return self.office.deployment.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)

    def dispatch(self) -> None:
        dispatch_all(self.office.database, self.strategy, self.office.deployment.sandbox_post(), now=self.office.now)

    def case(self) -> cases.Stored:
        with self.office.database.read() as conn:
            (found,) = cases.load(conn, [self.case_id])
        return found

    def answers(self) -> list[messages.Message]:
        self.office.advance()
        self.dispatch()
        with self.office.database.read() as conn:
            every = messages.of_cases(conn, [self.case_id])
        return [m for m in every if m.send.template == "written-answer" and m.left_at]

    def holder(self) -> str:
        with self.office.database.read() as conn:
            found = waiting_replies.find(conn, self.id)
        return found.holder(self.office.now) if found else ""


@pytest.fixture(autouse=True)
def at_work(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The office works for real: its campaigns send, in the sandbox."""
    strategy = office.deployment.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
    monkeypatch.setattr(office.app.state.desk, "strategy", lambda: strategy)


def answered(seat: Seat, heard: Heard, words: str, **fields: str) -> Screen:
    return seat.post(f"{heard.path}/answer", {"words": words, "channel": "sms", "once": "n1", **fields})


def test_the_line_shows_the_gravest_first_and_names_as_text(office: Office, seats: dict[str, Seat]) -> None:
    plain, grave = Heard(office, STRANGE), Heard(office, "je veux mourir")
    screen = seats["agent"].get("/console/inbox")
    assert screen.status == 200
    assert screen.html.index(grave.path) < screen.html.index(plain.path)
    assert "Danger ou décès" in screen.text
    assert "<b>Martin</b>" not in screen.html
    assert plain.name in screen.text


def test_one_reply_shows_its_words_its_reading_rights_and_a_proposal(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, "je paierai peut-être le 20 <script>x</script>")
    screen = seats["agent"].get(heard.path)
    assert screen.status == 200
    assert "<script>x" not in screen.html
    assert screen.soup.find("mark") is not None
    assert "promet de payer" in screen.text
    assert "à confirmer" in screen.text
    assert "Droits du débiteur" in screen.text
    proposed = screen.soup.find("textarea", attrs={"name": "words"})
    assert proposed is not None
    assert "Merci" in proposed.get_text()
    assert heard.holder() == "", "looking takes nothing"


def test_an_answer_is_sent_once_and_the_next_reply_opens(office: Office, seats: dict[str, Seat]) -> None:
    heard, following = Heard(office, STRANGE), Heard(office, "je veux mourir")
    screen = answered(seats["agent"], heard, "Merci de votre message. Que souhaitez-vous savoir ?")
    assert screen.status == 200
    assert "Votre réponse part" in screen.text
    assert screen.html.count("/console/inbox/") > 1
    assert following.path in screen.html
    (left,) = heard.answers()
    assert left.send.purpose.value == "answer"
    again = answered(seats["manager"], heard, "Encore une fois", once="n2")
    assert again.status == 409


def test_words_that_may_not_be_said_come_back_with_what_is_wrong(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    threat = "Payez aujourd'hui ou un huissier viendra saisir vos meubles."
    screen = answered(seats["agent"], heard, threat)
    assert screen.status == 422
    assert "À retirer" in screen.text
    assert threat in screen.text, "what was typed is not lost"
    assert heard.answers() == []


def test_what_is_wrong_is_told_in_the_language_of_whoever_writes(office: Office) -> None:
    seat = Seat(office, "writes-in-english").begin("agent", language="en")
    screen = answered(seat, Heard(office, STRANGE), "Payez aujourd'hui ou un huissier viendra saisir vos meubles.")
    assert screen.status == 422
    found = " ".join(line.get_text() for line in screen.soup.select(".findings li"))
    assert "saisir vos meubles" in found, "what was written stays as it was"
    for family in {each.id: each for each in families().values() if each.id in found}.values():
        assert family.title["fr"] not in found
        assert family.title["en"] in found
    assert families()["L01"].title["en"] in found
    seat.client.close()


def test_a_fault_of_an_e_mail_is_told_once_though_it_is_written_as_text_and_as_a_page(
    office: Office, seats: dict[str, Seat]
) -> None:
    heard = Heard(office, STRANGE, email="jeanne@mail.example")
    screen = answered(seats["agent"], heard, "Nous viendrons saisir vos meubles.", channel="email")
    assert screen.status == 422
    assert [line.get_text().count("saisir vos meubles") for line in screen.soup.select(".findings li")] == [1]


def test_what_is_to_be_done_about_a_reply_is_said_in_words(office: Office) -> None:
    for code in ("read_reply", "review_hold", "answer_dispute", "verify_payment"):
        for language in ("fr", "en"):
            assert Words(language).knows(f"inbox.task.{code}"), code


def test_check_tells_segments_and_hour_without_sending(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    screen = answered(seats["agent"], heard, "Merci de votre message.", check="1")
    assert screen.status == 200
    assert "SMS, avec ce qui" in screen.text
    assert "Rien à redire" in screen.text
    part = seats["agent"].post(f"{heard.path}/check", {"words": "Merci.", "channel": "sms"})
    assert "<main" not in part.html
    assert "Elle peut partir" in part.text
    assert heard.answers() == []


def test_who_takes_it_keeps_others_away_until_they_leave_it(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    agent, manager = seats["agent"], seats["manager"]
    assert "Vous la traitez" in agent.post(f"{heard.path}/take").text
    seen = manager.get(heard.path)
    assert "Traitée par the-agent depuis" in seen.text
    assert seen.soup.find("textarea") is None
    assert answered(manager, heard, "Bonjour, merci.").status == 409
    assert manager.post(f"{heard.path}/done").status == 409
    agent.post(f"{heard.path}/release")
    assert heard.holder() == ""
    assert manager.post(f"{heard.path}/done").status == 200


def test_a_lease_ends_after_ten_minutes(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    seats["agent"].post(f"{heard.path}/take")
    office.now += timedelta(minutes=10, seconds=1)
    assert "Je m’en occupe" in seats["manager"].get(heard.path).text


@pytest.mark.parametrize(
    "act, kind",
    [
        ("promise", "promise"),
        ("wants_time", HoldKind.DEFERRAL),
        ("dispute", HoldKind.DISPUTE),
        ("cannot_pay", HoldKind.HARDSHIP),
        ("already_paid", HoldKind.ALREADY_PAID),
    ],
)
def test_this_reading_is_right_does_the_act_and_keeps_the_reply(
    office: Office, seats: dict[str, Seat], act: str, kind: str
) -> None:
    heard = Heard(office, STRANGE)
    day = (office.now + timedelta(days=5)).date().isoformat()
    screen = seats["agent"].post(f"{heard.path}/decide", {"act": act, "on": day, "once": f"d-{act}"})
    assert screen.status == 200
    assert "C’est noté" in screen.text
    case = heard.case().case
    assert bool(case.promises) if act == "promise" else kind in [hold.kind for hold in case.holds]


@pytest.mark.parametrize("act", ["stop", "wants_call", "wrong_person"])
def test_the_other_acts_of_a_reply(office: Office, seats: dict[str, Seat], act: str) -> None:
    heard = Heard(office, STRANGE)
    screen = seats["agent"].post(f"{heard.path}/decide", {"act": act, "once": f"d-{act}"})
    assert screen.status == 200
    case = heard.case().case
    done = {
        "stop": bool(case.opt_outs),
        "wants_call": any(task.kind == "call_back" for task in case.tasks),
        "wrong_person": any(point.value == "not_owned" for point in case.points),
    }
    assert done[act]


def test_an_act_that_does_not_exist_or_has_no_day_is_refused(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    assert seats["agent"].post(f"{heard.path}/decide", {"act": "forgive"}).status == 422
    assert seats["agent"].post(f"{heard.path}/decide", {"act": "promise", "on": "soon"}).status == 422


def test_a_reply_of_nobody_is_attached_to_a_case(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, "je conteste cette facture", stranger=True)
    screen = seats["agent"].get(heard.path)
    assert "De qui vient-elle" in screen.text
    placed = seats["agent"].post(f"{heard.path}/place", {"case": heard.case_id})
    assert "rattachée au dossier" in placed.text
    assert HoldKind.DISPUTE in [hold.kind for hold in heard.case().case.holds]


def test_an_attachment_is_saved_and_never_shown(office: Office, seats: dict[str, Seat]) -> None:
    file = Attachment(file_name="reçu <x>.html", media_type="text/html", content=b"<script>1</script>")
    heard = Heard(office, STRANGE, files=(file,))
    screen = seats["agent"].get(heard.path)
    assert "reçu <x>.html" in screen.text
    given = seats["agent"].client.get(f"{heard.path}/files/1")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert seats["agent"].get(f"{heard.path}/files/2").status == 404


def test_another_creditors_reply_is_not_found(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    stranger = Seat(office, f"other-{next(_numbers)}").begin("manager", creditors=frozenset({"somebody-else"}))
    assert heard.path not in stranger.get("/console/inbox").html
    for path in (heard.path, f"{heard.path}/files/1"):
        assert stranger.get(path).status == 404
    for act in ("take", "check", "answer", "done", "decide", "place"):
        fields = {"words": "Bonjour", "channel": "sms", "act": "cannot_pay", "case": heard.case_id}
        assert stranger.post(f"{heard.path}/{act}", fields).status == 404, act
    assert heard.holder() == ""


def test_read_with_nothing_to_say_leaves_the_line(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    assert "C’est lu" in seats["agent"].post(f"{heard.path}/done").text
    assert heard.path not in seats["agent"].get("/console/inbox").html
    assert "Cette réponse est traitée" in seats["agent"].get(heard.path).text


def test_the_page_can_be_worked_by_keyboard(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, STRANGE)
    soup = seats["agent"].get(heard.path).soup
    keys = {str(each["data-key"]) for each in soup.select("main [data-key]")}
    assert {"p", "a", "e"} <= keys
    assert soup.select("[data-list] [data-item]")
    assert all(soup.find("label", attrs={"for": each["id"]}) for each in soup.select("main textarea, main select"))


# ------------------------------------------------------------------------------- what nobody has decided yet

UNSURE = "fin de mois difficile"
SOFT = "Merci de votre message. Dites-nous ce qui vous aiderait."


def test_an_unsure_hardship_is_decided_beside_the_button_that_sends(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, UNSURE)
    page = seats["agent"].get(heard.path)
    assert [each["value"] for each in page.soup.select("form.answer input[name=so-cannot_pay]")] == ["yes", "no"]
    assert "si vous confirmez" in page.text, "the voice that is promised is the one that is used"
    undecided = answered(seats["agent"], heard, SOFT)
    assert undecided.status == 422
    assert "Dites d’abord si cette lecture est juste" in undecided.text
    assert SOFT in undecided.html, "what was typed is not lost"
    ended = seats["agent"].post(f"{heard.path}/done", {"once": "n2"})
    assert (ended.status, heard.answers()) == (422, [])
    assert "lecture est juste" in ended.text


def test_a_hardship_that_is_confirmed_with_the_answer_is_recorded_and_listened_to(
    office: Office, seats: dict[str, Seat]
) -> None:
    heard = Heard(office, UNSURE)
    assert answered(seats["agent"], heard, SOFT, **{"so-cannot_pay": "yes"}).status == 200
    assert HoldKind.HARDSHIP in [hold.kind for hold in heard.case().case.holds]
    heard.answers()  # the machine's own words about the hardship leave first
    (left,) = heard.answers()
    assert left.send.voice.value == "listening"


def test_a_hardship_that_is_none_is_answered_courteously_and_the_page_promises_nothing_else(
    office: Office, seats: dict[str, Seat]
) -> None:
    heard = Heard(office, UNSURE)
    assert answered(seats["agent"], heard, SOFT, **{"so-cannot_pay": "no"}).status == 200
    (left,) = heard.answers()
    assert left.send.voice.value == "courteous"
    assert "Ton d’écoute" not in seats["agent"].get(heard.path).text
    assert HoldKind.HARDSHIP not in [hold.kind for hold in heard.case().case.holds]


def test_read_without_a_word_decides_too(office: Office, seats: dict[str, Seat]) -> None:
    heard = Heard(office, UNSURE)
    assert "C’est lu" in seats["agent"].post(f"{heard.path}/done", {"so-cannot_pay": "yes", "once": "n3"}).text
    assert HoldKind.HARDSHIP in [hold.kind for hold in heard.case().case.holds]


@pytest.mark.parametrize("act, kind", [("distress", HoldKind.VULNERABLE), ("deceased", HoldKind.DEATH)])
def test_a_death_and_a_vulnerable_person_can_be_noted_from_a_reply(
    office: Office, seats: dict[str, Seat], act: str, kind: HoldKind
) -> None:
    heard = Heard(office, STRANGE)
    assert "C’est noté" in seats["agent"].post(f"{heard.path}/decide", {"act": act, "once": f"d-{act}"}).text
    assert kind in [hold.kind for hold in heard.case().case.holds]
