"""The entrance under attack: many at once, old states written back, the last administrator, what the audit keeps."""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier

import msgspec
import pytest

from orchestrator.domain.errors import Conflict, InputError, RelanceError
from orchestrator.flows import passwords
from orchestrator.flows.change_user import Terms, change_user, disable_user, enable_user
from orchestrator.flows.grant_access import KeyTerms, add_key, add_user, revoke_key
from orchestrator.flows.invite_user import accept, invite, invited
from orchestrator.flows.known_device import remember_device
from orchestrator.flows.sign_in import Proofs, SignedIn, change_password, sign_in_with, who_is
from orchestrator.storage import access, audit, sign_in
from tests.flows.conftest import TUESDAY, World

PASSWORD = "quatre mots sans rapport aucun"
WRONG = "cinq mots faux pour cet essai"
KEY = "k" * 40


def a_user(world: World, name: str = "anne", role: str = "agent") -> SignedIn:
    add_user(world.database, name, role=role, by="test", now=TUESDAY)
    link = invite(world.database, name, by="test", now=TUESDAY)
    return accept(world.database, link, PASSWORD, device="", now=TUESDAY)


def tried(
    world: World, name: str = "anne", password: str = WRONG, *, place: str = "", known: str = "", seconds: float = 0
) -> str:
    """The code of the refusal; empty for who came in."""
    proofs = Proofs(name=name, password=password, place=place, known=known)
    try:
        sign_in_with(world.database, proofs, secret_key=KEY, now=TUESDAY + timedelta(seconds=seconds))
    except RelanceError as error:
        return error.code
    return ""


def lines(world: World) -> list[audit.Line]:
    with world.database.read() as conn:
        return audit.latest(conn, limit=50)


def test_who_read_the_clock_before_the_latest_try_waits_too(world: World) -> None:
    a_user(world)
    assert [tried(world, seconds=each) for each in range(1, 7)] == ["sign_in_refused"] * 5 + ["sign_in_refused"]
    assert tried(world, seconds=5.9) == "too_many_tries"
    assert tried(world, seconds=-3600) == "sign_in_refused"  # the clock was set back: nobody waits an hour


def test_first_tries_at_once_are_counted_one_by_one(world: World) -> None:
    a_user(world)
    start = Barrier(4)

    def one(_: int) -> str:
        start.wait()
        return tried(world)

    with ThreadPoolExecutor(4) as pool:
        told = [*pool.map(one, range(4)), *(tried(world) for _ in range(4))]
    assert told.count("sign_in_refused") == 5


def test_a_device_and_strangers_who_try_at_once_are_counted_each_on_their_own(world: World) -> None:
    a_user(world)
    known = remember_device(world.database, "anne", "", secret_key=KEY, now=TUESDAY)
    start = Barrier(2)

    def several(cookie: str, seconds: int = 0) -> list[str]:
        start.wait()
        return [tried(world, place="office", known=cookie, seconds=seconds) for _ in range(7)]

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(several, ("", known)))
    assert told == [["sign_in_refused"] * 5 + ["too_many_tries"] * 2] * 2
    for again in range(1, 6):
        assert tried(world, known=known, seconds=20 * again) == "sign_in_refused"
    with ThreadPoolExecutor(2) as pool:  # after ten failures it is one of them
        both = [code for each in pool.map(several, ("", known), (101, 101)) for code in each]
    assert (both.count("sign_in_refused"), both.count("too_many_tries")) == (1, 13)
    assert tried(world, password=PASSWORD, known=known, seconds=101) == "too_many_tries"


def test_a_place_gets_its_tries_back_however_busy_it_is(world: World) -> None:
    a_user(world)
    for at in range(20):
        tried(world, f"name{at}", place="office")
    assert tried(world, "name-20", place="office") == "too_many_tries"
    assert tried(world, "name-20", place="elsewhere") == "sign_in_refused"
    for minute in range(1, 60):  # whoever signs in leaves no trace
        assert tried(world, password=PASSWORD, place="office", seconds=60 * minute) == ""
    assert [tried(world, f"later{at}", place="office", seconds=3600) for at in range(20)] == ["sign_in_refused"] * 20


def test_what_is_typed_as_a_name_is_not_kept_unless_it_is_one(world: World) -> None:
    a_user(world)
    tried(world, PASSWORD)
    tried(world, "anne")
    assert [line.who for line in lines(world)[:2]] == ["anne", "?"]
    assert all(PASSWORD not in repr(line) for line in lines(world))


