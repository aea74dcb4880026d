"""`relance task`: what people are asked to decide or do."""

import getpass
from collections import Counter
from datetime import datetime

import click
from rich.markup import escape

from orchestrator.cli.terminal import console, deployment, print_json
from orchestrator.domain.who import Who
from orchestrator.flows.answer_batch import answer_all
from orchestrator.flows.answer_task import RANK, answer_task
from orchestrator.storage import tasks
from orchestrator.storage.worklist import Chosen

_DEBTOR = "debtor: "
_ROLES = click.Choice([role for role in RANK if role != "viewer"])


@click.group()
def task() -> None:
    """Tasks and approvals."""


@task.command("list")
@click.option("--role", type=_ROLES, help="Only tasks of this role.")
@click.option("--kind", help="Only tasks of this kind, such as approve or call.")
@click.option("--case", "case_id", help="Only tasks of this case.")
@click.option("--closed", is_flag=True, help="Those already answered.")
@click.option("--limit", default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def list_tasks(
    role: str | None, kind: str | None, case_id: str | None, closed: bool, limit: int, as_json: bool
) -> None:
    """Tasks, the soonest due first."""
    state = tasks.TaskState.CLOSED if closed else tasks.TaskState.OPEN
    wanted = tasks.Filter(case_id=case_id, kind=kind, role=role, state=state)
    with deployment().database.read() as conn:
        found = tasks.search(conn, wanted, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        console.print("no task")
        return
    for each in found:
        _print(each)
    console.print(
        "\nto answer: relance task approve | refuse | done, and the id. Its story: relance why CASE", soft_wrap=True
    )


def _print(found: tasks.Task) -> None:
    """Two lines, or three: a table would break the id, which is there to be copied."""
    step = f", step {found.step}" if found.step else ""
    answer = f", answered: {found.outcome}" if found.outcome else ""
    what = f"{found.kind} for {found.role}, case {found.case_id}{step}{answer}"
    console.print(f"due {_day(found.due_at)} UTC  [bold]{escape(what)}[/bold]", soft_wrap=True)
    console.print(f"    {found.id}", soft_wrap=True, markup=False)
    if found.cause.startswith(_DEBTOR):
        console.print(f"    they wrote: {_one_line(found.cause.removeprefix(_DEBTOR))}", soft_wrap=True, markup=False)


def _one_line(text: str) -> str:
    """Words from outside, without what could move the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _answer(task_id: str, answer: str, by: str, role: str) -> None:
    place = deployment()
    done = answer_task(place.database, task_id, answer=answer, by=by, role=role, now=place.now())
    console.print(f"{answer}: {done.kind} {done.subject}".strip())


_by = click.option("--by", default=getpass.getuser, help="Who answers; recorded.")
_role = click.option("--role", type=_ROLES, default="manager", show_default=True, help="The role you answer with.")


_all = click.option("--all", "is_all", is_flag=True, help="Every approval of --campaign and --step that waits.")
_campaign = click.option("--campaign", help="With --all: the campaign.")
_step = click.option("--step", help="With --all: the step.")


@task.command()
@click.argument("task_id", required=False)
@_all
@_campaign
@_step
@_by
@_role
def approve(task_id: str | None, is_all: bool, campaign: str | None, step: str | None, by: str, role: str) -> None:
    """Approve TASK_ID, or all of a campaign and step: what waits for it may leave."""
    _answer_some(task_id, is_all, campaign, step, "approve", Who(by, role))


@task.command()
@click.argument("task_id", required=False)
@_all
@_campaign
@_step
@_by
@_role
def refuse(task_id: str | None, is_all: bool, campaign: str | None, step: str | None, by: str, role: str) -> None:
    """Refuse TASK_ID, or all of a campaign and step: the step is passed by."""
    _answer_some(task_id, is_all, campaign, step, "refuse", Who(by, role))


def _answer_some(
    task_id: str | None, is_all: bool, campaign: str | None, step: str | None, answer: str, who: Who
) -> None:
    if is_all == bool(task_id) or is_all != bool(campaign and step):
        raise click.UsageError("give the id of a task, or --all with --campaign and --step")
    if task_id:
        _answer(task_id, answer, who.name, who.role)
        return
    place = deployment()
    chosen = Chosen(campaign=campaign or "", step=step or "")
    done = answer_all(place.database, place.strategy(), chosen, answer=answer, who=who, now=place.now())
    console.print(f"{answer}: {len(done.done)} of {chosen.campaign}, step {chosen.step}", markup=False)
    for code, count in sorted(Counter(refusal.code for refusal in done.refused).items()):
        console.print(f"    not answered, {code}: {count}", markup=False)
    if done.refused:
        raise click.exceptions.Exit(1)


@task.command()
@click.argument("task_id")
@_by
@_role
def done(task_id: str, by: str, role: str) -> None:
    """TASK_ID is done: a call was made, a question is settled."""
    _answer(task_id, "done", by, role)
