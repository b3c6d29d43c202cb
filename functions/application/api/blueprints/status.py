"""The state of the platform, and what operators do about it."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/status", method="GET")
def show_status(call: Call) -> api.PlatformStatus:
    """Show documents by state, and to administrators queues and dead letters."""
    return wiring.wired().status(call.principal)


@routes.route("/diagnosis", method="GET")
def diagnose(call: Call) -> api.Diagnosis:
    """Name everything that is not as it should be."""
    return wiring.wired().operations.diagnose(call.principal)


@routes.route("/reconciliations", method="POST")
def reconcile(call: Call) -> api.Reconciliation:
    """Compare registry, storage and index now."""
    return wiring.wired().operations.reconcile(call.principal)


@routes.route("/redrives", method="POST")
def redrive(call: Call) -> api.Redriven:
    """Give what was given up another try."""
    return wiring.wired().operations.redrive(call.principal, correlation_id=call.correlation_id)
