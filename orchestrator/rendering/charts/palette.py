"""The colours of charts, for a light and a dark page.

Blue and orange are told apart by every common colour vision; each stands out from its page by 3:1 at least, words by
4.5:1 (a test measures). What must not rest on colour is hatched, dashed or named in place.
"""

from typing import Literal

Theme = Literal["light", "dark", "auto"]

LIGHT = {
    "ink": "#16191d",
    "quiet": "#59616b",
    "hair": "#d4d8dd",
    "zero": "#7b838c",
    "first": "#1d5fa6",
    "second": "#b3540a",
    "third": "#0f766e",
    "fourth": "#8a3ffc",
    "calm": "#86909b",
    "page": "#ffffff",
}
DARK = {
    "ink": "#eceff2",
    "quiet": "#a9b2bc",
    "hair": "#3a4149",
    "zero": "#7f8994",
    "first": "#6fb0f5",
    "second": "#f0a052",
    "third": "#4fc4b5",
    "fourth": "#c3a0ff",
    "calm": "#818c98",
    "page": "#15181c",
}
SERIES = ("first", "second", "third", "fourth")


def dark_style() -> str:
    """CSS that turns a light drawing dark where the reader's page is: styles win over the colours of marks."""
    rules = []
    for name, light in LIGHT.items():
        rules.append(f'[fill="{light}"]{{fill:{DARK[name]}}}[stroke="{light}"]{{stroke:{DARK[name]}}}')
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
