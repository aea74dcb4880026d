"""Users and keys: who may sign in or call, with which role, for which creditors. For administrators."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from orchestrator.domain.errors import InputError, NotFound, RelanceError
from orchestrator.flows.answer_task import RANK
from orchestrator.flows.change_user import Terms, change_user, disable_user, enable_user
from orchestrator.flows.grant_access import SCOPES, KeyTerms, add_key, add_user, revoke_key
from orchestrator.flows.invite_user import VALID_HOURS, invite
from orchestrator.flows.prove_password import prove_password
from orchestrator.storage import access
from orchestrator.web.console.access import allowed
from orchestrator.web.console.page import go, page
from orchestrator.web.console.session import ByVisitor, Form, Sent, Visitor
from orchestrator.web.desk import AtDesk, Desk
from orchestrator.web.errors import status_of

router = APIRouter(prefix="/users", dependencies=[allowed("users.manage")])
_HERE = "/console/users"


@router.get("")
def show_users(request: Request, desk: AtDesk) -> Response:
    """Everybody, and every key in use."""
    with desk.database.read() as conn:
        people, keys = access.all_users(conn), access.all_keys(conn)
    now = desk.real_now()
    live = [key for key in keys if key.revoked_at is None]
    return page(request, "users/users.html", people=people, keys=live, roles=tuple(RANK), real_now=now)


@router.get("/new")
def new_user(request: Request, desk: AtDesk) -> Response:
    """The form of a new user."""
    return _user_page(request, desk, None)


@router.post("/new")
def create_user(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Adds a user, and shows their one-time link."""
    name, terms, now = sent.text("name").lower(), _terms(sent), desk.real_now()
    if refused := _unproven(desk, visitor, sent, "create_user"):
        return _user_page(request, desk, None, typed=name, terms=terms, refused=refused, form="save")
    add_user(
        desk.database,
        name,
        role=terms.role,
        by=visitor.name,
        now=now,
        full_name=terms.full_name,
        creditors=terms.creditors,
    )
    return _with_link(request, desk, visitor.name, name)


@router.get("/{name}")
def show_user(name: str, request: Request, desk: AtDesk) -> Response:
    """One user."""
    return _user_page(request, desk, _user(desk, name))


@router.post("/{name}")
def save_user(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Role, name and creditors."""
    terms = _terms(sent)
    if refused := _unproven(desk, visitor, sent, "save_user"):
        return _user_page(request, desk, _user(desk, name), terms=terms, refused=refused, form="save")
    change_user(desk.database, name, terms, by=visitor.name, now=desk.real_now())
    return go(f"{_HERE}/{name}", "users.saved")


@router.post("/{name}/link")
def link_user(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Another one-time link: for a password that was forgotten, or a telephone that was lost."""
    if refused := _unproven(desk, visitor, sent, "link_user"):
        return _user_page(request, desk, _user(desk, name), refused=refused, form="link")
    return _with_link(request, desk, visitor.name, name)


@router.post("/{name}/disable")
def stop_user(name: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """They are signed out and their keys open nothing, from now on."""
    if name == visitor.name:
        raise InputError("nobody disables themselves", hint="another administrator does it", code="own_account")
    disable_user(desk.database, name, by=visitor.name, now=desk.real_now())
    return go(f"{_HERE}/{name}", "users.disabled_now")


@router.post("/{name}/enable")
def restore_user(name: str, request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """They may sign in again."""
    if refused := _unproven(desk, visitor, sent, "restore_user"):
        return _user_page(request, desk, _user(desk, name), refused=refused, form="enable")
    enable_user(desk.database, name, by=visitor.name, now=desk.real_now())
    return go(f"{_HERE}/{name}", "users.enabled_now")


@router.get("/keys/new")
def new_key(request: Request, desk: AtDesk) -> Response:
    """The form of a new key."""
    return _key_page(request, desk, KeyTerms(name="", role=""))


@router.post("/keys/new")
def create_key(request: Request, desk: AtDesk, visitor: ByVisitor, sent: Sent) -> Response:
    """Makes a key and shows it, once."""
    terms = KeyTerms(
        name=sent.text("name").lower(), role=sent.text("role"), scopes=sent.all("scope"), owner=sent.text("owner")
    )
    if refused := _unproven(desk, visitor, sent, "create_key"):
        return _key_page(request, desk, terms, refused=refused)
    made = add_key(desk.database, terms, by=visitor.name, now=desk.real_now())
    return page(request, "users/key.html", made=made)


@router.post("/keys/{key_id}/revoke")
def end_key(key_id: str, desk: AtDesk, visitor: ByVisitor) -> Response:
    """The next request with it is refused."""
    revoke_key(desk.database, key_id, by=visitor.name, now=desk.real_now())
    return go(_HERE, "users.key_revoked")


def _unproven(desk: Desk, visitor: Visitor, sent: Form, act: str) -> RelanceError | None:
    """Why an act that gives access is not done: whoever found an administrator's page open gives themselves none."""
    password, now = sent.raw("own_password"), desk.real_now()
    try:
        prove_password(desk.database, visitor.user, password, session=visitor.session, act=act, now=now)
    except RelanceError as error:
        if error.code not in ("password_wrong", "too_many_tries"):
            raise
        return error
    return None


def _user_page(
    request: Request,
    desk: Desk,
    user: access.User | None,
    *,
    typed: str = "",
    terms: Terms | None = None,
    refused: RelanceError | None = None,
    form: str = "",
) -> Response:
    """A user, or the form of a new one; `form` is the one that was refused, shown with what was sent."""
    kept = Terms(role=user.role, full_name=user.full_name, creditors=user.creditors) if user else Terms(role="agent")
    return page(
        request,
        "users/user.html",
        status=status_of(refused) if refused else 200,
        user=user,
        typed=typed,
        terms=terms or kept,
        roles=tuple(RANK),
        creditors=_creditors(desk),
        faults={form: refused.code} if refused else {},
    )


def _key_page(request: Request, desk: Desk, terms: KeyTerms, *, refused: RelanceError | None = None) -> Response:
    with desk.database.read() as conn:
        people = [user for user in access.all_users(conn) if user.disabled_at is None]
    return page(
        request,
        "users/key.html",
        status=status_of(refused) if refused else 200,
        made=None,
        terms=terms,
        roles=tuple(RANK),
        scopes=SCOPES,
        people=people,
        fault=refused.code if refused else "",
    )


def _with_link(request: Request, desk: Desk, by: str, name: str) -> Response:
    token = invite(desk.database, name, by=by, now=desk.real_now())
    address = f"{desk.deployment.settings.public_url.rstrip('/')}/console/welcome/{token}"
    return page(request, "users/link.html", user=_user(desk, name), address=address, hours=VALID_HOURS)


def _user(desk: Desk, name: str) -> access.User:
    with desk.database.read() as conn:
        found = access.load_user(conn, name)
    if found is None:
        raise NotFound("no user has this name")
    return found


def _creditors(desk: Desk) -> tuple[str, ...]:
    return tuple(sorted(desk.strategy().creditors))


def _terms(sent: Sent) -> Terms:
    some = frozenset(sent.all("creditor"))
    return Terms(
        role=sent.text("role"),
        full_name=sent.text("full_name", most=80),
        creditors=some if sent.text("sees") == "some" else None,
    )
