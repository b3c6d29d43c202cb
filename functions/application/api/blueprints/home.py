"""What a person sees first: what needs attention, and what they look for."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/attention", method="GET")
def show_attention(call: Call) -> api.Attention:
    """Show failed documents that the caller may mend."""
    return wiring.wired().usage.attention(call.principal)


@routes.route("/search", method="GET")
def find_things(call: Call) -> api.Found:
    """Find the caller's things by their names."""
    return wiring.wired().find(call.principal, call.query.get("q", ""))
