"""Words of a law that must be reproduced exactly: each file is known by its hash, and no typography touches it."""

import hashlib

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.wording_files import Files

# CPCE L111-8, paragraphs 2 and 3, as in force since 19 March 2014, one per line; R124-4, 5° asks for both.
L111_8 = "statutory/fr-l111-8.txt"
# C. assur. L113-3, paragraphs 2 to 4, as in force since 24 May 2019, one per line (R113-1 asks for them).
L113_3 = "statutory/fr-l113-3.txt"
HASHES = {
    L111_8: "7a443f49d4d52bd79a7762d6e50899d7149f88992cc39e2c8bb1780402ca1161",
    L113_3: "99326d9eee72b6086cae47634590ccb0ed8177e02e0f6c73eb07f808542424dd",
}
# The name of each line in a template.
_NAMES = {
    L111_8: ("l111_8_second", "l111_8_third"),
    L113_3: ("l113_3_second", "l113_3_third", "l113_3_fourth"),
}


def read(files: Files) -> dict[str, str]:
    """Name in a template → the exact words. Raises TemplateError for a file that is missing or was changed.

    Files that name no line of a statute may lack it: those of a release are older than the statutes added since.
    """
    named = [path for path in HASHES if path in files or _is_named(files, _NAMES[path])]
    return dict(pair for path in named for pair in zip(_NAMES[path], paragraphs(files, path), strict=True))


def _is_named(files: Files, names: tuple[str, ...]) -> bool:
    return any(name in text for text in files.values() for name in names)


def paragraphs(files: Files, path: str) -> tuple[str, ...]:
    """The paragraphs of one statute. Raises TemplateError unless they are the known ones, to the byte."""
    if path not in files:
        raise TemplateError("the words of a law are missing", where=path, hint="restore the shipped file")
    if hashlib.sha256(files[path].encode()).hexdigest() != HASHES[path]:
        raise TemplateError(
            "the words of a law were changed",
            where=path,
            hint="restore the shipped file; when the law itself changes, its hash changes in statutes.py",
            code="statute_changed",
        )
    return tuple(files[path].strip().split("\n"))
