"""What an SMS costs, against an independent counter, and what normalising may and may not change."""

import unicodedata

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from channels.gsm7 import BASIC, EXTENSION, Change, Encoding, is_gsm7, segments, to_gsm7

# smsutil takes the bare escape for a letter; nobody writes one.
gsm7_text = st.text(st.sampled_from(BASIC + EXTENSION * 4), max_size=700)
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), max_size=300)
mixed_text = st.text(st.sampled_from("aé€[ç’ŷ🙂𝄞\u0301"), max_size=300)
french = st.text(st.sampled_from("aeiouàâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊŒ «»’‘“”–—…\u00a0\u202f.,:€°\u0301\u0327"), max_size=200)


def oracle(text: str) -> tuple[str, int, int]:
    """Encoding, units and parts by the independent counter (which takes an empty text for UCS-2)."""
    split = smsutil.split(text)
    wide = bool(text) and split.encoding == "utf_16_be"
    return ("ucs2" if wide else "gsm7", split.total_bytes // (2 if wide else 1), max(len(split.parts), 1))


@given(st.one_of(gsm7_text, any_text, mixed_text, french))
@example("a" * 160)
@example("a" * 161)
@example("a" * 158 + "€")
@example("a" * 159 + "€")
@example("a" * 152 + "€" + "a" * 152)
@example("a" * 152 + "€" + "a" * 151 + "€")
@example("€" * 153)
@example("ç" * 70)
@example("ç" * 71)
@example("ç" * 66 + "🙂" + "ç" * 66)
@example("ç" * 66 + "🙂" + "ç" * 65 + "🙂")
@example("🙂" * 67)
def test_segments_agree_with_an_independent_counter(text: str) -> None:
    count = segments(text)
    assert (count.encoding, count.units, count.segments) == oracle(text)


@pytest.mark.parametrize(
    "text, encoding, units, parts",
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("€" * 80, "gsm7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),  # 306 = 2 x 153, but the pair would straddle
        ("a" * 151 + "€" + "a" * 153, "gsm7", 306, 2),
        ("ç" + "a" * 69, "ucs2", 70, 1),
        ("ç" + "a" * 70, "ucs2", 71, 2),
        ("ç" + "a" * 65 + "🙂" + "a" * 66, "ucs2", 134, 3),  # 134 = 2 x 67, but the pair would straddle
        ("ç" + "a" * 64 + "🙂" + "a" * 67, "ucs2", 134, 2),
    ],
)
def test_a_pair_never_straddles_two_parts(text: str, encoding: str, units: int, parts: int) -> None:
    count = segments(text)
    assert (count.encoding, count.units, count.segments) == (encoding, units, parts)


def test_the_alphabet_has_the_127_letters_and_the_10_extensions_of_the_standard() -> None:
    assert len(set(BASIC)) == len(BASIC) == 127
    assert len(set(EXTENSION)) == len(EXTENSION) == 10
    assert [BASIC.index(letter) for letter in "@_ 0A¡a¿"] == [
        0,
        17,
        31,
        47,
        64,
        63,
        96,
        95,
    ]  # one less past escape


@pytest.mark.parametrize("letter", "àäæéèöùüñòÄÆÇÉÖÜÑ€^{}[]~|\\")
def test_what_gsm7_has_stays(letter: str) -> None:
    assert is_gsm7(letter)
    assert to_gsm7(letter).text == letter
    assert to_gsm7(letter).changes == ()


@pytest.mark.parametrize(
    "found, written",
    [
        *zip("çâêîôûëïÿÀÈÙÂÊÎÔÛłŞ", "caeioueiyAEUAEIOUlS", strict=True),
        *zip("‘’“”«»–—\u2011\u00a0\u202f", '\'\'""""---  ', strict=True),
        *[("œ", "oe"), ("Œ", "OE"), ("…", "..."), ("ǽ", "æ"), ("\u00ad", "")],
    ],
)
def test_what_gsm7_lacks_becomes_its_nearest(found: str, written: str) -> None:
    assert not is_gsm7(found)
    result = to_gsm7(f"a{found}b")
    assert result.text == f"a{written}b"
    assert result.changes == (Change(found, written, 1),)
    assert result.unsupported == ""


@pytest.mark.parametrize("text", ["°", "²", "🙂", "привет", "日本"])
def test_what_has_no_near_letter_is_left_and_named(text: str) -> None:
    result = to_gsm7(f"{text}!")
    assert result.text == f"{text}!"
    assert result.unsupported == "".join(dict.fromkeys(text))


def test_a_french_sentence_goes_from_two_sms_to_one_and_says_why() -> None:
    text = (
        "L’échéance du 3 août est dépassée : reçu n’est pas arrivé. Réglez « ici » : https://pay.example/abc — merci…"
    )
    result = to_gsm7(text)
    assert (segments(text).segments, segments(result.text).segments) == (2, 1)
    assert result.text == (
        "L'échéance du 3 aout est dépassée : recu n'est pas arrivé. Réglez \" ici \" : "
        "https://pay.example/abc - merci..."
    )
    assert Change("’", "'", 2) in result.changes


def test_accents_written_apart_are_joined_before_they_are_judged() -> None:
    result = to_gsm7(unicodedata.normalize("NFD", "Hélène, garçon"))
    assert result.text == "Hélène, garcon"
    assert result.changes == (Change("e\u0301", "é", 1), Change("e\u0300", "è", 1), Change("c\u0327", "c", 1))


def test_a_letter_with_two_accents_does_not_spoil_the_same_letter_with_one() -> None:
    assert to_gsm7("e\u0301 e\u0301\u0323").text == "é e"


@given(st.one_of(french, mixed_text, any_text))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = to_gsm7(text)
    assert to_gsm7(once.text).text == once.text
    assert to_gsm7(once.text).changes == ()


@given(st.one_of(french, mixed_text, any_text))
def test_what_is_named_unsupported_is_all_that_keeps_a_text_from_gsm7(text: str) -> None:
    result = to_gsm7(text)
    assert is_gsm7(result.text) is (result.unsupported == "")
    assert is_gsm7("".join(letter for letter in result.text if letter not in result.unsupported))


@given(st.one_of(french, mixed_text, any_text))
def test_the_changes_named_are_the_changes_made(text: str) -> None:
    result = to_gsm7(text)
    expected = sum((len(change.written) - len(change.found)) * change.count for change in result.changes)
    assert len(result.text) - len(text) == expected
    assert bool(result.changes) is (result.text != text)


@given(gsm7_text)
def test_a_text_already_in_gsm7_is_the_same_text(text: str) -> None:
    assert is_gsm7(text)
    assert to_gsm7(text).text is text
    assert segments(text).encoding is Encoding.GSM7
