"""The words of a law: known to the byte, wherever a deployment keeps its templates."""

import pytest

from orchestrator.rendering.proofreading import check
from orchestrator.rendering.texts import Texts
from tests.rendering.wording import changed, shipped_files


@pytest.mark.parametrize("path", ["statutory/fr-l111-8.txt", "statutory/fr-l113-3.txt"])
def test_the_words_of_a_law_cannot_be_altered_unnoticed(path: str) -> None:
    """One comma is enough, and so is a file that is gone while a letter quotes it."""
    altered = changed(path, ",", "")
    assert [fault.code for fault in check(altered)] == ["statute_changed"]
    gone = {name: text for name, text in shipped_files().items() if name != path}
    assert any("words of a law are missing" in str(fault) for fault in check(gone))


def test_files_that_quote_a_law_nowhere_may_lack_it() -> None:
    """A release is older than the statutes added since."""
    files = {
        path: text
        for path, text in shipped_files().items()
        if path not in ("statutory/fr-l113-3.txt", "letter/insurance-notice.txt")
    }
    entry = shipped_files()["catalogue.yaml"]
    start, end = entry.index("  insurance-notice:"), entry.index("  credit-arrears-notice:")
    files["catalogue.yaml"] = entry[:start] + entry[end:]
    assert Texts.of_files(files).statutes.keys() == {"l111_8_second", "l111_8_third"}
