"""Endpoints: added with a secret that is shown once, disabled, enabled; what they never took is told again."""

import pytest

from orchestrator.flows.endpoint_secret import secret_of
from orchestrator.storage import deliveries, endpoints
from orchestrator.storage.deliveries import Delivery, DeliveryState, Try
from orchestrator.storage.endpoints import Endpoint
from tests.web.conftest import Office
from tests.web.console.conftest import Seat

HERE = "/console/endpoints"


def every(office: Office) -> list[Endpoint]:
    with office.database.read() as conn:
        return endpoints.every(conn)


def add(office: Office, seat: Seat, **fields: object) -> Endpoint:
    before = {each.id for each in every(office)}
    said = seat.post(f"{HERE}/new", {"url": f"https://hooks.example/{len(before)}", **fields}, follow=False)
    assert said.status == 200, said.text
    (made,) = (each for each in every(office) if each.id not in before)
    return made


def test_one_is_added_and_its_secret_shown_once(office: Office, seats: dict[str, Seat]) -> None:
    seat = seats["admin"]
    said = seat.post(f"{HERE}/new", {"url": "https://hooks.example/once", "creditor": "acme-telecom",
                                     "event": ["case.closed", "promise.made"]}, follow=False)  # fmt: skip
    made = next(each for each in every(office) if each.url.endswith("/once"))
    secret = secret_of(office.deployment.secret_key, made.id, made.generation)
    assert said.one("code.once").text == secret
    assert (made.creditor, made.events, made.created_by) == ("acme-telecom", ("case.closed", "promise.made"), seat.name)
    for path in (HERE, f"{HERE}/{made.id}"):
        assert secret not in seat.get(path).html
        assert "hooks.example/once" in seat.get(path).text


@pytest.mark.parametrize(
    "fields", [{"url": "http://127.0.0.1/x"}, {"url": ""}, {"url": "https://a.example", "event": "no"}]
)
def test_what_cannot_be_told_is_refused_with_the_form_as_it_was_typed(
    office: Office, seats: dict[str, Seat], fields: dict[str, str]
) -> None:
    before = len(every(office))
    said = seats["admin"].post(f"{HERE}/new", fields, follow=False)
    assert said.status == 422
    assert said.soup.select_one(".fault") is not None
    assert said.value("url") == fields["url"]
    assert len(every(office)) == before


def test_one_is_disabled_and_enabled_and_its_secret_renewed(office: Office, seats: dict[str, Seat]) -> None:
    seat, made = seats["admin"], add(office, seats["admin"])
    assert "arrêté" in seat.post(f"{HERE}/{made.id}/disable").text
    assert seat.post(f"{HERE}/{made.id}/disable", follow=False).status == 409
    assert "en service" in seat.post(f"{HERE}/{made.id}/enable").text
    said = seat.post(f"{HERE}/{made.id}/secret", follow=False)
    assert said.one("code.once").text == secret_of(office.deployment.secret_key, made.id, 2)


def test_what_failed_is_listed_and_told_again(office: Office, seats: dict[str, Seat]) -> None:
    seat, made = seats["admin"], add(office, seats["admin"])
    told = [
        Delivery(id=f"msg_{made.id}_{n}", endpoint_id=made.id, event_type="case.closed", happened_at=office.now,
                 next_at=office.now, body="{}")
        for n in range(3)
    ]  # fmt: skip
    with office.database.begin() as conn:
        deliveries.insert(conn, told)
        tries = [
            Try(delivery=told[0], state=DeliveryState.FAILED, next_at=office.now, reason="410 gone"),
            Try(delivery=told[1], state=DeliveryState.DONE, next_at=office.now),
        ]
        deliveries.record(conn, tries, now=office.now)
    screen = seat.get(f"{HERE}/{made.id}?state=failed")
    assert "410 gone" in screen.text
    assert len(screen.soup.select("main tbody tr")) == 1
    assert "jamais accepté" in seat.get(f"{HERE}/{made.id}").text
    assert "annoncé de nouveau" in seat.post(f"{HERE}/{made.id}/retry").text
    with office.database.read() as conn:
        waiting = deliveries.latest(conn, made.id, state=DeliveryState.WAITING, limit=9)
    assert {each.id for each in waiting} == {told[0].id, told[2].id}


def test_an_administrator_of_some_creditors_has_only_theirs(office: Office, seats: dict[str, Seat]) -> None:
    of_all, of_mine = add(office, seats["admin"]), add(office, seats["admin"], creditor="acme-telecom")
    seat = Seat(office, "some-admin").begin("admin", creditors=frozenset({"acme-telecom"}))
    assert of_mine.url in seat.get(HERE).text
    assert of_all.url not in seat.get(HERE).text
    assert seat.get(f"{HERE}/{of_mine.id}").status == 200
    for path in ("", "/disable", "/enable", "/secret", "/retry"):
        said = seat.post(f"{HERE}/{of_all.id}{path}", follow=False) if path else seat.get(f"{HERE}/{of_all.id}")
        assert said.status == 404, path
    assert seat.post(f"{HERE}/new", {"url": "https://hooks.example/all"}, follow=False).status == 422
