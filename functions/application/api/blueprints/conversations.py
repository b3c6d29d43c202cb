"""Conversations with bots."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)
CONVERSATION = "/conversations/{conversation_id}"


@routes.route("/bots/{bot_id}/conversations", method="POST")
def create_conversation(call: Call, bot_id: str) -> api.Conversation:
    """Begin one."""
    return wiring.wired().conversations.create(call.principal, bot_id, call.body(api.CreateConversation))


@routes.route("/bots/{bot_id}/conversations", method="GET")
def list_conversations(call: Call, bot_id: str) -> api.Conversations:
    """List the caller's own with a bot."""
    return wiring.wired().conversations.list(call.principal, bot_id, cursor=call.cursor, limit=call.limit)


@routes.route("/conversations", method="GET")
def list_all_conversations(call: Call) -> api.Conversations:
    """List the caller's own with all bots, those in which words stand where that is wished."""
    text = call.query.get("q", "")
    return wiring.wired().conversations.list(call.principal, cursor=call.cursor, limit=call.limit, text=text)


@routes.route(CONVERSATION, method="PATCH")
def rename_conversation(call: Call, conversation_id: str) -> api.Conversation:
    """Give one another title."""
    return wiring.wired().conversations.rename(call.principal, conversation_id, call.body(api.UpdateConversation))


@routes.route(f"{CONVERSATION}/messages", method="GET")
def list_messages(call: Call, conversation_id: str) -> api.Messages:
    """Show the latest messages of one."""
    shown = wiring.wired().conversations
    return shown.messages(call.principal, conversation_id, cursor=call.cursor, limit=call.limit)


@routes.route(CONVERSATION, method="GET")
def show_conversation(call: Call, conversation_id: str) -> api.Conversation:
    """Show one with its messages."""
    return wiring.wired().conversations.get(call.principal, conversation_id)


@routes.route(CONVERSATION, method="DELETE")
def delete_conversation(call: Call, conversation_id: str) -> api.Deleted:
    """Delete one with its messages."""
    return wiring.wired().conversations.delete(call.principal, conversation_id)


@routes.route(f"{CONVERSATION}/messages", method="POST")
def create_message(call: Call, conversation_id: str) -> api.CreatedMessage:
    """Ask a question."""
    request = call.body(api.CreateMessage)
    return wiring.wired().send_message(call.principal, conversation_id, request, key=call.idempotency_key)


@routes.route(f"{CONVERSATION}/messages/{{message_id}}/citations/{{n}}/source", method="GET")
def show_cited_source(call: Call, conversation_id: str, message_id: str, n: str) -> api.CitedSource:
    """Let the file be fetched that a citation points at."""
    return wiring.wired().views.cited(call.principal, conversation_id, message_id, n)


@routes.route(f"{CONVERSATION}/messages/{{message_id}}/feedback", method="PUT")
def rate_message(call: Call, conversation_id: str, message_id: str) -> api.Feedback:
    """Rate an answer."""
    return wiring.wired().conversations.rate(call.principal, conversation_id, message_id, call.body(api.Feedback))
