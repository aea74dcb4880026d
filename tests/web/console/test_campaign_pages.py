"""The pages of campaigns: what each role sees, what a version changed, messages one step at a time, a release."""

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from orchestrator.bootstrap import Deployment
from orchestrator.domain.campaign import Mode
from orchestrator.settings import read_settings, shipped
from orchestrator.storage import releases
from tests.flows.conftest import TUESDAY
from tests.web.conftest import Office, a_debt
from tests.web.console.conftest import Screen, Seat

HERE = "/console/campaigns"


def until_made(seat: Seat, path: str, *, seconds: float = 400) -> Screen:
    """Looks at a page again until all that is made behind it is there."""
    end = time.monotonic() + seconds
    while True:
        screen = seat.get(path)
        if not screen.soup.select("main p[role=status]:not(.said)"):
            return screen
        assert time.monotonic() < end, screen.text[-2000:]
        time.sleep(1)


def release_of(office: Office, campaign: str) -> str:
    with office.database.read() as conn:
        return next(each.id for each in releases.headings(conn, campaign) if each.current_since)


# Small, so that its lint is short: a lint of a shipped campaign words hundreds of messages.
SMALL = """
campaign: {name}
title: Petits impayés, particuliers
creditor: any
policy: fr-own-b2c
priority: {rank}
audience: {{party: own, debtor: individual, balance: {{from: {low} EUR, below: {high} EUR}}, overdue: {{from: 0d}}}}
steps:
  - id: reminder-1
    at: due + 5d
    send: {{template: reminder, voice: courteous}}
    channel: [{{if: {{balance: {{below: 60 EUR}}}}, use: [sms, email]}}, {{use: [email]}}]
  - id: reminder-2
    after: 10d
    if: {{balance: {{from: 30 EUR}}}}
    send: {{template: reminder, voice: courteous}}
    channel: [{{use: [email]}}]
  - id: outcome
    after: 20d
    choose: [{{close: uneconomic}}]
mode: observe
tests:
  - title: Un premier rappel
    given: {{debtor: individual, balance: {low} EUR, due: 2026-03-02, phone: yes, email: yes}}
    expect: [{{step: reminder-1, on: 2026-03-07}}]
"""
PACKS = ("fr-own-b2c", "fr-floor", "eu-floor", "platform")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    """An application whose campaigns folder is the test's: a small campaign in force, another never released."""
    folder = tmp_path_factory.mktemp("own")
    for name in ("policies", "creditors", "rates"):
        shutil.copytree(shipped("campaigns") / name, folder / "campaigns" / name)
    for kind, kept in (("policies", PACKS), ("creditors", ("acme-telecom",))):
        for path in (folder / "campaigns" / kind).glob("*.yaml"):
            if path.stem not in kept:
                path.unlink()
    for name, rank, low, high in (("small", 10, 40, 500), ("large", 20, 500, 900)):
        text = SMALL.format(name=name, rank=rank, low=low, high=high)
        (folder / "campaigns" / f"{name}.yaml").write_text(text, "utf-8")
    settings = {"RELANCE_HOME": str(folder / "home"), "RELANCE_CAMPAIGNS": str(folder / "campaigns")}
    place = Deployment(read_settings(settings), environ={})
    place.release(place.find_campaign("small"), by="before", now=TUESDAY)
    office = Office(place)
    yield office, folder / "campaigns"
    office.client.close()
    office.database.close()


# ------------------------------------------------------------------------------------------------- looking


def test_the_list_has_every_campaign_in_force_by_rank_and_the_files_that_never_were(seats: dict[str, Seat]) -> None:
    screen = until_made(seats["viewer"], HERE)
    in_force, drafts = screen.soup.find_all("table")
    assert [code.text for code in in_force.select("th code:first-of-type")] == ["b2c-large", "b2c-small"]
    assert "à jour" in in_force.text
    assert "third-party" in drafts.text
    assert "Préparer" not in screen.text  # a viewer releases nothing
    assert "Préparer" in until_made(seats["manager"], HERE).text


