"""The morning batch: approvals of a campaign and step together, with amounts and words, ticked one by one or all."""

from collections import Counter
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.place import local_date
from orchestrator.flows.answer_batch import answer_all, answer_batch
from orchestrator.flows.my_day import DESK, batches_of, last_day
from orchestrator.flows.preview_approvals import preview_approvals
from orchestrator.storage.worklist import Chosen
from orchestrator.web.console.access import allowed
from orchestrator.web.console.day import who_is
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Sent
from orchestrator.web.desk import AtDesk

router = APIRouter(prefix="/batch")

SHOWN = 25


@router.get("", dependencies=[allowed("console.see")])
def show_batches(request: Request, desk: AtDesk, visitor: ByVisitor) -> Response:
    """Every batch that waits."""
    found = batches_of(desk.database, who_is(visitor), now=desk.now())
    return page(request, "batch/batches.html", batches=found, last_day=last_day, today=local_date(desk.now(), DESK))


@router.get("/messages", dependencies=[allowed("replies.see")])
def show_batch(
    request: Request, desk: AtDesk, visitor: ByVisitor, step: str, campaign: str = "", after: str = ""
) -> Response:
    """The messages of a batch in full, a page at a time."""
    chosen = Chosen(campaign=campaign, step=step)
    found = preview_approvals(
        desk.database, desk.strategy(), desk.deployment.words_of, chosen, who=who_is(visitor), now=desk.now(),
        limit=SHOWN + 1, after=after,
    )  # fmt: skip
    whole = [
        each for each in batches_of(desk.database, who_is(visitor), now=desk.now())
        if (each.campaign, each.step) == (campaign, step)
    ]  # fmt: skip
    more = found[SHOWN - 1].task.id if len(found) > SHOWN else ""
    return page(
        request, "batch/batch.html", chosen=chosen, waiting=found[:SHOWN], whole=whole, more=more, after=after,
        count=sum(each.count for each in whole), last_day=last_day, today=local_date(desk.now(), DESK),
        next_page=urlencode({"campaign": campaign, "step": step, "after": more}),
    )  # fmt: skip


@router.post("", dependencies=[allowed("tasks.answer")])
def answer(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Approves or refuses what was ticked, or all of the step. What was not answered is told, each with its reason."""
    chosen = Chosen(campaign=sent.text("campaign"), step=sent.text("step"))
    wanted = "refuse" if sent.text("answer").startswith("refuse") else "approve"
    who, now = who_is(visitor), desk.now()
    if sent.text("answer").endswith("_all"):
        done = answer_all(desk.database, desk.strategy(), chosen, answer=wanted, who=who, now=now)
    else:
        done = answer_batch(desk.database, desk.strategy(), sent.all("task"), answer=wanted, who=who, now=now)
    if not done.refused:
        return go("/console/batch", "batch.approved" if wanted == "approve" else "batch.refused")
    codes = Counter(refusal.code for refusal in done.refused)
    return page(
        request, "batch/told.html", done=len(done.done), codes=codes.most_common(), refused=done.refused[:50],
        wanted=wanted,
    )  # fmt: skip
