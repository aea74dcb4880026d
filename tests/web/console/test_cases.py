"""Cases in the console: found, read within a minute, acted upon once; nothing of a creditor that is not theirs."""

from typing import Any

import pytest

from channels.contract import Channel
from orchestrator.domain.campaign import Mode
from orchestrator.flows.dispatch import dispatch_all
from orchestrator.flows.project_figures import project_all
from orchestrator.storage import cases, journal, messages
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Screen, Seat

PHONE, MAIL = "+33644631234", "jeanne.dupont@example.org"


@pytest.fixture(scope="module")
def reader(office: Office) -> Seat:
    """Somebody who may see another creditor alone."""
    return Seat(office, "the-other").begin("admin", creditors=frozenset({"atelier-bois"}))


_known: dict[str, str] = {}


def a_case(office: Office, debtor: str, *, sent: bool = False, **changes: Any) -> str:
    """The id of a case of its own, with one debt of 42 EUR; `sent`: its first message has left."""
    number = f"+3364463{len(_known):04d}"
    given = {"debtor_ref": debtor, "name": f"Personne {debtor}", "phone": number, **changes}
    pushed = office.post("/api/v1/debts", [a_debt(f"F-{debtor}", **given)])
    assert pushed.body["refused"] == 0, pushed.body
    case = _known[debtor] = str(pushed.body["rows"][0]["case"])
    if sent:
        office.later(seconds=5)  # so that no lane is at its rate
        office.advance()
        place = office.deployment
        strategy = place.strategy(mode=Mode.AUTOMATIC, is_rehearsal=True)
        dispatch_all(office.database, strategy, place.post(), now=office.now)
        office.advance()
    project_all(office.database, office.deployment.strategy(), now=office.now)
    return case


def facts(office: Office, case: str) -> list[str]:
    with office.database.read() as conn:
        return [line.type for line in journal.read(conn, case)]


def act(seat: Seat, case: str, what: str, fields: dict[str, Any], *, follow: bool = True) -> Screen:
    """Fills in the form of an act as its page gives it, and sends it."""
    shown = seat.get(f"/console/cases/{case}/act/{what}")
    assert shown.status == 200, shown.html[:300]
    return seat.post(f"/console/cases/{case}/act/{what}", {"once": shown.value("once"), **fields}, follow=follow)


# ---------------------------------------------------------------------------------------------------- the list


def test_a_case_is_found_by_a_name_that_stands_in_no_address(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "L-1", name="Zoé Quéneau")
    went = seats["agent"].post("/console/cases/find", {"words": "queneau"}, follow=False)
    assert went.status == 303
    assert "queneau" not in went.headers["location"].lower()
    found = seats["agent"].get(went.headers["location"])
    assert case in found.text
    assert found.value("words") == "queneau"


def test_an_address_with_words_of_somebody_else_finds_nothing_by_them(seats: dict[str, Seat]) -> None:
    assert seats["agent"].get("/console/cases?find=forged").value("words") == ""


def test_a_list_is_filtered_and_a_condition_is_judged(office: Office, seats: dict[str, Seat]) -> None:
    small, large = a_case(office, "L-2"), a_case(office, "L-3", principal="900.00", open_amount="900.00")
    query = "/console/cases?from=800&below=1+000,00&state=open"
    shown = seats["viewer"].get(query).text
    assert (large in shown, small in shown) == (True, False)
    shown = seats["viewer"].get("/console/cases?where=balance:+%7Bfrom:+800+EUR%7D").text
    assert (large in shown, small in shown) == (True, False)


@pytest.mark.parametrize(
    "query, says",
    [
        ("where=balance:+%7Bform:+800+EUR%7D", "form"),
        ("where=%7B", "close the bracket"),
        ("overdue_since=31/02/2026", "Écrivez le jour"),
        ("from=beaucoup", "Écrivez le montant"),
    ],
)
def test_a_filter_that_cannot_be_read_keeps_what_was_typed(seats: dict[str, Seat], query: str, says: str) -> None:
    shown = seats["viewer"].get(f"/console/cases?{query}")
    assert shown.status == 422
    assert says in shown.text


