"""The document as one HTML page that needs nothing else: readable on a telephone, in the dark, and on paper."""

from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestrator.rendering.policy_document.document import Block, Document, Section
from orchestrator.rendering.policy_document.words import FOLDER


def html_page(document: Document) -> str:
    """The page. Every word is escaped: a campaign's title is data."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(document=as_data(document))


def as_data(document: Document) -> dict[str, Any]:
    """Plain dicts and lists, each block with its `kind`: what the layouts of HTML and PDF are written against."""
    return {
        **msgspec.structs.asdict(document),
        "front": _section(document.front),
        "sections": [_section(each) for each in document.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(section),
        "blocks": [_block(each) for each in section.blocks],
        "parts": [_section(each) for each in section.parts],
    }


def _block(block: Block) -> dict[str, Any]:
    return {"kind": str(block.__struct_config__.tag), **msgspec.structs.asdict(block)}
