"""Who is signed in."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/me", method="GET")
def show_me(call: Call) -> api.Me:
    """Show the caller."""
    me = call.principal
    return api.Me(user_id=me.user_id, tenant_id=me.tenant_id, email=me.email, name=me.name, role=me.role)


@routes.route("/socket-tickets", method="POST")
def create_socket_ticket(call: Call) -> api.SocketTicket:
    """Let the caller open one WebSocket."""
    return wiring.wired().issue_ticket(call.principal)