def test_a_campaign_is_drawn_with_its_terms_its_lint_and_its_versions(own: tuple[Office, Path]) -> None:
    office, _ = own
    seat = Seat(office, "looks").begin("viewer")
    first = seat.get(f"{HERE}/small")
    assert first.status == 200
    assert "Contrôle en cours" in first.text
    screen = until_made(seat, f"{HERE}/small")
    assert len(screen.soup.select("li.tl-stop")) == 3
    assert "J + 25 au plus tôt si l’étape 2 est passée" in screen.text.replace("\u00a0", " ")
    for words in ("Qui entre dans ce scénario", "Seuils d’arrêt automatique", "Degré d’autonomie", "observation"):
        assert words in screen.text
    assert release_of(office, "small")[:12] in screen.text
    assert "aucune remarque" in screen.text
    assert "0 erreur" in until_made(seat, HERE).one("table").text
    assert "Suspendre ce scénario" not in screen.text
    manager = Seat(office, "stops").begin("manager")
    assert 'href="/console/pauses/new?campaign=small"' in manager.get(f"{HERE}/small").html
    levels = [int(each.name[1]) for each in screen.soup.select("main :is(h1, h2, h3, h4, h5, h6)")]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_campaign_says_the_mode_that_is_in_force_and_what_its_file_says(
    own: tuple[Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _ = own
    seat, desk = Seat(office, "looks-at-mode").begin("viewer"), office.app.state.desk
    head = seat.get(f"{HERE}/small").one("h1 + p").text
    assert "observation" in head
    assert "dans le fichier" not in head
    found = desk.strategy()
    asking = replace(found, campaigns=tuple(replace(each, mode=Mode.CONFIRM) for each in found.campaigns))
    monkeypatch.setattr(desk, "strategy", lambda: asking)
    head = " ".join(seat.get(f"{HERE}/small").one("h1 + p").text.split())
    assert head.startswith("confirmation (observation dans le fichier)")


def test_where_its_cases_stand_is_counted_behind_the_page(own: tuple[Office, Path]) -> None:
    office, _ = own
    debt = a_debt("F-counted", debtor_ref="C-counted", principal="45.00", email="a@b.example")
    assert office.ask("POST", "/api/v1/debts", json=[debt]).status < 300
    office.advance()
    screen = until_made(Seat(office, "counts").begin("viewer"), f"{HERE}/small")
    cards = {card.dt.text: card.dd.text for card in screen.soup.select(".card") if card.dt and card.dd}
    assert cards["Dossiers ouverts"] == "1"


@pytest.mark.parametrize(
    "path", ["none-such", "b2c-small/versions/none", "none-such/versions/none", "none-such/messages"]
)
def test_what_is_not_there_is_not_found(seats: dict[str, Seat], path: str) -> None:
    assert seats["viewer"].get(f"{HERE}/{path}").status == 404


# ------------------------------------------------------------------------------------------------ messages


def test_one_step_is_read_at_a_time_its_voices_side_by_side(seats: dict[str, Seat]) -> None:
    screen = seats["viewer"].get(f"{HERE}/b2c-small/messages?step=reminder-2")
    voices = [each.text for each in screen.soup.select("section:first-of-type .tl-voice")]
    assert len(voices) == 3
    assert screen.soup.find("mark") is not None
    assert "SMS facturé" in screen.text
    assert {each["value"] for each in screen.soup.select("#f-step option")} >= {"reminder-1", "reaction:promise.broken"}
    assert not screen.one("iframe")["sandbox"]  # nothing is let through


def test_the_longest_case_is_longer_than_the_usual_one(seats: dict[str, Seat]) -> None:
    path = f"{HERE}/b2c-small/messages?step=reminder-2&language=fr"
    usual, longest = (seats["viewer"].get(f"{path}&worst={worst}") for worst in (0, 1))
    assert len(longest.text) > len(usual.text) + 500


def test_messages_are_read_in_another_language(seats: dict[str, Seat]) -> None:
    screen = seats["viewer"].get(f"{HERE}/b2c-small/messages?step=reminder-1&language=en")
    assert screen.one(".cp-words")["lang"] == "en"
    assert "Dear" in screen.text or "Hello" in screen.text


def test_an_email_is_shown_in_a_frame_that_may_do_nothing(seats: dict[str, Seat]) -> None:
    screen = seats["viewer"].get(f"{HERE}/b2c-small/messages?step=reminder-2")
    framed = seats["viewer"].get(str(screen.one("iframe")["src"]))
    policy = framed.headers["content-security-policy"]
    assert framed.status == 200
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "20,00" in framed.text


def test_a_letter_is_a_pdf_of_its_own(seats: dict[str, Seat]) -> None:
    screen = seats["viewer"].get(f"{HERE}/b2c-small/messages?step=last-amicable")
    link = next(each["href"] for each in screen.soup.find_all("a") if "(PDF)" in each.text)
    said = seats["viewer"].client.get(str(link))
    assert said.headers["content-type"] == "application/pdf"
    assert said.content.startswith(b"%PDF")


@pytest.mark.parametrize("query", ["step=none", "step=reminder-1&release=none", "step=outcome"])
def test_messages_that_are_not_there_are_not_found(seats: dict[str, Seat], query: str) -> None:
    assert seats["viewer"].get(f"{HERE}/b2c-small/messages?{query}").status == 404


@pytest.mark.parametrize("form, start", [("pdf", b"%PDF"), ("html", b"<!doctype html>"), ("md", b"# ")])
def test_the_policy_of_a_campaign_is_a_document_to_keep(seats: dict[str, Seat], form: str, start: bytes) -> None:
    said = seats["viewer"].client.get(f"{HERE}/b2c-small/policy.{form}?language=fr")
    assert said.status_code == 200
    assert said.content.lower().startswith(start.lower())
    assert said.headers["content-disposition"].startswith("attachment")
    assert seats["viewer"].get(f"{HERE}/b2c-small/policy.exe").status == 404


# ----------------------------------------------------------------------------------------------- a release


def test_a_manager_releases_what_was_looked_at_and_nothing_else(own: tuple[Office, Path]) -> None:
    office, folder = own
    seat = Seat(office, "lead").begin("manager")
    path, page = folder / "small.yaml", f"{HERE}/small/release"
    before = release_of(office, "small")
    office.now += timedelta(hours=1)
    assert "déjà en vigueur" in until_made(seat, page).text
    path.write_text(path.read_text("utf-8").replace("title: Petits impayés", "title: Tout petits impayés"), "utf-8")

    screen = until_made(seat, page)
    assert "title: Tout petits impayés, particuliers" in screen.one("ins").text
    assert "title: Petits impayés, particuliers" in screen.one("del").text
    wanted = screen.value("release")
    assert "modifié" in until_made(seat, HERE).text

    refused = seat.post(page, {"release": "0" * 64}, follow=False)
    assert refused.status == 409
    assert release_of(office, "small") == before
    done = seat.post(page, {"release": wanted})
    assert "La version est en vigueur" in done.text
    assert "Tout petits impayés" in done.one("h1").text
    assert release_of(office, "small") == wanted

    version = seat.get(f"{HERE}/small/versions/{wanted}")
    assert "lead" in version.text
    assert "Tout petits" in version.one("ins").text
    assert "première version" in seat.get(f"{HERE}/small/versions/{before}").text


def test_a_file_with_a_fault_is_not_released(own: tuple[Office, Path]) -> None:
    office, folder = own
    seat = Seat(office, "careful").begin("manager")
    path, page = folder / "large.yaml", f"{HERE}/large/release"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("on: 2026-03-", "on: 2026-04-", 1), "utf-8")
    screen = until_made(seat, page)
    assert "test_failed" in screen.html
    assert screen.soup.select_one("main form") is None
    disk = office.app.state.campaign_room.on_disk().value.campaigns["large"].campaign.release
    assert seat.post(page, {"release": disk}, follow=False).status == 409
    path.write_text("campaign: [", "utf-8")
    assert "large.yaml ne peut pas être lu" in until_made(seat, HERE).text
    assert until_made(seat, page).status == 404
    path.write_text(whole, "utf-8")


def test_who_sees_some_creditors_releases_nothing(own: tuple[Office, Path]) -> None:
    office, _ = own
    seat = Seat(office, "partial").begin("manager", creditors=frozenset({"acme-telecom"}))
    screen = until_made(seat, f"{HERE}/large/release")
    assert "voit tous les créanciers" in screen.text
    disk = office.app.state.campaign_room.on_disk().value.campaigns["large"].campaign.release
    assert seat.post(f"{HERE}/large/release", {"release": disk}, follow=False).status == 409
    with office.database.read() as conn:
        assert not releases.headings(conn, "large")


def test_a_campaign_of_other_creditors_is_not_there(own: tuple[Office, Path]) -> None:
    office, folder = own
    path = folder / "large.yaml"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("creditor: any", "creditor: [acme-telecom]"), "utf-8")
    place = Deployment(office.deployment.settings, database=office.database, environ={})
    named = place.find_campaign("large")
    place.release(named, by="test", now=office.now)
    path.write_text(whole, "utf-8")
    paths = ("", "/messages", "/policy.html", f"/versions/{named.campaign.release}")
    for name, status in (("acme-telecom", 200), ("other", 404)):
        seat = Seat(office, f"of-{name}").begin("viewer", creditors=frozenset({name}))
        assert [seat.get(f"{HERE}/large{each}").status for each in paths] == [status] * len(paths)
        assert seat.get(f"{HERE}/small").status == 200  # for any creditor
    time.sleep(6)  # what is in force is kept for five seconds
    screen = Seat(office, "of-none").begin("viewer", creditors=frozenset({"none"})).get(HERE)
    links = [str(each["href"]) for each in screen.soup.select("tbody a")]
    assert f"{HERE}/small" in links
    assert f"{HERE}/large" not in links
