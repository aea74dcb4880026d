"""Somebody who is signed in proves once more who they are, before what would give their account away."""

from datetime import datetime

from orchestrator.domain.errors import InputError
from orchestrator.flows.count_tries import wait_or_count
from orchestrator.flows.passwords import in_line, is_password
from orchestrator.storage import access, audit, sign_in
from orchestrator.storage.database import Database


def prove_password(
    database: Database, user: access.User, password: str, *, session: str, act: str, now: datetime
) -> None:
    """Raises InputError `password_wrong`, or Conflict `too_many_tries`: guessing it here is slowed as in signing in.

    It is counted by session: guesses at the entrance keep nobody from what they are doing. `act` is what it is asked
    for, in the line of the audit that a wrong one leaves.
    """
    key = f"session:{session}"
    with in_line(is_known=True):
        with database.begin() as conn:
            wait_or_count(conn, key, "", now)
            found = sign_in.load_credentials(conn, user.name)
        is_right = is_password(found.password_hash if found else None, password)
    with database.begin() as conn:
        if is_right:
            sign_in.forget_tries(conn, key)
            return
        wrong = audit.Line(at=now, who=user.name, role=user.role, act=act, outcome="password_wrong")
        audit.append(conn, wrong)
    raise InputError("the password of now is not right", code="password_wrong")
