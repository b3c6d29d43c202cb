"""A document that another one replaces goes once that answers."""

from dataclasses import dataclass, field

import pytest

from functions.application.services.deletions import DeleteDocument, DeleteReplaced
from shared.contracts.events import DocumentChanged, DocumentPublished
from shared.contracts.registry import DocumentRow
from shared.registry.transitions import begin_delete, finish_delete
from tests.fakes.application_ports import MemoryVersions
from tests.fakes.queue import MemoryQueue
from tests.fakes.registry import MemoryRegistry
from tests.rows import NOW, document

PUBLISHED = DocumentPublished(
    event_id="evt_1",
    correlation_id="corr",
    tenant_id="acme",
    occurred_at="2026-01-31T12:00:00.000Z",
    kb_id="kb_1",
    document_id="doc_new",
    generation=1,
    filename="handbook.txt",
    pages=3,
    chunks=9,
)


@dataclass
class World:
    """A document that answers, and its replacement that does, too."""

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    versions: MemoryVersions = field(default_factory=MemoryVersions)
    queue: MemoryQueue = field(default_factory=MemoryQueue)

    def __post_init__(self) -> None:
        answering = {"status": "READY", "generation": 1, "live_generation": 1}
        self.registry.create_document(document("doc_old").model_copy(update={**answering, "owner_id": "bob"}))
        new = {**answering, "owner_id": "ada", "replaces": "doc_old"}
        self.registry.create_document(document("doc_new").model_copy(update=new))

    def hear(self) -> None:
        """Tell that the new one answers."""
        delete = DeleteDocument(self.registry, self.versions, self.queue, lambda: NOW)
        DeleteReplaced(self.registry, delete)(PUBLISHED)

    def row(self, document_id: str = "doc_old") -> DocumentRow:
        """Read one."""
        row = self.registry.document("acme", "kb_1", document_id)
        assert row is not None
        return row

    @property
    def hinted(self) -> list[str]:
        """Ids of the documents that ingestion is told to look at."""
        return [DocumentChanged.model_validate_json(body).document_id for body in self.queue.bodies]


@pytest.fixture
def world() -> World:
    return World()


def test_it_is_deleted_in_the_name_of_whoever_announced_the_new_one(world: World) -> None:
    world.hear()
    deletion = world.row().deletion
    assert world.row().status == "DELETING"
    assert deletion is not None
    assert deletion.requested_by == "ada"
    assert world.hinted == ["doc_old"]
    assert world.row("doc_new").status == "READY"


def test_it_stays_where_the_new_one_is_gone_again(world: World) -> None:
    new = world.row("doc_new")
    world.registry.replace_document(new, begin_delete(new, NOW))
    world.hear()
    assert world.row().status == "READY"


def test_news_that_come_again_change_nothing(world: World) -> None:
    world.hear()
    world.hear()
    assert world.hinted == ["doc_old"]
    deleting = world.row()
    world.registry.replace_document(deleting, finish_delete(deleting, receipt={}, now=NOW))
    world.hear()
    assert world.row().status == "DELETED"
    assert world.hinted == ["doc_old"]


def test_what_came_under_its_inbox_path_since_stays(world: World) -> None:
    old = world.row()
    key = "inbox/acme/kb_1/handbook.txt"
    world.registry.replace_document(old, old.model_copy(update={"object_key": key}))
    world.versions.newest_ids[key] = "v1"
    world.hear()
    world.versions.newest_ids[key] = "v2"
    world.hear()
    deletion = world.row().deletion
    assert deletion is not None
    assert deletion.through_version == "v1"
