"""Letters: one page with table and pay-by code, composed again and again: `python -m tests.bench.letter`.

The reference composes one line of text with the same engine, fonts and PDF standard.
"""

from pathlib import Path

import typst

from channels.contract import Channel
from orchestrator.domain.voice import Voice
from orchestrator.rendering.samples import sample_brief
from tests.bench.measure import best, say
from tests.bench.portfolios import shipped

COUNT = 60


def main() -> None:
    """A consumer's reminder of one page."""
    deployment, _ = shipped()
    composer, texts = deployment.composer, deployment.texts
    brief = sample_brief(
        texts.catalogue.entry("last-reminder"), channel=Channel.LETTER, voice=Voice.FIRM, language="fr"
    )
    composer.compose(brief)
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[Path(deployment.settings.templates) / "letter" / "fonts"],
    )
    page = b"#set document(date: datetime(year: 2026, month: 3, day: 1))\nOne line."
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)

    def bare() -> None:
        for _ in range(COUNT):
            compiler.compile(page, format="pdf", pdf_standards="a-2b")

    def letters() -> None:
        for _ in range(COUNT):
            composer.compose(brief)

    say("letter composed, words included", COUNT, best(3, letters), best(3, bare), "one bare line", unit="letters")


if __name__ == "__main__":
    main()
