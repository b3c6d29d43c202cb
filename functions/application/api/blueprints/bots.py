"""Bots."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)
MOST_VERSIONS = 20
"""Each is read by itself."""


@routes.route("/bots", method="POST")
def create_bot(call: Call) -> api.Bot:
    """Make an unpublished bot."""
    return wiring.wired().bots.create(call.principal, call.body(api.CreateBot))


@routes.route("/bots", method="GET")
def list_bots(call: Call) -> api.Bots:
    """List the caller's bots and the tenant's published ones."""
    return wiring.wired().bots.list(call.principal, cursor=call.cursor, limit=call.limit)


@routes.route("/bots/{bot_id}", method="GET")
def show_bot(call: Call, bot_id: str) -> api.Bot:
    """Show one."""
    return wiring.wired().bots.get(call.principal, bot_id)


@routes.route("/bots/{bot_id}", method="PATCH")
def update_bot(call: Call, bot_id: str) -> api.Bot:
    """Change the draft."""
    return wiring.wired().bots.update(call.principal, bot_id, call.body(api.UpdateBot))


@routes.route("/bots/{bot_id}", method="DELETE")
def delete_bot(call: Call, bot_id: str) -> api.Deleted:
    """Delete one with its versions."""
    return wiring.wired().bots.delete(call.principal, bot_id)


@routes.route("/bots/{bot_id}/publish", method="POST")
def publish_bot(call: Call, bot_id: str) -> api.Bot:
    """Make the draft what everyone uses."""
    return wiring.wired().bots.publish(call.principal, bot_id)


@routes.route("/bots/{bot_id}/versions", method="GET")
def list_bot_versions(call: Call, bot_id: str) -> api.BotVersions:
    """List what was published, and what each changed."""
    return wiring.wired().bots.versions(
        call.principal, bot_id, cursor=call.cursor, limit=min(call.limit, MOST_VERSIONS)
    )


@routes.route("/bots/{bot_id}/versions/{version}/restore", method="POST")
def restore_bot_version(call: Call, bot_id: str, version: str) -> api.Bot:
    """Make a published version the draft."""
    return wiring.wired().bots.restore(call.principal, bot_id, version)


@routes.route("/bots/{bot_id}/usage", method="GET")
def show_bot_usage(call: Call, bot_id: str) -> api.BotUsage:
    """Show how it is used, and what it could not answer."""
    return wiring.wired().usage.of_bot(call.principal, bot_id, call.query.get("days", "30"))
