"""Retrieval: nothing is shown that the registry does not admit, whatever the index holds."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pytest

from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, Embedder, Hit, RankedHit, Ranker, Scope, Vector
from functions.ml.retrieval.fusion import ConvexRanker, ReciprocalRanker
from functions.ml.retrieval.liveness import is_open
from functions.ml.retrieval.service import Retrieve
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow, Status
from shared.kernel.errors import Invalid, NotFound, PlatformError, Unavailable
from tests.fakes.chunks import EVERYBODY, TENANT, make_chunk
from tests.fakes.embedder import WordEmbedder
from tests.fakes.registry import MemoryRegistry
from tests.fakes.search_index import MemorySearchIndex

SCOPE = Scope(TENANT, ("kb-1",), (EVERYBODY, "user:1"))
NOW = "2030-01-01T00:00:00Z"


@dataclass
class World:
    """A registry, an index and models, with what a test puts into them."""

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    index: MemorySearchIndex = field(default_factory=MemorySearchIndex)
    embedders: dict[str, WordEmbedder] = field(default_factory=lambda: {"release-1": WordEmbedder()})

    def retrieve(self, *, depth: int = 100) -> Retrieve:
        return Retrieve(self.index, self.registry, self.embedder_for_release, ConvexRanker(), depth=depth)

    def embedder_for_release(self, release_id: str) -> Embedder:
        return self.embedders[release_id]

    def add_knowledge_base(self, kb_id: str = "kb-1", *, readers: tuple[str, ...] = (EVERYBODY,)) -> KnowledgeBaseRow:
        row = KnowledgeBaseRow(
            tenant_id=TENANT, kb_id=kb_id, name=kb_id, release_id="release-1", release_name="default", readers=readers,
            owner_id="user:1", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        self.registry.create_knowledge_base(row)
        return row

    def add_document(
        self,
        document_id: str,
        texts: Collection[str],
        *,
        kb_id: str = "kb-1",
        release_id: str = "release-1",
        generation: int = 1,
        readers: tuple[str, ...] = (EVERYBODY,),
    ) -> DocumentRow:
        embedder = self.embedders[release_id]
        vectors = embedder.embed(list(texts), purpose="passage")
        chunks = [
            make_chunk(text, kb_id=kb_id, document_id=document_id, ordinal=n, release_id=release_id,
                       generation=generation, readers=readers, vector=vector)
            for n, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]  # fmt: skip
        assert self.index.upsert(chunks) == []
        row = DocumentRow(
            tenant_id=TENANT, kb_id=kb_id, document_id=document_id, filename="f.pdf", object_key="k", readers=readers,
            release_id=release_id, correlation_id="c", generation=generation, status="READY",
            live_generation=generation, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        self.registry.create_document(row)
        return row

    def change(self, row: DocumentRow, **fields: object) -> None:
        self.registry.replace_document(row, row.model_copy(update=fields))


@pytest.fixture
def world() -> World:
    made = World()
    made.add_knowledge_base()
    return made


def documents(hits: list[RankedHit]) -> list[str]:
    return [hit.indexed.document_id for hit in hits]


def test_the_best_passage_is_first_and_carries_both_raw_scores(world: World) -> None:
    world.add_document("doc-1", ["how to oil the pump", "lunch menu of the week"])
    world.add_document("doc-2", ["the pump needs oil every week and other care"])
    found = world.retrieve()(SCOPE, "  oil pump ", limit=2)
    assert documents(found) == ["doc-1", "doc-2"]
    assert found[0].lexical > 0
    assert 0 < found[0].dense <= 1
    assert world.embedders["release-1"].asked[-1] == ("oil pump", "query")


@pytest.mark.parametrize("status", ["DELETING", "DELETED"])
def test_a_deleted_document_answers_nothing(world: World, status: Status) -> None:
    row = world.add_document("doc-1", ["oil the pump"])
    world.add_document("doc-2", ["pump oil"])
    world.change(row, status=status)
    assert documents(world.retrieve()(SCOPE, "pump", limit=5)) == ["doc-2"]


def test_a_document_without_a_live_generation_answers_nothing(world: World) -> None:
    world.change(world.add_document("doc-1", ["oil the pump"]), live_generation=None)
    assert world.retrieve()(SCOPE, "pump", limit=5) == []


def test_a_document_that_the_registry_does_not_know_answers_nothing(world: World) -> None:
    world.add_document("doc-1", ["oil the pump"])
    world.registry.rows.clear()
    assert world.retrieve()(SCOPE, "pump", limit=5) == []


def test_an_older_and_a_coming_generation_are_dropped(world: World) -> None:
    world.add_document("doc-1", ["pump of today"], generation=2)
    for generation in (1, 3):
        world.index.upsert([make_chunk("pump", generation=generation, vector=(1.0,) + (0.0,) * 15)])
    found = world.retrieve()(SCOPE, "pump", limit=5)
    assert [hit.indexed.generation for hit in found] == [2]


def test_a_document_in_work_answers_with_its_live_generation(world: World) -> None:
    row = world.add_document("doc-1", ["pump of today"])
    world.change(row, generation=2, status="EMBEDDING")
    assert documents(world.retrieve()(SCOPE, "pump", limit=5)) == ["doc-1"]


def test_a_revoked_reader_sees_nothing_while_the_index_still_admits_them(world: World) -> None:
    world.change(world.add_document("doc-1", ["oil the pump"], readers=("user:1",)), readers=("user:2",))
    assert world.index.search(SCOPE, text="pump", vector=None, limit=5).lexical
    assert world.retrieve()(SCOPE, "pump", limit=5) == []


class LeakyIndex(MemorySearchIndex):
    """An engine with a bug: it hands out every chunk of every tenant."""

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        every: list[IndexedChunk] = [chunk for chunks in self.held.values() for chunk in chunks.values()]
        return Candidates(tuple(Hit(chunk, 1.0) for chunk in every[:limit]), ())


def test_a_foreign_tenants_chunk_is_dropped_even_when_the_index_leaks_it(world: World) -> None:
    world.index = LeakyIndex()
    row = world.add_document("doc-1", ["our pump"])
    world.index.upsert([make_chunk("their pump", tenant_id="tenant-2", document_id="doc-1", ordinal=7)])
    foreign = row.model_copy(update={"tenant_id": "tenant-2"})
    world.registry.create_document(foreign)
    assert [hit.indexed.tenant_id for hit in world.retrieve()(SCOPE, "pump", limit=5)] == [TENANT]


def test_a_chunk_of_another_knowledge_base_is_dropped_even_when_the_index_leaks_it(world: World) -> None:
    world.index = LeakyIndex()
    world.add_knowledge_base("kb-2")
    world.add_document("doc-1", ["our pump"])
    world.add_document("doc-2", ["another pump"], kb_id="kb-2")
    assert documents(world.retrieve()(SCOPE, "pump", limit=5)) == ["doc-1"]


def test_a_knowledge_base_that_is_gone_or_closed_is_not_found(world: World) -> None:
    world.add_document("doc-1", ["oil the pump"])
    base = world.registry.knowledge_base(TENANT, "kb-1")
    assert base
    for fields in ({"deleting": True}, {"readers": ("user:9",)}):
        changed = world.registry.replace_knowledge_base(base, base.model_copy(update=fields))
        with pytest.raises(NotFound):
            world.retrieve()(SCOPE, "pump", limit=5)
        base = world.registry.replace_knowledge_base(changed, base)
    world.registry.remove_knowledge_base(base)
    with pytest.raises(NotFound) as missing:
        world.retrieve()(SCOPE, "pump", limit=5)
    assert missing.value.code == "knowledge_base_not_found"


def test_one_open_knowledge_base_of_two_is_searched_alone(world: World) -> None:
    closed = world.add_knowledge_base("kb-2")
    world.add_document("doc-1", ["our pump"])
    world.add_document("doc-2", ["another pump"], kb_id="kb-2")
    both = replace(SCOPE, kb_ids=("kb-2", "kb-1", "kb-1"))
    assert sorted(documents(world.retrieve()(both, "pump", limit=5))) == ["doc-1", "doc-2"]
    world.registry.replace_knowledge_base(closed, closed.model_copy(update={"deleting": True}))
    assert documents(world.retrieve()(both, "pump", limit=5)) == ["doc-1"]


def test_stale_hits_do_not_starve_the_result(world: World) -> None:
    stale = world.add_document("doc-0", [f"pump {n}" for n in range(30)])
    world.change(stale, status="DELETED")
    world.add_document("doc-1", ["far more words than those about one pump here and there, so it ranks last"])
    assert documents(world.retrieve(depth=10)(SCOPE, "pump", limit=1)) == ["doc-1"]
    assert len([purpose for _, purpose in world.embedders["release-1"].asked if purpose == "query"]) == 1


def test_the_question_is_embedded_once_per_model_and_each_chunk_meets_its_own(world: World) -> None:
    world.embedders |= {
        "release-2": world.embedders["release-1"],
        "release-3": WordEmbedder("words-2", dimensions=24),
    }
    world.add_knowledge_base("kb-2")
    world.add_document("doc-1", ["alpha beta", "gamma delta"])
    world.add_document("doc-2", ["beta alpha again"], release_id="release-2")
    world.add_document("doc-3", ["alpha beta once more", "epsilon zeta"], kb_id="kb-2", release_id="release-3")
    found = world.retrieve()(replace(SCOPE, kb_ids=("kb-1", "kb-2")), "alpha beta", limit=10)
    assert documents(found)[0] == "doc-1"
    assert {hit.indexed.document_id: hit.dense > 0.5 for hit in found[:3]} == {
        "doc-1": True, "doc-2": True, "doc-3": True,
    }  # fmt: skip
    for model in (world.embedders["release-1"], world.embedders["release-3"]):
        assert [text for text, purpose in model.asked if purpose == "query"] == ["alpha beta"]
    assert all(0.0 <= hit.score <= 1.0 for hit in found)


@pytest.mark.parametrize(("query", "limit", "code"), [(" \n", 5, "empty_query"), ("pump", 0, "limit_out_of_range")])
def test_a_question_without_sense_is_refused(world: World, query: str, limit: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.retrieve()(SCOPE, query, limit=limit)
    assert refused.value.code == code


class SilentEmbedder(WordEmbedder):
    """A model that is down."""

    def embed(self, texts: object, *, purpose: object) -> list[Vector]:
        raise Unavailable("The embedding model does not answer.")


def test_a_model_that_is_down_is_an_error_and_never_an_empty_result(world: World) -> None:
    world.add_document("doc-1", ["oil the pump"])
    world.embedders["release-1"] = SilentEmbedder()
    with pytest.raises(PlatformError) as told:
        world.retrieve()(SCOPE, "pump", limit=5)
    assert told.value.status == 503


def test_an_empty_knowledge_base_has_no_hits_and_asks_no_model(world: World) -> None:
    assert world.retrieve()(SCOPE, "pump", limit=5) == []
    assert world.embedders["release-1"].asked == []


def test_a_foreign_tenants_knowledge_base_is_closed_even_when_the_registry_leaks_it() -> None:
    row = World().add_knowledge_base()
    assert is_open(row, SCOPE)
    assert not is_open(row.model_copy(update={"tenant_id": "rival"}), SCOPE)


@pytest.mark.parametrize(
    ("by_release", "used"),
    [
        ({"release-1": ReciprocalRanker(), "release-2": ReciprocalRanker()}, ReciprocalRanker()),
        ({"release-1": ReciprocalRanker(), "release-2": ConvexRanker(0.9)}, ConvexRanker(0.3)),
    ],
    ids=["as both say", "in the general way where they differ"],
)
def test_passages_of_two_releases_are_ranked(world: World, by_release: dict[str, Ranker], used: Ranker) -> None:
    world.embedders["release-2"] = world.embedders["release-1"]
    world.add_document("doc-1", ["red apples", "green apples and pears"])
    world.add_document("doc-2", ["red pears", "blue plums"], release_id="release-2")
    general = replace(world.retrieve(), ranker=ConvexRanker(0.3))
    chosen = replace(general, ranker_for_release=by_release.__getitem__)
    wanted = replace(general, ranker=used)
    scores = [(hit.indexed.chunk_id, hit.score) for hit in chosen(SCOPE, "red apples", limit=9)]
    assert scores == [(hit.indexed.chunk_id, hit.score) for hit in wanted(SCOPE, "red apples", limit=9)]


def test_passages_of_one_release_are_ranked_as_it_says(world: World) -> None:
    world.add_document("doc-1", ["red apples", "green apples and pears"])
    chosen = replace(world.retrieve(), ranker_for_release={"release-1": ReciprocalRanker()}.__getitem__)
    wanted = replace(world.retrieve(), ranker=ReciprocalRanker())
    assert chosen(SCOPE, "red apples", limit=9) == wanted(SCOPE, "red apples", limit=9)
    assert chosen(SCOPE, "red apples", limit=9) != world.retrieve()(SCOPE, "red apples", limit=9)
