"""The gatherer goes and gets what nobody brings: mail, and what providers would have told while we were away.

Owns when each is asked. Every mailbox has a thread of its own (see local_ticks.py): a slow one delays nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from channels.email.mailbox import Account
from channels.errors import ChannelError
from orchestrator.bootstrap import Deployment
from orchestrator.flows.outgoing import Post
from orchestrator.flows.read_mailbox import account_of, may_be_read, read_mailbox
from orchestrator.flows.repair_gaps import is_due, repair_gaps, telling
from orchestrator.intake.lanes_yaml import load_mailboxes
from orchestrator.storage import ticks
from orchestrator.worker.pulse import Pulse

log = logging.getLogger("relance.worker")

MAILBOX_SECONDS = 60


class Drain(Protocol):
    """Runs a round under a name, one at a time; see Engine."""

    def __call__(self, name: str, once_more: Callable[[], int], *, once: bool = False) -> int: ...


class Gatherer:
    """What one process gathers. Raises InputError for a mailbox without its password: nobody would miss its mail."""

    def __init__(self, place: Deployment, post: Post, drain: Drain, *, pulse: Pulse, wake: Callable[[], None]) -> None:
        self._place = place
        self._drain = drain
        self._pulse = pulse
        self._wake = wake
        self._accounts = _accounts(place)
        self._telling = telling(post.lanes, post.adapters)
        self._post = post
        self._asked: set[str] = set()

    @property
    def mailbox_ids(self) -> tuple[str, ...]:
        """The mailboxes that are read here."""
        return tuple(self._accounts)

    def read_mailbox(self, mailbox_id: str) -> int:
        """Keeps what is new in a mailbox; returns how many mails."""
        name = f"mailbox {mailbox_id}"
        return self._drain(name, lambda: self._read_once(name, mailbox_id), once=True)

    def repair(self) -> int:
        """Asks providers what happened while nobody listened, where it is time; returns how many events were new."""
        return self._drain("gaps", self._repair_once, once=True)

    def _read_once(self, name: str, mailbox_id: str) -> int:
        account, real_now = self._accounts.get(mailbox_id), datetime.now(UTC)
        if account is None or not self._is_ours(name, MAILBOX_SECONDS, real_now):
            return 0
        try:
            done = read_mailbox(self._place.database, mailbox_id, account, real_now=real_now)
        except ChannelError as error:
            # The server's fault or its absence: it says nothing against this process, which goes on.
            self._pulse.fail(name)
            log.warning("%s cannot be read: %s", name, error)
            return 0
        if done.new:
            self._wake()
        return done.new

    def _repair_once(self) -> int:
        new, real_now = 0, datetime.now(UTC)
        for lane in self._telling:
            with self._place.database.read() as conn:
                is_time = is_due(conn, lane, is_start=lane.id not in self._asked, real_now=real_now)
            self._asked.add(lane.id)
            if is_time and self._is_ours(f"gaps {lane.id}", MAILBOX_SECONDS, real_now):
                new += repair_gaps(self._place.database, lane, self._post.adapters[lane.id], real_now=real_now).new
        if new:
            self._wake()
        return new

    def _is_ours(self, name: str, seconds: int, real_now: datetime) -> bool:
        """Whether this process is the one that does it this time."""
        with self._place.database.begin() as conn:
            return ticks.claim(conn, name, int(real_now.timestamp()) // seconds, now=real_now)


def _accounts(place: Deployment) -> dict[str, Account]:
    """Every mailbox with its password; on a shifted clock those of this machine only: others belong to somebody."""
    accounts = {each.id: account_of(each, place.environ) for each in load_mailboxes(place.settings.lanes)}
    return {name: account for name, account in accounts.items() if may_be_read(account, place.offset)}
