"""The generated contracts: committed as generated, valid, and the same as the routes that answer."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

from functions.application.api.handler import app
from infra.local.contracts import FOLDER, documents, rendered
from shared.contracts.events import ON_THE_BUS, QUEUED, Event
from shared.contracts.routes import ML, PUBLIC, Route

ROOT = FOLDER.parents[1]
DOCUMENTS = {"openapi.json": PUBLIC, "ml_openapi.json": ML}
Methods = set[tuple[str, str]]


class TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as plain values."""


TemplateLoader.add_multi_constructor("!", lambda loader, suffix, node: None)


def methods_of(routes: tuple[Route, ...]) -> Methods:
    return {(route.method, route.path) for route in routes}


def template_events(path: Path) -> Methods:
    """Return (method, path) of every Api event of a template."""
    template: dict[str, Any] = yaml.load(path.read_text(), Loader=TemplateLoader)
    events = [
        event["Properties"]
        for resource in template["Resources"].values()
        for event in ((resource.get("Properties") or {}).get("Events") or {}).values()
        if event["Type"] == "Api"
    ]
    return {(str(event["Method"]).upper(), str(event["Path"])) for event in events}


def events_of(routes: tuple[Route, ...]) -> Methods:
    """Return what a template declares for a table: a path of several methods takes any (Lambda's policy is short)."""
    methods: dict[str, list[str]] = {}
    for route in routes:
        methods.setdefault(route.path, []).append(route.method)
    return {(found[0] if len(found) == 1 else "ANY", path) for path, found in methods.items()}


def test_what_is_committed_is_what_the_models_say() -> None:
    made = documents()
    stale = [str(path.relative_to(ROOT)) for path, document in made.items() if not is_committed(path, document)]
    assert stale == [], "run `make contracts` and commit"
    assert set((FOLDER / "schemas").glob("*.json")) == {path for path in made if path.parent.name == "schemas"}


def is_committed(path: Path, document: dict[str, Any]) -> bool:
    return path.exists() and path.read_text() == rendered(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_openapi_documents_are_valid_and_complete(name: str) -> None:
    document = json.loads((FOLDER / name).read_text())
    validate(document)
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == methods_of(DOCUMENTS[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_has_a_name_of_its_own(name: str) -> None:
    document = json.loads((FOLDER / name).read_text())
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(names)) == len(names)


def test_the_api_function_answers_exactly_the_routes_of_the_table() -> None:
    answered = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert answered == methods_of(PUBLIC)


def test_the_template_declares_exactly_the_routes_of_the_table() -> None:
    assert template_events(ROOT / "infra" / "application.yaml") == events_of(PUBLIC)


@pytest.mark.parametrize("event", [*QUEUED, *ON_THE_BUS], ids=lambda event: event.name)
def test_event_schemas_are_valid_and_need_the_envelope(event: type[Event]) -> None:
    schema = json.loads((FOLDER / "schemas" / f"{event.name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, schema)
    assert {"event_id", "correlation_id", "tenant_id", "occurred_at"} <= set(schema["required"])


def test_event_names_are_versioned_and_unique() -> None:
    names = [event.name for event in (*QUEUED, *ON_THE_BUS)]
    assert len(set(names)) == len(names)
    assert all(name.count(".") == 2 and name.rpartition(".v")[2].isdigit() for name in names)
