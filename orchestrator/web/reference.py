"""The description of the API: `/api/openapi.json`, and `/api/docs`, a page that loads nothing from anywhere."""

import html
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse, Response

from orchestrator.web.auth import Guard, Needs, guarded_routes, open_to_anyone

router = APIRouter()

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #ccc}h3{margin:1.5rem 0 .2rem;font-size:1rem}"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9em}table{border-collapse:collapse;margin:.3rem 0}"
    "td{padding:.1rem .8rem .1rem 0;vertical-align:top}.who{color:#555}summary{cursor:pointer}"
    "pre{overflow:auto;background:#f5f5f5;padding:.6rem}"
)
_DIGEST = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@router.get("/api/openapi.json", include_in_schema=False, dependencies=[open_to_anyone()])
def openapi(request: Request) -> Response:
    """OpenAPI 3.1, with the role and scope of each operation."""
    return JSONResponse(described(request.app))


@router.get("/api/docs", include_in_schema=False, dependencies=[open_to_anyone()])
def docs(request: Request) -> Response:
    """The same for people, in one page."""
    page = "".join(_page(described(request.app)))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["key"] = {"type": "http", "scheme": "bearer", "description": "An API key: rk_…"}
        for route, guard in guarded_routes(app):
            if route.include_in_schema:
                _tell_who(document["paths"][route.path_format], route.methods or set(), guard)
        _name_shapes(document)
        app.openapi_schema = document
    return app.openapi_schema


def _tell_who(path: dict[str, Any], methods: set[str], guard: Guard | None) -> None:
    for method in methods:
        operation = path[method.lower()]
        if isinstance(guard, Needs):
            operation["security"] = [{"key": []}]
            operation["x-role"], operation["x-scope"] = guard.role, guard.scope
        if method == "POST":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY)


def _name_shapes(document: dict[str, Any]) -> None:
    """Bodies that a route described by itself move to the shapes that have a name."""
    shapes = document["components"].setdefault("schemas", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            inner = schema.get("items", schema)
            if "properties" not in inner:
                continue
            named = dict(inner)
            shapes |= named.pop("$defs", {})
            shapes[named["title"]] = named
            inner.clear()
            inner["$ref"] = f"#/components/schemas/{named['title']}"


_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 128},
    "description": "the same key and body again within 48 h give the first answer, and do nothing",
}


# ------------------------------------------------------------------------------------------- as a page


def _page(document: dict[str, Any]) -> Iterator[str]:
    title = html.escape(f"{document['info']['title']} {document['info']['version']}")
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
    yield f"<h1>{title}</h1><p>{html.escape(document['info']['description'])}</p>"
    yield '<p>For programs: <a href="/api/openapi.json">openapi.json</a>. Send <code>Authorization: Bearer rk_…</code>.'
    tags: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append("".join(_operation(path, method, operation)))
    for tag, parts in tags.items():
        yield f"<h2>{html.escape(tag)}</h2>" + "".join(parts)
    yield "<h2>shapes</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f"<h3 id={html.escape(name)}><code>{html.escape(name)}</code></h3>" + "".join(_fields(schema))


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    who = f"{operation['x-role']}, scope {operation['x-scope']}" if "x-role" in operation else "anyone"
    yield f"<h3><code>{method.upper()} {html.escape(path)}</code></h3>"
    yield f"<p>{html.escape(operation.get('description', ''))} <span class=who>For: {html.escape(who)}.</span></p>"
    yield "<table>"
    for parameter in operation.get("parameters", ()):
        name, about = html.escape(parameter["name"]), html.escape(parameter.get("description", ""))
        yield f"<tr><td><code>{name}</code><td>{parameter['in']}<td>{about}"
    yield "</table>"
    for label, body in (("sends", operation.get("requestBody")), *operation.get("responses", {}).items()):
        shape = _shape((body or {}).get("content", {}).get("application/json", {}).get("schema", {}))
        if shape:
            yield f"<p>{html.escape(str(label))}: {shape}</p>"


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    yield f"<p>{html.escape(schema.get('description', ''))}</p><table>"
    needed = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        mark = "" if name in needed else " <span class=who>optional</span>"
        about = html.escape(field.get("description", ""))
        yield f"<tr><td><code>{html.escape(name)}</code>{mark}<td>{_shape(field)}<td>{about}"
    yield "</table>"


def _shape(schema: dict[str, Any]) -> str:
    """A type in a few words, linked to its shape on this page."""
    if "$ref" in schema:
        name = html.escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(filter(None, (_shape(each) for each in schema["anyOf"])))
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {})) or 'anything'}"
    if "enum" in schema:
        return " | ".join(html.escape(str(each)) for each in schema["enum"])
    return html.escape(str(schema.get("format") or schema.get("type") or ""))
