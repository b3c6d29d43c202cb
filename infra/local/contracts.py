"""Generate the committed contracts from their models: `python -m infra.local.contracts` (`make contracts`).

Event schemas go to `shared/contracts/schemas/`, the OpenAPI 3.1 documents and the list of file formats beside the
models. A test compares them with what this module makes of the code, so neither can drift.
"""

import json
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from functions.ml.ingestion.parsing.format import Format, formats
from shared.contracts import api, ml_api, sockets
from shared.contracts.events import ON_THE_BUS, QUEUED
from shared.contracts.registry import Status
from shared.contracts.routes import ML, PUBLIC, Route

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "contracts"
EVERY_ROUTE = (401, 403, 500, 503)
REASONS = {
    400: "The request is wrong; the message names the field",
    401: "Nobody is signed in, or the token is not valid",
    403: "Signed in, but not allowed",
    404: "Not there, or not visible to the caller",
    409: "The state does not allow it",
    413: "Over a limit of size",
    429: "Over a limit of rate; Retry-After says when to come back",
    500: "A defect; the request id finds it in the logs",
    503: "A neighbour does not answer; try again later",
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "Where the page begins: the cursor of the page before",
        "schema": {"type": "string", "default": ""},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "Most items of the page",
        "schema": {"type": "integer", "minimum": 1, "maximum": api.MAX_PAGE_ITEMS, "default": 100},
    },
    "at": {
        "name": "at",
        "in": "query",
        "description": "Begin where this character of the document's text stands, as in the place of a citation",
        "schema": {"type": "integer", "minimum": 0},
    },
    "days": {
        "name": "days",
        "in": "query",
        "description": "How many days, today among them",
        "schema": {"type": "integer", "minimum": 1, "maximum": 365, "default": 30},
    },
    "status": {
        "name": "status",
        "in": "query",
        "description": "Only documents in this state",
        "schema": {"type": "string", "enum": list(get_args(Status))},
    },
    "q": {
        "name": "q",
        "in": "query",
        "description": "Only those in whose name or text all these words stand",
        "schema": {"type": "string", "default": "", "maxLength": 200},
    },
    "page": {
        "name": "page",
        "in": "query",
        "description": "Begin with this page, slide or sheet, counted from 1",
        "schema": {"type": "integer", "minimum": 1},
    },
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body has its effect once, for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
PUBLIC_SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
ML_SECURITY = {"sigv4": {"type": "apiKey", "in": "header", "name": "Authorization"}}


class Generated(GenerateJsonSchema):
    """Says that an answer has every property: one with a default may be left out of a request only."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        """Is the field always there?"""
        return self.mode == "serialization" or super().field_is_required(field, total)


def documents() -> dict[Path, dict[str, Any]]:
    """Make every generated document by the path it is committed at."""
    made = {
        FOLDER / "openapi.json": openapi(
            PUBLIC,
            "Strata",
            "The public API of the platform.",
            error=api.ErrorBody,
            security=PUBLIC_SECURITY,
            keys=True,
        ),
        FOLDER / "ml_openapi.json": openapi(
            ML, "Strata ML", "The ML layer's API.", error=ml_api.ErrorResponse, security=ML_SECURITY, keys=False
        ),
    }
    made[FOLDER / "sockets.json"] = socket_messages()
    made[FOLDER / "formats.json"] = {"formats": [_published(item) for _, item in sorted(formats().items())]}
    for event in (*QUEUED, *ON_THE_BUS):
        schema = event.model_json_schema()
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        made[FOLDER / "schemas" / f"{event.name}.json"] = schema
    return made


def socket_messages() -> dict[str, Any]:
    """Make the JSON Schema of the WebSocket API: `Up` is any message of a client, `Down` any of the server."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(kind, "validation") for kind in sockets.UP]
    wanted += [(kind, "serialization") for kind in sockets.DOWN]
    references, definitions = models_json_schema(wanted, ref_template="#/$defs/{model}")
    either = {
        "Up": {"anyOf": [references[kind, "validation"] for kind in sockets.UP]},
        "Down": {"anyOf": [references[kind, "serialization"] for kind in sockets.DOWN]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Strata WebSocket API",
        "$defs": {**either, **dict(sorted(definitions["$defs"].items()))},
    }


def _published(item: Format) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": item.title,
        "extensions": list(item.extensions),
        "media_type": item.media_type,
    }


def openapi(
    routes: tuple[Route, ...],
    title: str,
    description: str,
    *,
    error: type[BaseModel],
    security: dict[str, Any],
    keys: bool,
) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document of a route table.

    Args:
        routes: every method of every path.
        title: the API's name.
        description: one sentence.
        error: the model of every body over 399.
        security: the one security scheme, required everywhere.
        keys: whether writes accept an Idempotency-Key.

    Returns:
        The document, keys in the order of the table.
    """
    references, components = schemas(routes, error)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, references, error, keys=keys)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": description},
        "security": [{name: []} for name in security],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": security},
    }


def schemas(routes: tuple[Route, ...], error: type[BaseModel]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Make the component schemas of a table, and the reference of each (model, mode)."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(error, "serialization")]
    for route in routes:
        wanted += [(route.request, "validation")] if route.request else []
        wanted += [(route.response, "serialization")] if route.response else []
    references, definitions = models_json_schema(
        list(dict.fromkeys(wanted)), ref_template="#/components/schemas/{model}", schema_generator=Generated
    )
    return dict(references), dict(sorted(definitions["$defs"].items()))


def operation(route: Route, references: dict[Any, Any], error: type[BaseModel], *, keys: bool) -> dict[str, Any]:
    """Make one operation of a path."""
    path = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in route.parameters]
    parameters = [*path, *(PARAMETERS[name] for name in route.query)]
    if keys and route.method != "GET":
        parameters.append(IDEMPOTENCY_KEY)
    made: dict[str, Any] = {"operationId": operation_id(route), "summary": route.summary, "tags": [route.tag]}
    if parameters:
        made["parameters"] = parameters
    if route.request:
        made["requestBody"] = {"required": True, "content": json_content(references[(route.request, "validation")])}
    success = references[(route.response, "serialization")] if route.response else {"type": "object"}
    failure = json_content(references[(error, "serialization")])
    made["responses"] = {
        str(route.status): {"description": route.summary, "content": json_content(success)},
        **{
            str(status): {"description": REASONS[status], "content": failure}
            for status in sorted({*route.errors, *EVERY_ROUTE})
        },
    }
    return made


def json_content(schema: dict[str, Any]) -> dict[str, Any]:
    """Wrap a schema as a JSON body."""
    return {"application/json": {"schema": schema}}


def operation_id(route: Route) -> str:
    """Name an operation: `get_knowledge_bases_kb_id_documents`."""
    words = route.path.removeprefix("/v1/").replace("{", "").replace("}", "")
    return f"{route.method.lower()}_" + "".join(c if c.isalnum() else "_" for c in words)


def rendered(document: dict[str, Any]) -> str:
    """Write a document the way it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every generated document, and remove schemas of events that are gone."""
    made = documents()
    (FOLDER / "schemas").mkdir(exist_ok=True)
    for stale in set((FOLDER / "schemas").glob("*.json")) - set(made):
        stale.unlink()
    for path, document in made.items():
        path.write_text(rendered(document))
        print(path.relative_to(FOLDER.parents[1]))


if __name__ == "__main__":
    main()
