"""Use cases under the races that compare-and-set is for."""

import pytest

from functions.application.services.names import KnowledgeBaseNames
from shared.contracts import api
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict, Unavailable
from shared.registry.transitions import begin_delete
from tests.fakes.application import World, person
from tests.fakes.registry import MemoryRegistry
from tests.rows import NOW, document, knowledge_base


class BusyRegistry(MemoryRegistry):
    """A registry in which a worker writes first, as often as `races` says."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    def replace_document(self, old: DocumentRow, new: DocumentRow) -> DocumentRow:
        if self.races:
            self.races -= 1
            stored = self.rows[old.tenant_id, old.kb_id, old.document_id]
            super().replace_document(stored, stored.model_copy(update={"generation": stored.generation + 1}))
        return super().replace_document(old, new)


@pytest.mark.parametrize("races", range(5))
def test_a_delete_wins_against_busy_workers(races: int) -> None:
    registry = BusyRegistry(races)
    registry.create_knowledge_base(knowledge_base())
    registry.create_document(document())
    service = World(registry=registry).application().documents
    shown = service.delete(person("ada"), "kb_1", "doc_1", correlation_id="corr")
    assert (shown.status, shown.version) == ("DELETING", races + 1)


def test_a_delete_gives_up_with_a_conflict_after_a_few_attempts() -> None:
    registry = BusyRegistry(50)
    registry.create_knowledge_base(knowledge_base())
    registry.create_document(document())
    world = World(registry=registry)
    with pytest.raises(Conflict):
        world.application().documents.delete(person("ada"), "kb_1", "doc_1", correlation_id="corr")
    assert not world.queue.bodies


def test_a_receipt_names_who_asked_by_the_address_of_today_and_nobody_of_another_tenant() -> None:
    world = World()
    world.registry.create_knowledge_base(knowledge_base())
    for document_id, asker in (("doc_1", "ada"), ("doc_2", "eve"), ("doc_3", "long-gone")):
        row = begin_delete(document(document_id=document_id), NOW, requested_by=asker)
        world.registry.create_document(row)
    service = world.application().documents
    receipts = [service.get(person("ada"), "kb_1", f"doc_{number}").deletion for number in (1, 2, 3)]
    assert [receipt and receipt.requested_by_address for receipt in receipts] == ["ada@acme.example", "", ""]
    assert [receipt and receipt.requested_by for receipt in receipts] == ["ada", "eve", "long-gone"]


def test_a_delete_asked_twice_keeps_its_generation_and_tells_again() -> None:
    world = World()
    world.registry.create_knowledge_base(knowledge_base())
    world.registry.create_document(document())
    service = world.application().documents
    first = service.delete(person("ada"), "kb_1", "doc_1", correlation_id="corr")
    again = service.delete(person("ada"), "kb_1", "doc_1", correlation_id="corr")
    assert first == again
    assert len(world.queue.bodies) == 2
    assert len(set(world.queue.bodies)) == 1


def test_a_name_whose_knowledge_base_never_came_is_free_after_a_minute() -> None:
    world = World()
    names = KnowledgeBaseNames(world.registry, world.store, world.clock)
    names.claim("acme", "Docs", "kb_lost")
    with pytest.raises(Conflict):
        names.claim("acme", "docs", "kb_2")
    world.clock.advance(61)
    names.claim("acme", "docs", "kb_2")
    with pytest.raises(Conflict):
        names.claim("acme", "DOCS", "kb_3")


def test_a_question_asked_again_under_its_key_is_answered_from_the_store() -> None:
    world = World()
    app = world.application()
    world.registry.create_knowledge_base(knowledge_base())
    bob = person("bob")
    bot = app.bots.create(bob, api.CreateBot(name="Bot", kb_ids=["kb_1"]))
    conversation = app.conversations.create(bob, bot.bot_id, api.CreateConversation(draft=True))
    ask = api.CreateMessage(content="One?")
    world.ml.failures.append(Unavailable("down", code="model_unavailable"))
    with pytest.raises(Unavailable):
        app.send_message(bob, conversation.conversation_id, ask, key="k")
    world.clock.advance(1)
    first = app.send_message(bob, conversation.conversation_id, ask, key="k")
    again = app.send_message(bob, conversation.conversation_id, ask, key="k")
    assert first == again
    assert len(world.ml.answered) == 2
    with pytest.raises(Conflict) as caught:
        app.send_message(bob, conversation.conversation_id, api.CreateMessage(content="Two?"), key="k")
    assert caught.value.code == "idempotency_key_reused"
    assert len(world.store.messages("acme", conversation.conversation_id)) == 2
