"""The API's own description."""

from functools import cache
from importlib.resources import files

from functions.application.api.calls import Call
from functions.application.api.routing import Routes

routes = Routes(__name__)


@cache
def document() -> str:
    """Read the committed OpenAPI document once."""
    return (files("shared.contracts") / "openapi.json").read_text()


@routes.route("/openapi.json", method="GET")
def show_openapi(call: Call) -> str:
    """Show the OpenAPI document."""
    return document()
