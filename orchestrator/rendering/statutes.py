"""Words of a law that must be reproduced exactly: each file is known by its hash, and no typography touches it."""

import hashlib

from orchestrator.domain.errors import TemplateError
from orchestrator.rendering.wording_files import Files

# CPCE L111-8, paragraphs 2 and 3, as in force since 19 March 2014, one per line; R124-4, 5° asks for both.
L111_8 = "statutory/fr-l111-8.txt"
HASHES = {L111_8: "7a443f49d4d52bd79a7762d6e50899d7149f88992cc39e2c8bb1780402ca1161"}
# The name of each line in a template.
_NAMES = {L111_8: ("l111_8_second", "l111_8_third")}


def read(files: Files) -> dict[str, str]:
    """Name in a template → the exact words. Raises TemplateError for a file that is missing or was changed."""
    return dict(pair for path in HASHES for pair in zip(_NAMES[path], paragraphs(files, path), strict=True))


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
