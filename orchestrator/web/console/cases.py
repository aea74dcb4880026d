"""Cases: found by words, filters and conditions; and one case with all that is known of it."""

import base64
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.case import CaseState
from orchestrator.domain.condition import ALWAYS, Condition
from orchestrator.domain.contact import DebtorStatus
from orchestrator.domain.errors import MoneyError, RelanceError
from orchestrator.domain.money import minor_units
from orchestrator.flows.case_timeline import LineKind
from orchestrator.flows.case_view import CaseView, case_view
from orchestrator.flows.search_cases import Search, search_cases
from orchestrator.intake.strict_yaml.scope import read_scope
from orchestrator.intake.tables.cell_dates import DateFault, DateReader
from orchestrator.storage import case_work
from orchestrator.storage.case_search import NONE, Sort, Wanted
from orchestrator.web.console.access import allowed, may
from orchestrator.web.console.case_words import Deadline, Teller, campaign_names, cited, message_path, same, sentence_of
from orchestrator.web.console.names import names_of
from orchestrator.web.console.page import go, language_of, page
from orchestrator.web.console.session import ByVisitor, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk

router = APIRouter(prefix="/cases", dependencies=[allowed("console.see")])
_DAYS = DateReader("day_first")
_LONGEST = 2_000
_FILTERS = (
    "find",
    "creditor",
    "campaign",
    "state",
    "status",
    "owner",
    "held",
    "overdue_since",
    "from",
    "below",
    "where",
    "sort",
)
_LINES = 60


class Asked:
    """The filters as they stand in the address, what they mean, and what is wrong with them."""

    def __init__(self, query: Mapping[str, str], words: str) -> None:
        self.given = {name: query.get(name, "").strip()[:_LONGEST] for name in _FILTERS}
        self.words = words
        self.faults: dict[str, str] = {}
        self.refusal: RelanceError | None = None

    def search(self, visitor: Visitor, after: str) -> Search:
        """What to look for."""
        given = self.given
        wanted = Wanted(
            creditors=visitor.creditors,
            creditor=given["creditor"],
            campaign=given["campaign"],
            state=given["state"],
            status=given["status"],
            owner=given["owner"],
            is_held={"yes": True, "no": False}.get(given["held"]),
            overdue_before=self._day("overdue_since"),
            balance_from=self._cents("from"),
            balance_below=self._cents("below"),
        )
        return Search(
            wanted=wanted,
            words=self.words,
            condition=self._condition(),
            sort=Sort(given["sort"]) if given["sort"] in set(Sort) else Sort.OVERDUE,
            after=after,
            sees_contacts=may(visitor, "contact.see"),
        )

    def _day(self, name: str) -> date | None:
        try:
            return _DAYS.read(self.given[name]) if self.given[name] else None
        except DateFault:
            self.faults[name] = "cases.fault_day"
            return None

    def _cents(self, name: str) -> int | None:
        try:
            return minor_units(self.given[name].removesuffix("€"), "EUR") if self.given[name] else None
        except MoneyError:
            self.faults[name] = "cases.fault_amount"
            return None

    def _condition(self) -> Condition | None:
        try:
            condition = read_scope({}, self.given["where"]) if self.given["where"] else ALWAYS
        except RelanceError as error:
            self.refusal = error
            return None
        return None if condition == ALWAYS else condition


@router.get("")
def list_cases(request: Request, desk: AtDesk, visitor: ByVisitor, after: str = "") -> Response:
    """A page of cases."""
    asked = Asked(request.query_params, _opened(desk, request.query_params.get("find", "")))
    search = asked.search(visitor, after[:40])
    is_wrong = bool(asked.faults or asked.refusal)
    found = None if is_wrong else search_cases(
        desk.database, desk.strategy(), search, now=desk.now(), is_over=Deadline()
    )  # fmt: skip
    refusal = sentence_of(asked.refusal, language_of(request, visitor)) if asked.refusal else ""
    here = {name: value for name, value in asked.given.items() if value}
    more = urlencode({**here, "after": found.after}) if found is not None and found.after else ""
    return page(
        request, "cases/cases.html", status=422 if is_wrong else 200, found=found, asked=asked, more=more,
        refusal=refusal,
        creditors=_creditors(desk, visitor), campaigns=campaign_names(desk.strategy(), visitor),
        owners=_owners(desk), none=NONE,
        states=tuple(CaseState), statuses=tuple(DebtorStatus), sorts=tuple(Sort), same=same,
    )  # fmt: skip


@router.post("/find")
def find_case(desk: AtDesk, sent: Sent) -> Response:
    """Words that name a person stand in no address: they go sealed. One exact hit is opened by the list itself."""
    words = sent.text("words", most=320)
    here = {name: sent.text(name) for name in _FILTERS if name != "find" and sent.text(name)}
    if words:
        here["find"] = _seal(desk).encrypt(words.encode()).decode()
    return go(f"/console/cases?{urlencode(here)}" if here else "/console/cases")


def _seal(desk: Desk) -> Fernet:
    key = sha256(b"console search " + desk.deployment.secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _opened(desk: Desk, sealed: str) -> str:
    """The words behind an address; none where it is not ours."""
    try:
        return _seal(desk).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        return ""


def _creditors(desk: Desk, visitor: Visitor) -> list[str]:
    known = desk.strategy().creditors
    return sorted(known if visitor.creditors is None else visitor.creditors)


def _owners(desk: Desk) -> list[str]:
    """Whoever has cases of their own, by portfolio or by hand."""
    with desk.database.read() as conn:
        return case_work.owners(conn)


# ---------------------------------------------------------------------------------------------------- one case


@router.get("/{case_id}")
def show_case(
    case_id: str, request: Request, desk: AtDesk, visitor: ByVisitor, kind: str = "", whole: int = 0
) -> Response:
    """One case in full; `kind` keeps lines of one kind in its timeline."""
    view = _view(desk, case_id, visitor)
    teller = Teller(desk.strategy(), view.case, view.place.zone, names_of(desk, language_of(request, visitor)))
    told = [each for each in view.told if not kind or each.kind.value == kind]
    shown = told if whole else told[:_LINES]
    last = view.last_left
    return page(
        request, "cases/case.html", view=view, case=view.case, teller=teller, term=teller.story.term,
        last=last, why_last=teller.why_left(last) if last else "",
        foreseen=[(each, teller.foreseen(each)) for each in view.foreseen],
        lines=[(each, teller.story.tell(each.at, each.fact)) for each in shown], more_lines=len(told) - len(shown),
        kind=kind, kinds=tuple(LineKind), local_now=desk.now(), path=message_path, cited=cited,
    )  # fmt: skip


def _view(desk: Desk, case_id: str, visitor: Visitor) -> CaseView:
    return case_view(
        desk.database,
        desk.strategy(),
        case_id,
        now=desk.now(),
        creditors=visitor.creditors,
        sees_contacts=may(visitor, "contact.see"),
        sees_replies=may(visitor, "replies.see"),
    )
