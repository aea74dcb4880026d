"""What all resources share of their bodies: strict input, output that names every field, amounts, pages."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from orchestrator.domain.errors import NotFound
from orchestrator.domain.money import Money

MOST_PER_PAGE = 200

Limit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE, description="how many at most")]
After = Annotated[str, Query(max_length=300, description="`next` of the page before")]
Word = Annotated[str, Query(max_length=120)]


class Sent(BaseModel):
    """A body that comes in: unknown names are refused, a number is not a text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Given):
    """A page of a list; `next` is None on the last one."""

    next: str | None = Field(description="send it as `after` for the page that follows")


class Amount(Given):
    """A sum, such as 42.00 EUR."""

    amount: str
    currency: str


def amount_of(cents: int, currency: str) -> Amount:
    """Minor units as decimal text."""
    return Amount(amount=str(Money(cents, currency)).split(" ", 1)[0], currency=currency)


def fault_model() -> dict[int | str, dict[str, Any]]:
    """The errors that any route may answer, for the description of the API."""
    return {"4XX": {"model": FaultOut, "description": "refused: what happened, where, what to do"}}


class FaultOut(Given):
    """An error."""

    error: str = Field(description="a stable code; see docs/errors.md")
    detail: str
    hint: str
    where: str


def nothing_named(what: str) -> NotFound:
    """The same words whether it never was, or is not for you."""
    return NotFound(f"no {what} has this id")


def body_of(model: type[BaseModel], *, most: int = 0) -> dict[str, Any]:
    """For `openapi_extra=` of a route that reads its body itself: such an object, or a list of `most` of them."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    if most:
        schema = {"type": "array", "items": schema, "maxItems": most}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, "required": True}}
