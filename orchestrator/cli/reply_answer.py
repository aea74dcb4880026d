"""`relance reply answer`, `done` and `place`: a person answers a reply, has read it, or says whose it is."""

import getpass
from uuid import uuid4

import click

from channels.contract import Channel
from orchestrator.bootstrap import Deployment
from orchestrator.cli.terminal import console, deployment
from orchestrator.domain.acts import ROLES
from orchestrator.domain.errors import NotFound
from orchestrator.domain.reply import Intent
from orchestrator.flows.answer_reply import AtWork, answer_reply, finish_reply
from orchestrator.flows.check_answer import AnswerCheck, check_answer
from orchestrator.flows.place_reply import place_reply
from orchestrator.storage import replies

_BY = click.option("--by", default=getpass.getuser, help="Who answers; recorded.")
_ROLE = click.option(
    "--role", type=click.Choice([role for role in ROLES if role != "viewer"]), default="agent", show_default=True,
    help="The role you act with.",
)  # fmt: skip
_NOT_SO = click.option(
    "--not-so", multiple=True, type=click.Choice([intent.value for intent in Intent]),
    help="What was read in it, and is not so: cannot_pay, distress, deceased, dispute.",
)  # fmt: skip


@click.command()
@click.argument("reply_id", metavar="REPLY")
@click.option("--text", required=True, help="Your words; who writes, the case and the way out are put around them.")
@click.option("--channel", type=click.Choice([c.value for c in Channel]), help="Without: the one it came by.")
@click.option("--check", "only_check", is_flag=True, help="Only tell what would become of it.")
@_BY
@_ROLE
@click.option("--once", default="", help="A name of your own: told again, sent once.")
@_NOT_SO
def answer(
    reply_id: str, text: str, channel: str | None, only_check: bool, by: str, role: str, once: str,
    not_so: tuple[str, ...],
) -> None:  # fmt: skip
    """Answers REPLY in your own words, once, through the same gate as every message."""
    place = deployment()
    way = Channel(channel or _reply(place, reply_id).channel)
    post, strategy = place.sandbox_post(), place.strategy()
    if only_check:
        _tell(check_answer(place.database, strategy, post, reply_id, channel=way, words=text, now=place.now()))
        return
    who = _at_work(place, by, role, once)
    untrue = tuple(Intent(each) for each in not_so)
    _tell(answer_reply(place.database, strategy, post, reply_id, who, channel=way, words=text, not_so=untrue))
    console.print("written: the next round sends it", markup=False)


@click.command()
@click.argument("reply_id", metavar="REPLY")
@_BY
@_ROLE
@_NOT_SO
def done(reply_id: str, by: str, role: str, not_so: tuple[str, ...]) -> None:
    """REPLY was read, and nothing is to be said; what it asks for keeps its tasks."""
    place = deployment()
    untrue = tuple(Intent(each) for each in not_so)
    finish_reply(place.database, place.strategy(), reply_id, _at_work(place, by, role, ""), not_so=untrue)
    console.print("read", markup=False)


@click.command()
@click.argument("reply_id", metavar="REPLY")
@click.argument("case_id", metavar="CASE")
@_BY
@_ROLE
def place(reply_id: str, case_id: str, by: str, role: str) -> None:
    """REPLY, which nobody could place, is of CASE: it is obeyed as if that had been known."""
    at = deployment()
    placed = place_reply(at.database, at.strategy(), reply_id, case_id, _at_work(at, by, role, ""))
    console.print(f"of the case {placed.case_id}, {placed.state.value}", markup=False)


def _at_work(place: Deployment, by: str, role: str, once: str) -> AtWork:
    now = place.now()
    return AtWork(by=by, role=role, name=f"answer:{once or uuid4().hex}", now=now, real_now=now)


def _reply(place: Deployment, reply_id: str) -> replies.Reply:
    with place.database.read() as conn:
        found = replies.load(conn, [reply_id])
    if not found:
        raise NotFound("no reply has this id", hint="see `relance reply list`")
    return found[0]


def _tell(checked: AnswerCheck) -> None:
    """When it leaves, or why not; then each finding in its words."""
    if checked.refusal:
        rules = ", ".join(dict.fromkeys(reason.rule for reason in checked.blocks))
        console.print(f"it may not leave: {checked.refusal} ({rules})", markup=False)
    elif checked.leaves_at is None:
        console.print("it waits for the end of a pause", markup=False)
    else:
        console.print(f"it leaves from {checked.leaves_at:%Y-%m-%d %H:%M} UTC", markup=False)
    if checked.segments:
        console.print(f"{checked.segments} SMS: {checked.text}", markup=False, soft_wrap=True)
    for said in (*(str(finding) for finding in checked.findings), *checked.problems):
        console.print(f"  {said}", markup=False, soft_wrap=True)
