"""Crisis overlays from files: what slows down, softens and waits, for whom and from when to when.

Owns what such a file may say. What a crisis does to a case is the domain's; that it runs is in the database.
"""

import re
from pathlib import Path
from typing import Annotated, Self

import pydantic

from orchestrator.domain.campaign import DocumentKind
from orchestrator.domain.interruption import Crisis
from orchestrator.intake.strict_yaml.conditions import ConditionModel
from orchestrator.intake.strict_yaml.field_types import Day, FileModel, Identifier, Several, Text, Written, one_of
from orchestrator.intake.strict_yaml.source import Source, read, validate
from orchestrator.intake.strict_yaml.wording import nearest, refusal, refusal_at

OFFERS = ("promise", "plan", "deferral", "settlement")
SKIPPABLE = (*(kind.value for kind in DocumentKind), "hand_over")


def _skip(text: str) -> str:
    if text not in SKIPPABLE and not re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", text):
        known = nearest(text, SKIPPABLE)
        raise refusal(f'"{text}" is not a kind of document, hand_over or campaign/step', known)
    return text


_Offer = Annotated[str, one_of(*OFFERS)]


class CrisisFile(FileModel):
    """A crisis as written."""

    crisis: Identifier = pydantic.Field(description="the short name of the crisis")
    title: Text = pydantic.Field(description="what it is, as people will read it")
    scope: ConditionModel = pydantic.Field(description="whom it concerns; {all: yes} for everyone")
    from_on: Day = pydantic.Field(alias="from", description="its first day")
    to_on: Day | None = pydantic.Field(None, alias="to", description="its last day, included")
    stretch: Annotated[int, pydantic.Field(strict=True, ge=1, le=10)] = pydantic.Field(
        1, description="how many times as long waits take"
    )
    soften: Annotated[int, pydantic.Field(strict=True, ge=0, le=3)] = pydantic.Field(
        0, description="how many degrees softer the voice is"
    )
    offer: Several[_Offer] = ()
    skip: Several[Annotated[str, Written(_skip, "a document kind or campaign/step", "formal_notice")]] = ()
    reason: Text = ""

    @pydantic.model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.to_on is not None and self.to_on < self.from_on:
            raise refusal_at(("to",), "the crisis ends before it begins", "check from: and to:")
        return self

    def as_crisis(self) -> Crisis:
        """The domain's crisis."""
        return Crisis(
            id=self.crisis,
            title=self.title,
            scope=self.scope,
            from_on=self.from_on,
            to_on=self.to_on,
            stretch=self.stretch,
            soften=self.soften,
            offer=self.offer,
            skip=self.skip,
            reason=self.reason,
        )


def crisis_of(source: Source) -> Crisis:
    """One crisis. Raises FileErrors."""
    return validate(CrisisFile, source).as_crisis()


def load_crisis(path: Path) -> Crisis:
    """The crisis of a file. Raises FileError or FileErrors."""
    return crisis_of(read(path))
