"""Every page of the menu: opened, pictured, and read by the rules of WCAG 2.2 AA, in each size and language."""

from playwright.sync_api import Page

from orchestrator.web.console.page import MENU
from tests.browser.conftest import SCREENSHOTS
from tests.browser.reading import faults_of, is_wider_than_its_frame, keep
from tests.browser.world import World, sign_in_as

# What is read depends on size and colours, hardly on the language: each of both once.
READ = {("desktop", "fr"), ("phone", "en")}


def test_every_page_of_the_menu_is_readable_by_everybody(page: Page, world: World, size: str, language: str) -> None:
    page.goto("/console/sign-in")
    keep(page, SCREENSHOTS, f"sign-in-{size}-{language}")
    assert faults_of(page) == []
    sign_in_as(page, world.user(f"boss-{language}", "admin", language), path="/console/account")
    faults: dict[str, list[str]] = {}
    for place in MENU:
        answer = page.goto(place.address)
        assert (answer.status if answer else 0) == 200, place.name
        keep(page, SCREENSHOTS, f"{place.name}-{size}-{language}")
        found = faults_of(page) if (size, language) in READ else []
        if is_wider_than_its_frame(page):
            found.append("wider than its frame")
        if found:
            faults[place.name] = found
    assert faults == {}
