"""The files that make the words: read whole from a folder, or given from a pinned release. Understands none of them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from orchestrator.domain.errors import TemplateError

CATALOGUE = "catalogue.yaml"
# What the words are made of. The Typst layout and its fonts are not words: `letter_pdf` owns them.
_PATTERNS = (CATALOGUE, "phrases/*.yaml", "statutory/*.txt", "sms/*.txt", "email/*.html", "email/*.txt", "letter/*.txt")
_MAX_BYTES = 400_000

Files = Mapping[str, str]


def read_folder(templates_dir: Path) -> dict[str, str]:
    """Path inside the folder → text, in order of path: what a release stores to be pinned (semantics B13).

    Raises TemplateError when the folder, or a file's encoding, is not usable.
    """
    if not (templates_dir / CATALOGUE).is_file():
        raise TemplateError(
            "this folder has no catalogue of templates",
            where=str(templates_dir),
            hint=f"it needs {CATALOGUE}; copy the shipped templates to begin",
        )
    paths = sorted({path for pattern in _PATTERNS for path in templates_dir.glob(pattern)})
    return {path.relative_to(templates_dir).as_posix(): _read(path) for path in paths}


def release_of(files: Files) -> str:
    """SHA-256 (hexadecimal) of all the words: equal when every file is."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0{files[path]}\0".encode())
    return digest.hexdigest()


def _read(path: Path) -> str:
    if path.stat().st_size > _MAX_BYTES:
        raise TemplateError(f"the file is larger than {_MAX_BYTES} bytes", where=path.name)
    try:
        return path.read_text("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TemplateError(
            "the file is not written in UTF-8", where=f"{path.name}:{line}", hint="save it as UTF-8"
        ) from None
