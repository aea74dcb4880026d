"""Whatever stands in a campaign file, it is accepted or refused with places: nothing else is ever raised."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.intake.campaigns.words import TEST_EVENTS
from orchestrator.intake.strict_yaml.source import FileErrors, read
from tests.intake.campaigns.campaign_fixtures import EXAMPLE, load_text

Path = tuple[str | int, ...]
# Shorter than the example, since each try is read again from text; every kind of key is still in it.
_WHOLE = read(EXAMPLE).data
DATA: dict[str, Any] = {
    **_WHOLE,
    "steps": [_WHOLE["steps"][1], *_WHOLE["steps"][4:]],
    "guards": _WHOLE["guards"][:1],
    "tests": _WHOLE["tests"][1:],
}


def paths(node: Any, path: Path = ()) -> list[Path]:
    """Every place of a document."""
    below: list[tuple[str | int, Any]] = []
    if isinstance(node, dict):
        below = list(node.items())
    elif isinstance(node, list):
        below = list(enumerate(node))
    return [path, *(found for key, value in below for found in paths(value, (*path, key)))]


_WORDS = [
    "due + 5d", "due", "0d", "5d", "-5d", "1 month", "3 business days", "20/s", "0.3 %", "70 %", "15 EUR", "0 EUR",
    "250 EUR per day", "2026-03-02", "formal-notice", "reminder", "thanks", "formal", "listening", "sms", "admin",
    "any", "yes", "pause", "complaint_rate", "promise.made", "", " ", "é", "reminder-1", *TEST_EVENTS,
]  # fmt: skip
_SCALARS = st.one_of(
    st.sampled_from(_WORDS), st.integers(-3, 10**6), st.booleans(), st.none(), st.text("due+-5d €%/.", max_size=9)
)
_KEYS = st.sampled_from(["if", "at", "after", "send", "use", "choose", "not", "any", "balance", "from", "x"])
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=6
)
_PLACES = st.sampled_from([path for path in paths(DATA) if path])


@given(st.lists(st.tuples(_PLACES, _VALUES), min_size=1, max_size=3))
def test_any_file_is_accepted_or_refused_with_its_places(changes: list[tuple[Path, Any]]) -> None:
    data = copy.deepcopy(DATA)
    for path, value in changes:
        _put(data, path, value)
    text = json.dumps(data, ensure_ascii=False, indent=1)
    try:
        load_text(text)
    except FileErrors as error:
        for each in error.errors:
            name, line, column = each.where.split(":")
            assert name == "c.yaml"
            assert 1 <= int(line) <= text.count("\n") + 1
            assert int(column) >= 1
            assert each.message
            assert "{" not in each.message.partition(": ")[0]


def _put(node: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    is_item = isinstance(node, list) and isinstance(last, int) and last < len(node)
    if is_item or isinstance(node, dict):
        node[last] = value
