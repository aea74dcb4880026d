"""What a machine can say of a page: the rules of WCAG 2.2 AA that axe-core tries, and what stands out of its frame."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults_of(page: Page) -> list[str]:
    """The rules that a page breaks, with the first place of each. axe-core is brought in past the page's own policy."""
    found: dict[str, Any] = Axe().run(page, options={"runOnly": {"type": "tag", "values": _TAGS}}).response
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]


def is_wider_than_its_frame(page: Page) -> bool:
    """Whether one must scroll sideways to read the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


def keep(page: Page, folder: Path, name: str) -> None:
    """Keeps a picture of the whole page."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
