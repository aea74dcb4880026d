"""Whatever a file holds, it is read or refused with a place and a sentence: nothing else ever comes out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import FileError
from orchestrator.intake.creditor_yaml import creditor_of
from orchestrator.intake.crisis_yaml import crisis_of
from orchestrator.intake.policies.overrides import read_overrides
from orchestrator.intake.policies.policy_yaml import pack_of
from orchestrator.intake.policies.rates_yaml import series_of
from orchestrator.intake.strict_yaml.source import FileErrors, parse

CAMPAIGNS = Path(__file__).resolve().parents[2] / "campaigns"
READERS = {
    "policies/fr-own-b2b.yaml": pack_of,
    "policies/fr-3p-floor.yaml": pack_of,
    "creditors/syndic-lilas.yaml": creditor_of,
    "crises/spring-floods.yaml": crisis_of,
    "rates/ecb.yaml": series_of,
}
_PLACE = re.compile(r"f\.yaml:\d+:\d+")

_WORDS = st.sampled_from(
    ["policy", "rules", "kind", "frequency", "hours", "caps", "scope", "any", "not", "all", "creditor", "collector",
     "bounds", "set", "overrides", "from", "to", "periods", "rates", "id", "yes", "2026-01-01", "7d", "15 EUR", "é", ""]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _WORDS | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_WORDS | st.text(min_size=1, max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


def check(read: Any, text: str) -> None:
    try:
        read(parse(text, name="f.yaml"))
    except FileError as error:
        for each in error.errors if isinstance(error, FileErrors) else (error,):
            assert _PLACE.fullmatch(each.where), each.where
            assert each.message
            assert "pydantic" not in str(each)


@given(st.text(max_size=200))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    check(lambda source: source, text)


@given(st.text(alphabet="ab01:-[]{}#&*!|>'\"%@` \n,?\\~<", max_size=60))
def test_any_knot_of_signs_is_yaml_or_refused(text: str) -> None:
    check(lambda source: source, text)


@pytest.mark.parametrize("read", [pack_of, creditor_of, crisis_of, series_of, read_overrides])
@given(value=_VALUES)
def test_any_data_is_accepted_or_refused(read: Any, value: Any) -> None:
    check(read, json.dumps(value, ensure_ascii=False))


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_shipped_file_with_a_line_spoilt_is_accepted_or_refused(name: str, data: st.DataObject) -> None:
    lines = (CAMPAIGNS / name).read_text("utf-8").splitlines()[:40]
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].partition(":")[0]
    spoilt = data.draw(
        st.sampled_from(
            ["", f"{key}:", f"{key}: []", f"{key}: {{}}", f"{key}: 3", f"{key}: x", f" {lines[at]}", f"{lines[at]}]",
             lines[at][:-2], lines[at].replace(":", "", 1), lines[at].replace("e", "é", 1)]
        )
    )  # fmt: skip
    check(READERS[name], "\n".join([*lines[:at], spoilt, *lines[at + 1 :]]) + "\n")
