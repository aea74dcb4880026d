"""A chart as an image: it stands by itself, says what it shows in words, and is the same each time (R25)."""

import re
import time
from xml.etree import ElementTree as ET

import msgspec
import pytest

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.charts.chart import Bar, Bars
from orchestrator.rendering.charts.draw import NARROW, ChartRenderer
from orchestrator.rendering.charts.palette import DARK, LIGHT
from tests.rendering.charts.figures_drawn import AGED, EVERY, EXPECTED, FONTS

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
HOSTILE = '<script>alert(1)</script> & "quote" #import "/etc/passwd" $x$ *bold* \u202egnp.exe \x07 漢字 🙂'


@pytest.fixture(scope="module")
def renderer() -> ChartRenderer:
    return ChartRenderer(FONTS)


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_stands_by_itself(renderer: ChartRenderer, name: str) -> None:
    root = ET.fromstring(renderer.svg(EVERY[name], language="fr"))  # noqa: S314  # our own file
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "g",
            "use",
            "path",
            "defs",
            "symbol",
            "clipPath",
            "pattern",
        }
        for key, value in element.attrib.items():
            assert not key.startswith("on")
            assert "url(" not in value or value.startswith("url(#")
            assert key not in (LINK, "href") or value.startswith("#")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", [720, NARROW])
def test_the_same_chart_gives_the_same_bytes(renderer: ChartRenderer, name: str, width: float) -> None:
    once = renderer.svg(EVERY[name], language="en", width=width)
    assert once == ChartRenderer(FONTS).svg(EVERY[name], language="en", width=width)
    assert not re.search(rb"20\d\d-\d\d-\d\d|<metadata", once)


def test_it_is_named_and_described_for_who_cannot_see_it(renderer: ChartRenderer) -> None:
    root = ET.fromstring(renderer.svg(AGED, language="fr"))  # noqa: S314  # our own file
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("role") == "img"
    assert root.get("lang") == "fr"
    assert [named.get(name) for name in str(root.get("aria-labelledby")).split()] == [
        "Balance âgée",
        (
            "Non échu\u00a0: 62\u00a0040\u00a0€ ; 1 à 30 jours\u00a0: 52\u00a0100\u00a0€ ; "
            "Plus de 90 jours\u00a0: 31\u00a0530\u00a0€"
        ),
    ]


def test_words_of_the_data_are_never_markup(renderer: ChartRenderer) -> None:
    chart = Bars(title=HOSTILE, subtitle=HOSTILE, bars=(Bar(HOSTILE, 100, HOSTILE),))
    root = ET.fromstring(renderer.svg(chart, language="en"))  # noqa: S314  # our own file
    assert not [element for element in root.iter() if element.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}a")]
    assert root[0].text is not None
    assert "<script>" in root[0].text
    assert "\u202e" not in root[0].text


def test_a_dark_chart_keeps_no_light_colour(renderer: ChartRenderer) -> None:
    for chart in EVERY.values():
        colors = set(re.findall(rb'(?:fill|stroke)="(#[0-9a-f]{6})"', renderer.svg(chart, language="fr", theme="dark")))
        assert colors <= {color.encode() for color in DARK.values()}


def test_an_automatic_chart_says_what_each_of_its_colours_becomes(renderer: ChartRenderer) -> None:
    svg = renderer.svg(EXPECTED, language="fr", theme="auto").decode()
    style = svg.partition("<style>")[2].partition("</style>")[0]
    assert style.startswith("@media (prefers-color-scheme:dark)")
    for kind, color in re.findall(r' (fill|stroke)="(#[0-9a-f]{6})"', svg):
        name = next(name for name, light in LIGHT.items() if light == color)
        assert f'[{kind}="{color}"]{{{kind}:{DARK[name]}}}' in style


def test_an_estimate_is_told_from_a_promise_without_colour(renderer: ChartRenderer) -> None:
    svg = renderer.svg(EXPECTED, language="fr")
    certain = msgspec.structs.replace(
        EXPECTED, series=tuple(msgspec.structs.replace(each, is_estimate=False) for each in EXPECTED.series)
    )
    assert b"<pattern" in svg
    assert b"<pattern" not in renderer.svg(certain, language="fr")


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_marks_stand_out_by_three_and_words_by_four_and_a_half(colors: dict[str, str]) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11. Hair lines are no information: each bears its figure."""
    for name in ("first", "second", "third", "fourth", "ink", "quiet"):
        assert _contrast(colors[name], colors["page"]) >= 4.5, name
    for name in ("calm", "zero"):
        assert _contrast(colors[name], colors["page"]) >= 3, name


def test_a_chart_is_drawn_in_a_tenth_of_a_second(renderer: ChartRenderer) -> None:
    renderer.svg(AGED, language="fr")
    taken = []
    for number in range(5):
        chart = msgspec.structs.replace(EXPECTED, title=f"Encaissements {number}")
        began = time.process_time()
        renderer.svg(chart, language="fr")
        taken.append(time.process_time() - began)
    assert sorted(taken)[2] < 0.1


def test_fonts_that_are_missing_are_named() -> None:
    with pytest.raises(TemplateError, match="fonts"):
        ChartRenderer(FONTS / "nowhere")