# ------------------------------------------------------------------------------------------------------ one case


def test_a_newcomer_reads_at_the_top_why_the_last_message_left(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-1", sent=True)
    shown = seats["agent"].get(f"/console/cases/{case}")
    why = shown.soup.find("section", class_="why")
    assert why is not None
    said = " ".join(why.get_text(" ").split())
    named = ("« 1 · Rappel »", "« Petits impayés, particuliers »")
    for part in ("Parti le 10 mars 2026", *named, "42,00", "F-C-1", "règles vérifiées"):
        assert part in said, (part, said)
    assert shown.text.index("Pourquoi le dernier message") < shown.text.index("La suite") < shown.text.index("Compte")


def test_the_page_says_what_comes_next_and_when(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-2", sent=True)
    shown = seats["viewer"].get(f"/console/cases/{case}").text
    assert "« 2 · Rappel »" in shown
    assert "20 mars 2026" in shown
    assert "Europe/Paris" in shown


def test_who_may_only_look_sees_no_number_and_no_act(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-3", sent=True, phone="+33644639876", email="secret@lac.example")
    full = seats["agent"].get(f"/console/cases/{case}").html
    assert "+33644639876" in full
    masked = seats["viewer"].get(f"/console/cases/{case}").html
    for secret in ("644639876", "secret@lac.example", "/act/"):
        assert secret not in masked, secret
    assert "••• 76" in masked


def test_a_name_is_never_markup(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-4", name="<script>alert(1)</script>")
    act(seats["agent"], case, "note", {"words": "<img src=x onerror=alert(2)>"})
    html = seats["agent"].get(f"/console/cases/{case}").html
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_a_timeline_is_of_one_kind_when_asked(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-5", sent=True)
    act(seats["agent"], case, "note", {"words": "rappeler jeudi"})
    notes = seats["agent"].get(f"/console/cases/{case}?kind=notes").soup.find("ol", class_="story")
    assert notes is not None
    assert "rappeler jeudi" in notes.get_text()
    assert "MESSAGE PARTI" not in notes.get_text()


# ----------------------------------------------------------------------------------------------------------- acts


@pytest.mark.parametrize(
    "what, fields, fact",
    [
        ("note", {"words": "a appelé"}, "note.added"),
        ("call", {"outcome": "voicemail"}, "call.made"),
        ("promise", {"on": "20/03/2026", "amount": "20,00"}, "promise.made"),
        ("defer", {"until": "2026-03-31"}, "hold.placed"),
        ("paid", {"amount": "42", "by_cheque": "yes", "words": "chèque 77"}, "hold.placed"),
        ("dispute", {"everything": "yes", "amount": "12,50 €", "reason": "price", "owner": "ventes"}, "dispute.opened"),
        ("hardship", {"words": "a perdu son emploi"}, "hardship.declared"),
        ("hold", {"kind": "veto", "review_on": "31/03/2026"}, "hold.placed"),
        ("mark", {"mark": "good_payer"}, "mark.added"),
        ("contact", {"kind": "email", "value": "compta@lac.example", "role": "accounts_payable"}, "point.added"),
        ("contact", {"kind": "post", "lines": "2 rue du Lac", "postcode": "75002", "city": "Paris"}, "point.added"),
        ("point", {"which": "phone:PHONE", "fault": "not_owned"}, "point.marked"),
        ("contact", {"kind": "phone", "value": "06 44 63 99 99", "corrects": "phone:PHONE"}, "point.marked"),
        ("stop", {"channel": "sms"}, "channel.opted_out"),
    ],
)
def test_an_agent_acts_by_a_form(
    office: Office, seats: dict[str, Seat], what: str, fields: dict[str, str], fact: str
) -> None:
    number = f"+3364465{len(_known):04d}"
    case = a_case(office, f"A-{len(_known)}", phone=number)
    done = act(seats["agent"], case, what, {name: value.replace("PHONE", number) for name, value in fields.items()})
    assert done.status == 200
    assert done.soup.find("p", class_="said") is not None
    assert fact in facts(office, case)


def test_a_dispute_is_answered_and_a_hold_lifted_from_the_page(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "A-ANSWER")
    act(seats["agent"], case, "dispute", {"reason": "", "everything": "yes"})
    act(seats["agent"], case, "hold", {"kind": "veto"})
    shown = seats["agent"].get(f"/console/cases/{case}")
    links = {str(link["href"]).partition("?")[0].rpartition("/")[2]: str(link["href"]) for link in shown.soup("a")
             if "hold=" in str(link.get("href"))}  # fmt: skip
    assert set(links) == {"answer", "lift"}
    answer = seats["agent"].get(links["answer"])
    done = seats["agent"].post(
        f"/console/cases/{case}/act/answer",
        {"once": answer.value("once"), "hold": answer.value("hold"), "outcome": "rejected"},
    )
    assert done.status == 200
    assert "dispute.resolved" in facts(office, case)


def test_a_double_click_acts_once(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "A-TWICE")
    once = seats["agent"].get(f"/console/cases/{case}/act/note").value("once")
    for _ in range(2):
        seats["agent"].post(f"/console/cases/{case}/act/note", {"once": once, "words": "une fois"})
    assert facts(office, case).count("note.added") == 1
    act(seats["agent"], case, "note", {"words": "une fois"})
    assert facts(office, case).count("note.added") == 2


@pytest.mark.parametrize(
    "what, fields, beside, says",
    [
        ("promise", {"on": "31/02/2026", "amount": "20,00"}, "on", "Ce jour n’existe pas"),
        ("promise", {"on": "bientôt", "amount": "20,00"}, "on", "Écrivez le jour"),
        ("promise", {"on": "20/03/2026", "amount": "vingt"}, "amount", "Écrivez le montant"),
        ("promise", {"on": "20/03/2026", "amount": "-5"}, "amount", "supérieur à zéro"),
        ("promise", {"on": "", "amount": "20,00"}, "on", "À remplir"),
        ("promise", {"on": "01/03/2026", "amount": "20,00"}, "on", ""),
        ("dispute", {"everything": "yes", "amount": "4 000,00", "reason": "price"}, "amount", ""),
        ("contact", {"kind": "phone", "value": "12"}, "value", ""),
        ("mark", {"mark": "Bon Payeur"}, "mark", ""),
        ("note", {"words": "son numéro 1 85 05 78 006 084 91"}, "words", ""),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    office: Office, seats: dict[str, Seat], what: str, fields: dict[str, str], beside: str, says: str
) -> None:
    case = a_case(office, f"W-{len(_known)}")
    before = facts(office, case)
    shown = act(seats["agent"], case, what, fields)
    assert shown.status == 422
    assert facts(office, case) == before
    found = shown.soup.find(id=f"f-{beside}")
    assert found is not None
    assert found.get("aria-invalid") == "true"
    fault = shown.soup.find(id=f"e-{beside}")
    assert fault is not None
    assert says in fault.get_text()
    for name, value in fields.items():
        field = shown.soup.find(id=f"f-{name}")
        assert field is not None
        kept = field.get_text() if field.name == "textarea" else field.get("value", "")
        if field.name != "select":
            assert kept == value


def test_only_a_manager_closes_a_case_and_takes_it_up_again(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "A-CLOSE")
    assert seats["agent"].get(f"/console/cases/{case}/act/close").status == 403
    said = {"outcome": "written_off", "words": "société disparue"}
    assert seats["agent"].post(f"/console/cases/{case}/act/close", said, follow=False).status == 403
    assert "act/close" not in seats["agent"].get(f"/console/cases/{case}").html
    done = act(seats["manager"], case, "close", said)
    assert "passé en perte" in done.text
    assert act(seats["manager"], case, "reopen", {"words": "a rappelé"}).status == 200
    assert [each for each in facts(office, case) if each.startswith("case.")] == ["case.closed", "case.reopened"]


def test_a_manager_records_a_payment_once(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "A-PAY")
    said = {"reference": "VIR-77", "amount": "12,00", "received_on": "10/03/2026"}
    first = seats["manager"].post(f"/console/cases/{case}/payment", said)
    again = seats["manager"].post(f"/console/cases/{case}/payment", said)
    assert ("enregistré" in first.text, "déjà connu" in again.text) == (True, True)
    assert facts(office, case).count("payment.received") == 1
    other = seats["manager"].post(f"/console/cases/{case}/payment", {**said, "amount": "13,00"})
    assert other.status == 422
    late = seats["manager"].post(
        f"/console/cases/{case}/payment", {**said, "reference": "VIR-78", "received_on": "11/03/2026"}
    )
    assert "pas encore venu" in late.text
    assert "Vide" not in seats["manager"].get(f"/console/cases/{case}/payment").text, "its amount is asked for"
    refused = seats["agent"].get(f"/console/cases/{case}/payment")
    assert refused.status == 403
    assert "Votre rôle ne permet pas cela." in refused.text
    assert "it needs" not in refused.text, "what a program is told is in English"


# -------------------------------------------------------------------------------------------- another's creditor


def test_no_route_tells_of_a_case_of_another_creditor(office: Office, reader: Seat) -> None:
    case = a_case(office, "X-1", sent=True)
    with office.database.read() as conn:
        (message,) = [each.id for each in messages.of_case(conn, case)]
        before = cases.load(conn, [case])
    for path in (
        f"/console/cases/{case}", f"/console/cases/{case}/act/note", f"/console/cases/{case}/payment",
        f"/console/messages?case={case}", f"/console/messages/{message}", f"/console/messages/{message}/frame",
        f"/console/messages/{message}/letter.pdf",
    ):  # fmt: skip
        assert reader.get(path).status == 404, path
    for path in (f"/console/cases/{case}/act/note", f"/console/cases/{case}/payment"):
        assert reader.post(path, {"words": "x"}, follow=False).status == 404, path
    with office.database.read() as conn:
        assert cases.load(conn, [case]) == before
    assert case not in reader.get("/console/cases").html
    assert case not in reader.get("/console/messages").html
    went = reader.post("/console/cases/find", {"words": case})
    assert went.status == 200
    assert "Personne X-1" not in went.html


def test_a_letter_is_not_for_who_may_not_see_addresses(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "X-2", sent=True, phone="", email="")
    with office.database.read() as conn:
        (message,) = messages.of_case(conn, case)
    assert message.send.channel is Channel.LETTER
    assert message.left_at is not None, message
    pdf = seats["agent"].get(f"/console/messages/{message.id}/letter.pdf")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    assert seats["viewer"].get(f"/console/messages/{message.id}/letter.pdf").status == 403
    shown = seats["viewer"].get(f"/console/messages/{message.id}")
    assert shown.status == 200
    assert "1 rue du Lac" not in shown.html
    assert "à l’octet près" in seats["agent"].get(f"/console/messages/{message.id}").text


def test_a_hold_and_every_other_choice_that_is_needed_is_made_and_not_taken_for_granted(
    office: Office, seats: dict[str, Seat]
) -> None:
    case = a_case(office, "C-CHOICE")
    for what, name in (("hold", "kind"), ("call", "outcome"), ("close", "outcome"), ("stop", "channel")):
        shown = seats["manager"].get(f"/console/cases/{case}/act/{what}")
        first = shown.soup.select_one(f"select[name={name}] option")
        assert first is not None
        assert first["value"] == "", what
    before = facts(office, case)
    refused = act(seats["agent"], case, "hold", {"kind": ""})
    assert refused.status == 422
    assert "Choisissez dans la liste" in refused.text
    assert facts(office, case) == before


def test_a_dispute_names_its_documents_or_says_that_it_is_about_all(office: Office, seats: dict[str, Seat]) -> None:
    case = a_case(office, "C-WHICH")
    before = facts(office, case)
    refused = act(seats["agent"], case, "dispute", {"reason": "price"})
    assert refused.status == 422
    assert "Cochez ce qui est contesté" in refused.text
    assert "Rien de coché" not in refused.text
    assert facts(office, case) == before
    assert act(seats["agent"], case, "dispute", {"reason": "price", "document": "F-C-WHICH"}).status == 200
    assert "dispute.opened" in facts(office, case)
