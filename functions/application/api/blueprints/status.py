"""The state of the platform."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/status", method="GET")
def show_status(call: Call) -> api.PlatformStatus:
    """Show documents by state, and to administrators queues and dead letters."""
    return wiring.wired().status(call.principal)
