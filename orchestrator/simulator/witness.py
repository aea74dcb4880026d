"""Stands between dispatch and its adapters and notes whose messages were accepted. Changes nothing of them."""

from collections.abc import Sequence

import msgspec

from channels.contract import Accepted, Adapter, Capabilities, Channel, Evidence, Inquiry, Message, Outcome
from orchestrator.flows.outgoing import Post
from orchestrator.rendering.brief import Brief
from orchestrator.rendering.compose import Composed


class Witness:
    """A post like the one given, that remembers the cases of the messages that left."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._case_of: dict[str, str] = {}
        self._left: set[str] = set()
        adapters = {lane_id: _Watched(adapter, self) for lane_id, adapter in post.adapters.items()}
        self.post = msgspec.structs.replace(post, compose=self._compose, adapters=adapters)

    def take(self) -> set[str]:
        """The cases whose messages left since the last time."""
        left, self._left = self._left, set()
        self._case_of.clear()
        return left

    def note(self, message: Message) -> None:
        """A provider has accepted it."""
        self._left.add(self._case_of[message.attempt_id])

    def _compose(self, brief: Brief, release: str, mentions: Sequence[str]) -> Composed:
        composed = self._post.compose(brief, release, mentions)
        self._case_of[composed.message.attempt_id] = brief.case_id
        return composed


class _Watched:
    """An adapter whose accepted messages are noted."""

    def __init__(self, adapter: Adapter, witness: Witness) -> None:
        self._adapter = adapter
        self._witness = witness

    @property
    def name(self) -> str:
        return self._adapter.name

    @property
    def channel(self) -> Channel:
        return self._adapter.channel

    @property
    def capabilities(self) -> Capabilities:
        return self._adapter.capabilities

    def send(self, message: Message, *, start_by: float | None = None) -> Outcome:
        outcome = self._adapter.send(message, start_by=start_by)
        if isinstance(outcome, Accepted):
            self._witness.note(message)
        return outcome

    def look_up(self, inquiry: Inquiry) -> Evidence:
        return self._adapter.look_up(inquiry)
