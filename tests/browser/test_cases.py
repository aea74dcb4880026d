"""A case, its forms and its messages, read by everybody: on a desktop, on a phone, and on one 320 pixels wide."""

import re

from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import SCREENSHOTS
from tests.browser.reading import faults_of, is_wider_than_its_frame, keep
from tests.browser.world import World, sign_in_as

_NARROW: ViewportSize = {"width": 320, "height": 640}


def test_a_case_and_its_messages_are_readable_by_everybody(page: Page, world: World, size: str, language: str) -> None:
    sign_in_as(page, world.user(f"boss-{language}", "admin", language), path="/console/messages")
    message = page.locator("table a[href^='/console/messages/']").first.get_attribute("href")
    case = page.locator("table a[href^='/console/cases/']").first.get_attribute("href")
    assert message
    assert case
    faults: dict[str, list[str]] = {}
    for name, address in {
        "case": case, "message": message, "promise": f"{case}/act/promise", "contact": f"{case}/act/contact",
        "payment": f"{case}/payment", "letters": "/console/messages?channel=letter", "list": "/console/cases?held=yes",
    }.items():  # fmt: skip
        answer = page.goto(address)
        assert (answer.status if answer else 0) == 200, name
        keep(page, SCREENSHOTS, f"{name}-{size}-{language}")
        found = faults_of(page)
        if is_wider_than_its_frame(page):
            found.append("wider than its frame")
        if size == "phone":
            page.set_viewport_size(_NARROW)
            keep(page, SCREENSHOTS, f"{name}-narrow-{language}")
            if is_wider_than_its_frame(page):
                found.append("wider than 320 pixels")
        if found:
            faults[name] = found
    assert faults == {}


def test_an_agent_finds_a_case_and_promises_without_a_mouse(page: Page, world: World, language: str) -> None:
    sign_in_as(page, world.user(f"clerk-{language}", "agent", language), path="/console/cases?sort=name&state=open")
    first = page.locator("tbody tr th a").first
    name = first.inner_text()
    page.fill("input[name=words]", name)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert name.split()[-1].lower() not in page.url.lower()
    page.locator("tbody tr th a").first.click()
    page.wait_for_load_state()
    assert re.search(r"/console/cases/[0-9A-Z]{11}$", page.url)
    page.locator("a[href$='/act/note']").click()
    page.fill("textarea[name=words]", "rappeler jeudi")
    page.locator("main form button").click()
    page.wait_for_load_state()
    assert page.locator("p.said").count() == 1
    assert "rappeler jeudi" in page.locator("ol.story").inner_text()
