"""What the acts of `relance case` share: their options, the case they are about, and telling what happens next."""

import getpass
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import uuid4

import click

from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.acts import ROLES, Act
from orchestrator.domain.case import Case
from orchestrator.domain.errors import InputError
from orchestrator.domain.events import Event
from orchestrator.domain.money import Money, minor_units
from orchestrator.flows.act_on_case import act_on_case
from orchestrator.flows.find_case import find_case

Command = TypeVar("Command", bound=Callable[..., Any])
Cents = Callable[[str | None], int | None]
"""An amount as it is typed, in minor units of the case's currency."""

_ACTS_AS = "relance.acts_as"


class Day(click.ParamType[date]):
    """A day such as 2026-03-20."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date that was typed."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail("a day is written like 2026-03-20", param, ctx)


documents = click.option(
    "--document", "references", multiple=True, help="A document of the case; repeat it. Without: all that are open."
)
words = click.option("--words", "said", default="", help="What they said; kept with the case.")


def act(command: Command) -> Command:
    """The options of every act: who does it, with which role, and once."""

    def keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        ctx.meta.setdefault(_ACTS_AS, {})[param.name] = value

    roles = click.Choice([role for role in ROLES if role != "viewer"])
    for option in (
        click.option("--by", default=getpass.getuser, expose_value=False, callback=keep, help="Who acts; recorded."),
        click.option(
            "--role", type=roles, default="agent", show_default=True, expose_value=False, callback=keep,
            help="The role you act with.",
        ),
        click.option("--once", expose_value=False, callback=keep, help="A name of your own: told again, done once."),
    ):  # fmt: skip
        command = option(command)
    return command


def found_case(place: Deployment, said: str) -> Case:
    """A case by its id, or by the creditor's own reference of the debtor."""
    with place.database.read() as conn:
        return find_case(conn, said).case


def told(said: str, make: Callable[[Cents], Act], what_next: Callable[[tuple[Event, ...]], str]) -> None:
    """Does an act to a case, and says in a line what happens next; there CASE stands for its id."""
    place = deployment()
    item = found_case(place, said)
    as_whom = click.get_current_context().meta.get(_ACTS_AS, {})
    facts = act_on_case(
        place.database,
        place.strategy(),
        item.id,
        make(lambda amount: _cents(amount, item.currency)),
        by=as_whom["by"],
        role=as_whom["role"],
        now=place.now(),
        name=f"act:{as_whom['once'] or uuid4().hex}",
    )
    says = what_next(facts).replace(" CASE ", f" {item.id} ")
    console.print(f"{item.id}: {says}", markup=False, soft_wrap=True)


def _cents(typed: str | None, currency: str) -> int | None:
    """`20 EUR`, or 20,00 in the currency of the case."""
    if typed is None:
        return None
    if not any(character.isalpha() or character in "€£$" for character in typed):
        return minor_units(typed, currency)
    money = Money.parse(typed)
    if money.currency != currency:
        raise InputError(f"this case is in {currency}", hint="give the amount in it", code="currency_other")
    return money.cents