def test_a_flood_of_guesses_leaves_threads_to_others(world: World) -> None:
    done = a_user(world)
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(passwords.in_line())
        assert tried(world, password=PASSWORD) == "too_many_tries"
        # Whoever is signed in has a line of their own, as short.
        change_password(world.database, done.user, old=PASSWORD, new=PASSWORD, session="", now=TUESDAY)
        for _ in range(2):
            stack.enter_context(passwords.in_line(is_known=True))
        with pytest.raises(Conflict):
            change_password(world.database, done.user, old=PASSWORD, new=WRONG, session="", now=TUESDAY)
    assert tried(world, password=PASSWORD) == ""


def test_a_password_that_changed_while_it_was_judged_opens_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = a_user(world)

    def slowly(stored: str | None, text: str) -> bool:
        monkeypatch.undo()
        change_password(world.database, done.user, old=PASSWORD, new=WRONG, session="", now=TUESDAY)
        return passwords.is_password(stored, text)

    monkeypatch.setattr("orchestrator.flows.sign_in.is_password", slowly)
    assert tried(world, password=PASSWORD) == "sign_in_refused"
    with world.database.read() as conn:
        assert sign_in.live_sessions(conn, "anne", now=TUESDAY) == []


def test_own_preferences_never_bring_a_role_or_creditors_back(world: World) -> None:
    before = a_user(world, role="manager").user
    change_user(world.database, "anne", Terms(role="viewer", creditors=frozenset({"c"})), by="test", now=TUESDAY)
    with world.database.begin() as conn:
        access.save_preferences(conn, msgspec.structs.replace(before, language="en"))
        found = access.load_user(conn, "anne")
    assert found is not None
    assert (found.role, found.creditors, found.language) == ("viewer", frozenset({"c"}), "en")


def test_nobody_disables_the_last_administrator_of_everything(world: World) -> None:
    a_user(world, "ada", "admin")
    a_user(world, "bea", "admin")
    change_user(world.database, "bea", Terms(role="admin", creditors=frozenset({"c"})), by="test", now=TUESDAY)
    with pytest.raises(Conflict) as refused:
        disable_user(world.database, "ada", by="bea", now=TUESDAY)
    assert refused.value.code == "last_admin"


def test_two_administrators_who_disable_each_other_at_once_leave_one(world: World) -> None:
    for name in ("ada", "bea"):
        add_user(world.database, name, role="admin", by="test", now=TUESDAY)
    with ThreadPoolExecutor(1) as pool:
        with world.database.begin() as conn:
            access.lock_admins(conn)
            access.disable_user(conn, "ada", now=TUESDAY)
            other = pool.submit(disable_user, world.database, "bea", by="ada", now=TUESDAY)
            wait([other], timeout=0.3)  # it waits for us
        with pytest.raises(Conflict) as refused:
            other.result()
    assert refused.value.code == "last_admin"


def test_a_link_of_who_was_disabled_stays_closed(world: World) -> None:
    add_user(world.database, "anne", role="agent", by="test", now=TUESDAY)
    link = invite(world.database, "anne", by="test", now=TUESDAY)
    disable_user(world.database, "anne", by="test", now=TUESDAY)
    enable_user(world.database, "anne", by="test", now=TUESDAY)
    assert invited(world.database, link, now=TUESDAY) is None


def test_what_commands_do_is_in_the_audit_too(world: World) -> None:
    done = a_user(world)
    made = add_key(world.database, KeyTerms(name="erp", role="viewer"), by="root", now=TUESDAY)
    revoke_key(world.database, "erp", by="root", now=TUESDAY)
    disable_user(world.database, "anne", by="root", now=TUESDAY)
    enable_user(world.database, "anne", by="root", now=TUESDAY)
    with pytest.raises(InputError):
        change_password(world.database, done.user, old=WRONG, new=WRONG, session="", now=TUESDAY)
    assert [line.act for line in reversed(lines(world))][-5:] == [
        "key.add", "key.revoke", "user.disable", "user.enable", "set_password"
    ]  # fmt: skip
    assert made.text.rpartition("_")[2] not in repr(lines(world))
    assert lines(world)[0].outcome == "password_wrong"
    assert who_is(world.database, done.token, now=TUESDAY) is None


def test_a_user_who_would_see_no_creditor_is_not_half_made(world: World) -> None:
    with pytest.raises(InputError):
        add_user(world.database, "anne", role="agent", by="test", now=TUESDAY, creditors=frozenset())
    with world.database.read() as conn:
        assert access.load_user(conn, "anne") is None
