"""`relance mailbox`: the mailboxes of the lanes file: how far each was read, whether it can be, and a visit by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from channels.email.mailbox import Mailbox as Visit
from channels.errors import ChannelError
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.errors import Conflict, InputError, NotFound
from orchestrator.domain.mailbox import Mailbox
from orchestrator.flows.read_mailbox import account_of, may_be_read, progress, read_mailbox
from orchestrator.intake.lanes_yaml import load_mailboxes


@click.group()
def mailbox() -> None:
    """Mailboxes where replies and bounces arrive; RELANCE_LANES declares them."""


@mailbox.command("list")
def list_mailboxes() -> None:
    """Every mailbox, and when it was last read."""
    place = deployment()
    found = load_mailboxes(place.settings.lanes)
    for each in found:
        with place.database.read() as conn:
            known = progress(conn, each.id)
        when = known.read_at.strftime("%Y-%m-%d %H:%M UTC") if known and known.read_at else "never read"
        console.print(f"{each.id}: {each.folder} on {each.host}, {when}", soft_wrap=True, markup=False)
    if not found:
        console.print("no mailbox: name one in the lanes file, see docs/mailboxes.md")


@mailbox.command()
@click.argument("name")
def test(name: str) -> None:
    """Log in to mailbox NAME and look at its folders; reads and changes nothing."""
    place = deployment()
    given = _find(load_mailboxes(place.settings.lanes), name)
    with _asked(name), Visit(account_of(given, place.environ)) as visit:
        console.print(f"{name}: {visit.count} mails in {given.folder}", soft_wrap=True, markup=False)
        if given.move_to and not visit.has_folder(given.move_to):
            hint = "make it in the mailbox, or correct move_to:"
            raise InputError("the folder of move_to does not exist", hint=hint, where=f"mailbox {name}")
        if given.move_to and not visit.can_move:
            console.print("the server cannot move mail: what was read stays where it is")


@mailbox.command()
@click.argument("name")
def read(name: str) -> None:
    """Keep what is new in mailbox NAME; a worker, or `relance up`, applies it."""
    place = deployment()
    account = account_of(_find(load_mailboxes(place.settings.lanes), name), place.environ)
    if not may_be_read(account, place.offset):
        hint = "a database with a shifted clock reads mailboxes of this machine only"
        raise Conflict("this database is for staging", hint=hint, where=f"mailbox {name}", code="staging")
    with _asked(name):
        done = read_mailbox(place.database, name, account, real_now=datetime.now(UTC))
    console.print(f"{done.looked_at} mails looked at, {done.new} kept, {done.too_large} too large to be read whole")


@contextmanager
def _asked(name: str) -> Iterator[None]:
    """What a server refuses, as an error of this command."""
    try:
        yield
    except ChannelError as error:
        raise InputError(error.message, hint=error.hint, where=f"mailbox {name}", code=error.code) from None


def _find(found: tuple[Mailbox, ...], name: str) -> Mailbox:
    for each in found:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in found)
    hint = f"there are {known}" if known else "the lanes file declares none"
    raise NotFound(f'no mailbox is named "{name}"', hint=hint)
