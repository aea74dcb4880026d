"""Where the address stands: in the block of NF Z10-011, alone in what the window of an envelope may show (PLT-13)."""

import pytest

from orchestrator.domain.errors import InputError
from tests.rendering.letters import Mark, marks, pages, render

BLOCK = (110.0, 55.0, 195.0, 88.0)  # mm: 85 x 33 at 110, 55
# An A4 sheet folded in three (99 mm) slides by 11 mm in a DL envelope of 110 x 220, whose window of 100 x 45 is 20 mm
# from the right and the bottom: it may show y 34 to 90, x 90 to the edge.
SEEN = (90.0, 34.0, 210.0, 91.0)

SHORT = ("Mme Camille Durand", "27 RUE DE L EGLISE", "69003 LYON")
SEVEN = (*(f"LIGNE {n} DE TRENTE HUIT SIGNES TOUT JUSTE" for n in range(1, 6)), "10115 BERLIN", "ALLEMAGNE")
WIDEST = ("WMWMWMWMWMWMWMWMWMWMWMWMWMW", "27 RUE DE L EGLISE", "69003 LYON")


def on_first_page(**changes: object) -> list[Mark]:
    return marks(pages(render(**changes).pdf)[0])


@pytest.mark.parametrize("lines", [SHORT, SEVEN, WIDEST, ("X",)])
def test_every_line_of_the_address_is_inside_its_block(lines: tuple[str, ...]) -> None:
    left, top, right, bottom = BLOCK
    printed = on_first_page(address_lines=lines)
    for line in lines:
        mark = next(mark for mark in printed if mark.text == line)
        assert left - 0.1 <= mark.left
        assert mark.right <= right
        assert top <= mark.top
        assert mark.bottom <= bottom


def test_the_lines_of_the_address_follow_in_order_on_one_left_edge() -> None:
    printed = [mark for mark in on_first_page(address_lines=SEVEN) if mark.text in SEVEN]
    assert [mark.text for mark in sorted(printed, key=lambda mark: mark.top)] == list(SEVEN)
    assert max(mark.left for mark in printed) - min(mark.left for mark in printed) < 0.5


def test_an_address_is_set_in_nine_to_twelve_points() -> None:
    for lines in (SHORT, SEVEN):
        mark = next(mark for mark in on_first_page(address_lines=lines) if mark.text == lines[0])
        assert 9 * 0.9 < (mark.bottom - mark.top) / 0.3528 < 12 * 1.1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "registered": True,
            "amicable_label": "chargée du recouvrement amiable pour le Syndic des Lilas et associés SARL",
        },
        {"sender_lines": ("Une société dont le nom est long", *(f"Ligne {n} de l’expéditeur" for n in range(12)))},
        {
            "sender_contact_lines": ("Une ligne de contact qui n’en finit pas de donner des horaires et des numéros",)
            * 4
        },
        {"references": (("Une référence au nom assez long", "et dont la valeur " * 6),) * 6, "registered": True},
        {"references": (("", ""), ("", "mot " * 60))},
        {"sender_contact_lines": ("recouvrement.des-particuliers.rhone@societe-au-nom-long.example", "X" * 120)},
        {"references": (("Votre contrat", "X" * 60), ("Y" * 60, "Z" * 20))},
        {"sender_lines": ("A", *("",) * 12), "sender_contact_lines": ()},
        {"place_and_date": "Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson, le 21 novembre 2026"},
    ],
    ids=[
        "plain",
        "collector",
        "long sender",
        "long contact",
        "long references",
        "one long",
        "long address",
        "long words",
        "empty",
        "long place",
    ],
)
def test_nothing_but_the_address_can_show_through_the_window(changes: dict[str, object]) -> None:
    intruders = [mark for mark in on_first_page(**changes) if mark.touches(*SEEN) and mark.text not in SHORT]
    assert not intruders


def test_a_logo_stays_out_of_the_window() -> None:
    logo = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90"><rect width="90" height="90" fill="teal"/></svg>'
    )
    printed = on_first_page(logo_svg=logo, logo_alt="Acme")
    intruders = [mark for mark in printed if mark.touches(*SEEN) and mark.text not in SHORT]
    assert not intruders
    assert any(not mark.text and mark.bottom < 34 and mark.right - mark.left > 5 for mark in printed)


def test_an_address_that_would_leave_the_window_is_refused_without_being_told() -> None:
    with pytest.raises(InputError, match="wider than the window") as refused:
        render(address_lines=("W" * 38, "69003 LYON"))
    assert refused.value.code == "address_too_wide"
    assert "WW" not in str(refused.value)


def test_more_lines_than_the_block_holds_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        render(address_lines=("LIGNE",) * 8)
    assert refused.value.where == "address_lines"


def test_a_letterhead_that_would_come_down_to_the_window_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        render(amicable_label="recouvrement amiable " * 8)
    assert refused.value.code == "letterhead_too_long"
