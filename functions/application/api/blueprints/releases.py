"""Pipeline releases to choose from."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from functions.application.services.status import list_releases
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/releases", method="GET")
def releases(call: Call) -> api.Releases:
    """List the releases."""
    return list_releases(wiring.wired().ml)


@routes.route("/chunking-strategies", method="GET")
def chunking_strategies(call: Call) -> api.ChunkingStrategies:
    """List the ways to cut documents."""
    return wiring.wired().knowledge_bases.chunking_strategies()
