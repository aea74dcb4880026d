"""Users, keys, idempotency keys and references of payments: each taken once, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.domain.errors import Conflict
from orchestrator.storage import access, cases, idempotency, payments, persons
from orchestrator.storage.access import ApiKey, User
from orchestrator.storage.database import Database
from orchestrator.storage.idempotency import Claim
from tests.builders import a_case

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_key(name: str = "erp", *, key_id: str = "0" * 12, owner: str | None = None) -> ApiKey:
    return ApiKey(id=key_id, name=name, role="manager", secret_hash="f" * 64, created_at=NOW, owner=owner)


def test_a_user_is_kept_and_disabled_once(database: Database) -> None:
    with database.begin() as conn:
        access.insert_user(conn, User(name="ann", role="admin", created_at=NOW, created_by="root"))
        assert access.disable_user(conn, "ann", now=NOW + MINUTE)
        assert not access.disable_user(conn, "ann", now=NOW + 2 * MINUTE)
        (ann,) = access.all_users(conn)
    assert ann == User(name="ann", role="admin", created_at=NOW, created_by="root", disabled_at=NOW + MINUTE)


def test_a_name_of_a_user_is_used_once_for_ever(database: Database) -> None:
    with database.begin() as conn:
        access.insert_user(conn, User(name="ann", role="admin", created_at=NOW))
        access.disable_user(conn, "ann", now=NOW)
        with pytest.raises(Conflict) as refused:
            access.insert_user(conn, User(name="ann", role="viewer", created_at=NOW))
    assert refused.value.code == "user_exists"


def test_a_key_comes_back_with_its_owner(database: Database) -> None:
    ann = User(name="ann", role="admin", created_at=NOW)
    with database.begin() as conn:
        access.insert_user(conn, ann)
        access.insert_key(conn, a_key(owner="ann"))
        found = access.find_key(conn, "0" * 12)
        assert found is not None
        assert (found.key, found.owner) == (a_key(owner="ann"), ann)
        assert access.find_key(conn, "1" * 12) is None


def test_a_key_name_is_free_again_once_revoked(database: Database) -> None:
    with database.begin() as conn:
        access.insert_key(conn, a_key())
        with pytest.raises(Conflict):
            access.insert_key(conn, a_key(key_id="1" * 12))
    with database.begin() as conn:
        assert access.revoke_key(conn, "erp", now=NOW) == ["0" * 12]
        assert access.revoke_key(conn, "erp", now=NOW) == []
        access.insert_key(conn, a_key(key_id="1" * 12))
        assert [key.id for key in access.all_keys(conn)] == ["0" * 12, "1" * 12]


def test_a_use_is_noted_unless_one_is_known_since(database: Database) -> None:
    with database.begin() as conn:
        access.insert_key(conn, a_key())
        for second in (0, 30, 61):
            at = NOW + timedelta(seconds=second)
            access.note_use(conn, "0" * 12, now=at, unless_since=at - MINUTE)
            (key,) = access.all_keys(conn)
            assert key.last_used_at == (NOW if second < 60 else at)


def test_an_idempotency_key_is_of_one_caller_and_route(database: Database) -> None:
    first = Claim(caller="a", route="POST /x", key="k", request_hash="1")
    others = [Claim(caller="b", route="POST /x", key="k", request_hash="1"),
              Claim(caller="a", route="POST /y", key="k", request_hash="1")]  # fmt: skip
    with database.begin() as conn:
        assert idempotency.claim(conn, first, now=NOW)
        assert not idempotency.claim(conn, first, now=NOW)
        assert all(idempotency.claim(conn, other, now=NOW) for other in others)
        idempotency.answer(conn, first, status=200, body="{}")
        standing = idempotency.load(conn, first)
        assert standing is not None
        assert (standing.status, standing.body) == (200, "{}")
        untouched = idempotency.load(conn, others[0])
        assert untouched is not None
        assert untouched.status is None


def test_an_answered_claim_is_not_released_nor_taken_over(database: Database) -> None:
    one = Claim(caller="a", route="POST /x", key="k", request_hash="1")
    with database.begin() as conn:
        idempotency.claim(conn, one, now=NOW)
        assert idempotency.take_over(conn, one, taken_at=NOW, now=NOW + MINUTE)
        assert not idempotency.take_over(conn, one, taken_at=NOW, now=NOW + MINUTE)
        idempotency.answer(conn, one, status=201, body="done")
        idempotency.release(conn, one)
        assert not idempotency.take_over(conn, one, taken_at=NOW + MINUTE, now=NOW + MINUTE)
        assert idempotency.load(conn, one) is not None
        assert idempotency.forget(conn, before=NOW + 2 * MINUTE) == 1


def test_a_payment_reference_is_taken_once_per_creditor(database: Database) -> None:
    case = a_case()
    with database.begin() as conn:
        owner = persons.link(conn, {case.id: []})[case.id]
        cases.insert(conn, [cases.Entry(case, None, owner)], now=NOW)
        one = payments.Taken(creditor="acme", reference="P-1", case_id=case.id, digest="d")
        other = payments.Taken(creditor="other", reference="P-1", case_id=case.id, digest="e")
        assert payments.take(conn, [one], now=NOW) == []
        assert payments.take(conn, [one, other], now=NOW) == [one]
        assert payments.load(conn, "acme", ["P-1", "P-2"]) == {"P-1": one}
