"""Short ways to find something on a page that must be there."""

from bs4 import Tag

from tests.web.console.conftest import Screen


def one(screen: Screen, selector: str) -> Tag:
    """The first that a CSS selector finds."""
    found = screen.soup.select_one(selector)
    assert found is not None, selector
    return found


def words_of(screen: Screen, selector: str) -> str:
    """What one reads of it, spaces made one."""
    return " ".join(one(screen, selector).get_text(" ").split())


def address_of(screen: Screen, selector: str) -> str:
    """Where a link leads."""
    return str(one(screen, selector)["href"])


def form_of(screen: Screen, button: str) -> tuple[str, dict[str, str]]:
    """Where the form of a button leads, and its hidden fields."""
    form = one(screen, button).find_parent("form")
    assert form is not None
    hidden = form.select("input[type=hidden]")
    return str(form["action"]), {str(each["name"]): str(each["value"]) for each in hidden}
