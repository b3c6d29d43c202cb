"""Several filters together let pass exactly what each of them lets pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ml import ports
from functions.ml.documents import Chunk, IndexedChunk, Metadata
from functions.ml.retrieval import narrowing
from functions.ml.retrieval.narrowing import NOTHING, NarrowFilters
from shared.contracts.documents import Place
from shared.contracts.filters import Filters
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Invalid
from tests.fakes.registry import MemoryRegistry
from tests.rows import document, knowledge_base

NAMES = ("a.pdf", "hr/a.pdf", "hr/2026/a.md", "hr2/b.md")
TAGS = ("red", "green", "blue")
DAYS = ("2026-01-01", "2026-02-01", "2026-03-01")


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


VALUES: dict[str, st.SearchStrategy[tuple[str, ...] | str]] = {
    "files": some(NAMES),
    "folders": some(("hr", "hr/2026", "hr2")),
    "types": some(("pdf", "markdown")),
    "languages": some(("en", "de")),
    "tags": some(TAGS),
    "since": st.sampled_from(("", *DAYS[:2])),
    "until": st.sampled_from(("", DAYS[2])),
}
FILTERS = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True).flatmap(
    lambda names: st.builds(Filters, **{name: VALUES[name] for name in names})
)
SETS = st.lists(FILTERS, max_size=3) | st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.lists(st.builds(Filters, **{name: VALUES[name]}), min_size=2, max_size=3)
)
ROWS = st.builds(
    lambda number, name, told: document(f"doc_{number}").model_copy(update={"filename": name, **told}),
    st.integers(0, 99),
    st.sampled_from(NAMES),
    st.fixed_dictionaries(
        {
            "format": st.sampled_from(("pdf", "markdown", "")),
            "language": st.sampled_from(("en", "de", "")),
            "tags": st.lists(st.sampled_from(TAGS), unique=True).map(tuple),
            "modified_on": st.sampled_from(("", *DAYS)),
        }
    ),
)


def chunk_of(row: DocumentRow) -> IndexedChunk:
    return IndexedChunk(
        chunk_id=f"{row.document_id}#1#0",
        tenant_id=row.tenant_id,
        kb_id=row.kb_id,
        document_id=row.document_id,
        generation=1,
        release_id="rel_1",
        readers=row.readers,
        filename=row.filename,
        chunk=Chunk(0, "text", "text", Place()),
        vector=(1.0,),
        metadata=Metadata(row.folder, row.format, row.language, row.modified_on, row.tags),
    )


def alone(filters: Filters) -> ports.Filters:
    """Say the same to an index."""
    return ports.Filters(
        filenames=filters.files,
        folders=filters.folders,
        formats=filters.types,
        languages=filters.languages,
        tags=filters.tags,
        since=filters.since,
        until=filters.until,
    )


def registry_of(rows: list[DocumentRow]) -> MemoryRegistry:
    registry = MemoryRegistry()
    registry.create_knowledge_base(knowledge_base())
    for row in rows:
        registry.create_document(row)
    return registry


@settings(max_examples=300)
@given(SETS, st.lists(ROWS, max_size=6, unique_by=lambda row: row.document_id))
def test_together_they_let_pass_what_each_lets_pass(filters: list[Filters], rows: list[DocumentRow]) -> None:
    together = NarrowFilters(registry_of(rows))("acme", ("kb_1",), filters)
    for chunk in map(chunk_of, rows):
        assert together.keep(chunk) == all(alone(item).keep(chunk) for item in filters)


def test_no_filters_let_everything_pass() -> None:
    assert NarrowFilters(MemoryRegistry())("acme", ("kb_1",), ()) == ports.Filters()


def test_filters_that_exclude_each_other_let_nothing_pass() -> None:
    narrow = NarrowFilters(MemoryRegistry())
    assert narrow("acme", ("kb_1",), (Filters(types=("pdf",)), Filters(types=("docx",)))) == NOTHING
    assert narrow("acme", ("kb_1",), (Filters(tags=("red",)), Filters(tags=("green",)))) == NOTHING


def test_of_two_folders_the_inner_one_counts_and_names_that_only_look_alike_do_not() -> None:
    narrow = NarrowFilters(MemoryRegistry())
    outer, inner, alike = (Filters(folders=(name,)) for name in ("hr", "hr/2026", "hr2"))
    assert narrow("acme", ("kb_1",), (outer, inner)).folders == narrow("acme", ("kb_1",), (inner, outer)).folders
    assert narrow("acme", ("kb_1",), (outer, inner)).folders == ("hr/2026",)
    assert narrow("acme", ("kb_1",), (outer, alike)) == NOTHING


def test_a_foreign_knowledge_base_lends_no_documents() -> None:
    row = document().model_copy(update={"tags": TAGS})
    narrow = NarrowFilters(registry_of([row]))
    asked = (Filters(tags=("red",)), Filters(tags=("green",)))
    assert narrow("acme", ("kb_1",), asked).document_ids == ("doc_1",)
    assert narrow("other", ("kb_1",), asked) == NOTHING


def test_more_documents_than_an_index_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "MOST_DOCUMENTS", 1)
    rows = [document(f"doc_{number}").model_copy(update={"tags": TAGS}) for number in range(2)]
    with pytest.raises(Invalid) as refused:
        NarrowFilters(registry_of(rows))("acme", ("kb_1",), (Filters(tags=("red",)), Filters(tags=("green",))))
    assert refused.value.code == "filters_too_broad"
