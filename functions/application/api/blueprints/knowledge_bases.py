"""Knowledge bases, and questions to one of them."""

from functions.application.api import wiring
from functions.application.api.calls import Call
from functions.application.api.routing import Routes
from shared.contracts import api

routes = Routes(__name__)


@routes.route("/knowledge-bases", method="POST")
def create_knowledge_base(call: Call) -> api.KnowledgeBase:
    """Make an empty one."""
    return wiring.wired().knowledge_bases.create(call.principal, call.body(api.CreateKnowledgeBase))


@routes.route("/knowledge-bases", method="GET")
def list_knowledge_bases(call: Call) -> api.KnowledgeBases:
    """List those that the caller may read."""
    return wiring.wired().knowledge_bases.list(call.principal, cursor=call.cursor, limit=call.limit)


@routes.route("/knowledge-bases/{kb_id}", method="GET")
def show_knowledge_base(call: Call, kb_id: str) -> api.KnowledgeBase:
    """Show one with its documents counted."""
    return wiring.wired().knowledge_bases.get(call.principal, kb_id)


@routes.route("/knowledge-bases/{kb_id}", method="PATCH")
def update_knowledge_base(call: Call, kb_id: str) -> api.KnowledgeBase:
    """Rename or describe one, or have it cut in another way."""
    wish = call.body(api.UpdateKnowledgeBase)
    return wiring.wired().knowledge_bases.update(call.principal, kb_id, wish, correlation_id=call.correlation_id)


@routes.route("/knowledge-bases/{kb_id}", method="DELETE")
def delete_knowledge_base(call: Call, kb_id: str) -> api.Deleted:
    """Delete one with its documents."""
    return wiring.wired().knowledge_bases.delete(call.principal, kb_id, correlation_id=call.correlation_id)


@routes.route("/knowledge-bases/{kb_id}/deletion", method="GET")
def show_deletion(call: Call, kb_id: str) -> api.KnowledgeBaseDeletion:
    """Show how far its delete is, or the receipt."""
    return wiring.wired().knowledge_bases.deletion(call.principal, kb_id)


@routes.route("/deletions", method="GET")
def list_deletions(call: Call) -> api.Deletions:
    """List the deletes that go on, and the receipts."""
    return wiring.wired().knowledge_bases.deletions(call.principal)


@routes.route("/knowledge-bases/{kb_id}/rebuild", method="POST")
def rebuild_knowledge_base(call: Call, kb_id: str) -> api.KnowledgeBase:
    """Make its index anew from the files."""
    return wiring.wired().knowledge_bases.rebuild(call.principal, kb_id, correlation_id=call.correlation_id)


@routes.route("/knowledge-bases/{kb_id}/activity", method="GET")
def list_activity(call: Call, kb_id: str) -> api.Activities:
    """List what happened in one, newest first."""
    return wiring.wired().knowledge_bases.activity(call.principal, kb_id, cursor=call.cursor, limit=call.limit)


@routes.route("/knowledge-bases/{kb_id}/searches", method="POST")
def search(call: Call, kb_id: str) -> api.Hits:
    """Find passages in one."""
    return wiring.wired().questions.search(call.principal, kb_id, call.body(api.Search))


@routes.route("/knowledge-bases/{kb_id}/answers", method="POST")
def ask(call: Call, kb_id: str) -> api.Answer:
    """Ask one without a bot."""
    return wiring.wired().questions.ask(call.principal, kb_id, call.body(api.Ask))
