"""Whatever is posted to the portal, the answer is a page of ours, never an error of ours."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.flows.record_wish import Kind
from orchestrator.web.portal.answers import MOST_WORDS, fields_of, wish_of
from tests.web.conftest import Office
from tests.web.links import CANARIES, a_link

EXAMPLES = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
_NAMES = st.sampled_from(["words", "phone", "hours", "cheque", "List-Unsubscribe", "lang", "_charset_"]) | st.text(
    max_size=8
)
_TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "\x00",
        "\u202e",
        "One-Click",
        "yes",
        "{{ creditor }}",
        "{% for %}",
        "%00%ff",
        "x" * 9_999,
    ]
)
_ACTIONS = st.sampled_from([*Kind, "", "x", "stop/", "Stop", "../stop", "%73top"])
_TYPES = st.sampled_from(
    ["", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=b",
     'multipart/form-data; boundary="', "multipart/form-data; boundary=b; charset=utf-16", "application/json", "é", ";"]
)  # fmt: skip


@EXAMPLES
@given(_ACTIONS, st.dictionaries(_NAMES, _TEXTS, max_size=5), st.text(max_size=10))
def test_any_form(office: Office, action: str, form: dict[str, str], lang: str) -> None:
    said = a_link(office).post(action, {k: v.encode("utf-8", "replace").decode() for k, v in form.items()})
    assert said.status in (200, 404), said.text
    assert "alert(1)" not in said.text
    assert not any(canary in said.text for canary in CANARIES)
    assert a_link(office).get("", params={"lang": lang}).status == 200


@EXAMPLES
@given(_ACTIONS, st.binary(max_size=80) | st.sampled_from([b"--b\r\n\r\n", b"--b--", b"&" * 500, b"=" * 90]), _TYPES)
def test_any_bytes(office: Office, action: str, body: bytes, content_type: str) -> None:
    link = a_link(office)
    said = office.client.post(f"{link.path}/{action}", content=body, headers={b"Content-Type": content_type.encode()})
    assert said.status_code in (200, 400, 404), said.text


@EXAMPLES
@given(st.text(max_size=40))
def test_any_token(office: Office, token: str) -> None:
    path = "/d/" + token.encode("utf-8", "replace").hex()
    assert office.client.get(path).status_code == 404
    assert office.client.post(f"{path}/stop").status_code == 404


@given(st.binary(max_size=200), st.text(max_size=60))
def test_reading_a_form_never_fails(body: bytes, content_type: str) -> None:
    for declared in (content_type, f"multipart/form-data; boundary={content_type}", "multipart/form-data; boundary=b"):
        fields = fields_of(body, declared)
        assert all(isinstance(text, str) for pair in fields.items() for text in pair)


@given(st.text(max_size=3_000))
def test_words_are_data(text: str) -> None:
    words = wish_of(Kind.DISAGREE, {"words": text}).words
    assert len(words) <= MOST_WORDS
    assert all(c.isprintable() or c == "\n" for c in words)
    line = wish_of(Kind.CALL, {"phone": text, "hours": text}).words
    assert line.isprintable()


def test_a_body_has_its_cap(office: Office) -> None:
    link = a_link(office)
    assert link.post("disagree", {"words": "x" * 70_000}).status == 413
    assert link.told() == []
