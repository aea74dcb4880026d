"""`relance reply list` and `show`: what people wrote and what was understood of it."""

import click

from orchestrator.cli.terminal import console, deployment, print_json
from orchestrator.domain.errors import NotFound
from orchestrator.storage import replies
from orchestrator.storage.replies import Reply, ReplyState


@click.group()
def reply() -> None:
    """What people wrote to us."""


@reply.command("list")
@click.option("--case", "case_id", help="Only of this case.")
@click.option("--channel", type=click.Choice(["sms", "email", "letter"]))
@click.option(
    "--state", type=click.Choice([state.value for state in ReplyState]), help="open: somebody has to read it."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@click.option("--after", default="", help="Only those after this id: the page that follows.")
@click.option("--json", "as_json", is_flag=True)
def list_replies(
    case_id: str | None, channel: str | None, state: str | None, limit: int, after: str, as_json: bool
) -> None:
    """Replies, the oldest first."""
    wanted = replies.Filter(case_id=case_id, channel=channel, state=ReplyState(state) if state else None)
    with deployment().database.read() as conn:
        last = next(iter(replies.load(conn, [after])), None) if after else None
        found = replies.search(conn, wanted, limit=limit, after=last)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("no reply")
        return
    for each in found:
        _print_line(each)
    if len(found) == limit:
        console.print(f"more: --after {found[-1].id}")


def _print_line(told: Reply) -> None:
    """Two lines: a table would break the id, which is there to be copied."""
    case = f"case {told.case_id}" if told.case_id else "of nobody we know"
    intents = ", ".join(told.reading.intents)
    about = f"{told.received_at:%Y-%m-%d %H:%M} UTC  {told.channel}, {case}, {told.state.value}: {intents}"
    console.print(told.id, markup=False, style="bold")
    console.print(f"    {about}", markup=False, soft_wrap=True)


@reply.command()
@click.argument("reply_id", metavar="REPLY")
@click.option("--json", "as_json", is_flag=True)
def show(reply_id: str, as_json: bool) -> None:
    """The words of REPLY, what was understood of them, and what is attached."""
    with deployment().database.read() as conn:
        found = replies.load(conn, [reply_id])
        files = replies.files_of(conn, [reply_id])
    if not found:
        raise NotFound("no reply has this id", hint="see `relance reply list`")
    told = found[0]
    if as_json:
        print_json({"reply": told, "attachments": files})
        return
    _print_line(told)
    for line in filter(None, (f"from {told.sender}", told.subject and f"subject: {told.subject}")):
        console.print(_safe(line), markup=False, soft_wrap=True)
    for line in told.text.splitlines():
        console.print(f"  | {_safe(line)}", markup=False, soft_wrap=True)
    for finding in told.reading.findings:
        sure = "certain" if finding.is_certain else "for a person"
        evidence = f": {_safe(finding.evidence)}" if finding.evidence else ""
        console.print(f"{finding.intent}, {sure}{evidence}", markup=False, soft_wrap=True)
    for file in files:
        console.print(f"attached {file.number}: {_safe(file.file_name)}, {file.size} bytes", markup=False)


def _safe(text: str) -> str:
    """Words from outside, without what could move the cursor."""
    return "".join(character if character.isprintable() else " " for character in text)
