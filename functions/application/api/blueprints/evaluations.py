"""Scored runs."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/evaluations", method="POST")
def create_evaluation(call: Call) -> api.Evaluation:
    """Score a bot or a knowledge base on a dataset."""
    return wiring.wired().evaluations.create(call.principal, call.body(api.CreateEvaluation))


@routes.route("/evaluations/{evaluation_id}", method="GET")
def show_evaluation(call: Call, evaluation_id: str) -> api.Evaluation:
    """Show a run, or how far it is."""
    return wiring.wired().evaluations.get(call.principal, evaluation_id)
