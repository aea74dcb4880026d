"""What a drawn campaign is made of: stops, the ways of each, what events cause. Every word is in one language."""

import msgspec


class Named(msgspec.Struct, frozen=True):
    """A code of the files with its word: `email`, `e-mail`."""

    code: str
    word: str


class Way(msgspec.Struct, frozen=True):
    """The channels of a step in one case: the first possible from left to right. `when` empty: in every other case."""

    uses: tuple[Named, ...]
    when: str = ""
    is_else: bool = False


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `kind` is send, call, request or choose; `day` counts from the origin, None where no day is known.

    `marker` is that day in words (`J + 15`), `wait` how long after what; `only_if` is the clause that must hold.
    `terms` are (label, value) in words: what is offered, what deadline, who must agree, when it is given up.
    `ways` are its channels, `endings` what a choice may end in. `span` is how long before it, from 0 to 5, for the eye.
    """

    number: int
    id: str
    kind: str
    title: str
    marker: str
    wait: str
    day: int | None
    span: int
    sooner: str = ""
    only_if: str = ""
    voice: Named | None = None
    document: str = ""
    ways: tuple[Way, ...] = ()
    fallback: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    endings: tuple[str, ...] = ()
    needs_approval: bool = False


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What an event causes at once, whatever the step. `is_own`: the campaign says so, else the house."""

    event: Named
    message: str = ""
    voice: Named | None = None
    by: str = ""
    task: str = ""
    close: str = ""
    is_own: bool = True


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, ready to be laid out. `origin` is what days count from; `quiet` events cause nothing at once.

    `halts` are (name, sentence): what holds demands back or ends them, wherever the case stands.
    `says` are the words of the drawing itself.
    """

    language: str
    campaign: str
    title: str
    origin: str
    stops: tuple[Stop, ...]
    turns: tuple[Turn, ...]
    quiet: tuple[str, ...]
    halts: tuple[tuple[str, str], ...]
    says: dict[str, str]
