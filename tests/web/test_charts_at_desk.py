"""The application draws charts with one renderer, made when the first chart is asked for."""

from orchestrator.web.desk import Desk
from tests.rendering.charts.figures_drawn import AGED
from tests.web.conftest import Office


def test_charts_are_drawn_by_one_renderer(office: Office) -> None:
    desk: Desk = office.app.state.desk
    assert desk.charts() is desk.charts()
    assert desk.charts().svg(AGED, language="fr").startswith(b"<svg ")
