"""Documents are shown as their live generation is, to those who may read them now."""

import pytest

from functions.ml.view_files import write_view
from functions.ml.viewing import service
from functions.ml.viewing.service import ShowChunks, ShowPages
from shared.contracts.boxes import Box
from shared.contracts.ml_api import (
    Caller,
    DocumentChunksRequest,
    DocumentChunksResponse,
    DocumentPagesRequest,
    DocumentPagesResponse,
)
from shared.contracts.views import DocumentView, ViewedBlock, ViewedPage
from shared.kernel.errors import Conflict, NotFound
from shared.registry.transitions import begin_delete
from tests.fakes.pipeline import Pipeline
from tests.rows import knowledge_base

TEXT = "\f".join(f"page {page} line one\npage {page} line two" for page in range(1, 4))
KB = knowledge_base()
READER = Caller(tenant_id=KB.tenant_id, user_id="u", readers=KB.readers)


@pytest.fixture
def pipeline() -> Pipeline:
    made = Pipeline()
    made.hint(made.upload(TEXT))
    made.rest()
    return made


def pages(pipeline: Pipeline, caller: Caller = READER, **wish: int) -> DocumentPagesResponse:
    request = DocumentPagesRequest(caller=caller, kb_id=KB.kb_id, document_id="doc_1").model_copy(update=wish)
    return ShowPages(pipeline.registry, pipeline.artifacts)(request)


def chunks(pipeline: Pipeline, caller: Caller = READER, **wish: int) -> DocumentChunksResponse:
    request = DocumentChunksRequest(caller=caller, kb_id=KB.kb_id, document_id="doc_1").model_copy(update=wish)
    return ShowChunks(pipeline.registry, pipeline.index)(request)


def texts(shown: DocumentPagesResponse) -> list[str]:
    return [block.text for page in shown.items for block in page.blocks]


def test_a_page_that_begins_inside_a_paragraph_is_found_with_the_page_before(pipeline: Pipeline) -> None:
    def stretch(ordinal: int, page: int, *boxed: int) -> ViewedPage:
        start, end = 10 * ordinal, 10 * ordinal + 10
        boxes = tuple(Box(start + at, on, 0.1, 0.1, 0.9, 0.2) for at, on in enumerate(boxed))
        block = ViewedBlock(kind="paragraph", text="0123456789", start=start, end=end, boxes=boxes)
        return ViewedPage(ordinal=ordinal, unit="page", page=page, start=start, end=end, blocks=(block,))

    row = pipeline.registry.document(KB.tenant_id, KB.kb_id, "doc_1")
    assert row is not None
    drawn = [stretch(0, 1, 1), stretch(1, 2, 2, 3), stretch(2, 4, 4, 5), stretch(3, 5, 5), stretch(4, 7, 7)]
    view = DocumentView(unit="page", pages=7, characters=50, stretches=0)
    write_view(pipeline.artifacts, row, drawn, view)

    begins = {number: pages(pipeline, page=number).items[:1] for number in range(1, 9)}
    assert {number: found[0].page if found else None for number, found in begins.items()} == {
        1: 1,
        2: 2,
        3: 2,  # has no stretch of its own: all of it stands in a paragraph that begins on page 2
        4: 4,
        5: 4,  # begins in the last paragraph of page 4
        6: 7,  # empty
        7: 7,
        8: None,
    }


def test_pages_come_in_order_and_go_on_where_the_last_response_ended(pipeline: Pipeline) -> None:
    first = pages(pipeline, limit=2)
    assert (first.view.pages, first.view.stretches, first.view.is_whole) == (3, 3, True)
    assert [page.page for page in first.items] == [1, 2]
    assert first.next_offset == 2
    last = pages(pipeline, offset=2)
    assert texts(last) == ["page 3 line one", "page 3 line two"]
    assert last.next_offset is None
    assert pages(pipeline, offset=99).items == ()


def test_a_view_begins_at_a_page_or_where_a_citation_points(pipeline: Pipeline) -> None:
    assert pages(pipeline, page=3).items[0].page == 3
    cited = chunks(pipeline).items[3].place
    assert cited.page == 2
    assert pages(pipeline, at=cited.start, limit=1).items[0].page == 2
    assert pages(pipeline, at=10_000).items == ()


def test_passages_are_listed_in_order_with_all_that_is_known_of_them(pipeline: Pipeline) -> None:
    first = chunks(pipeline, limit=4)
    assert [item.ordinal for item in first.items] == [0, 1, 2, 3]
    assert (first.chunks_total, first.next_offset) == (6, 4)
    assert first.items[2].text == "page 2 line one"
    assert first.items[2].place.page == 2
    assert first.items[2].tokens > 0
    rest = chunks(pipeline, offset=4)
    assert ([item.ordinal for item in rest.items], rest.next_offset) == ([4, 5], None)


def test_the_live_generation_is_shown_until_the_next_one_answers(pipeline: Pipeline) -> None:
    row = pipeline.state()
    pipeline.documents.write(row.object_key, b"something else")
    pipeline.hint(row)
    assert texts(pages(pipeline))[0] == "page 1 line one"
    assert chunks(pipeline).items[0].text == "page 1 line one"
    pipeline.rest()
    assert texts(pages(pipeline)) == ["something else"]
    assert [item.text for item in chunks(pipeline).items] == ["something else"]
    kept = [key for key in pipeline.artifacts.versions if key.startswith("views/")]
    assert kept == [f"views/{row.tenant_id}/{row.kb_id}/doc_1/000002/index.json"]


def test_what_is_too_much_for_one_response_comes_in_several(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_MOST_SHOWN_BYTES", 10)
    assert len(pages(pipeline).items) == 1
    shown = chunks(pipeline)
    assert (len(shown.items), shown.next_offset) == (1, 1)


@pytest.mark.parametrize(
    "caller",
    [
        READER.model_copy(update={"tenant_id": "other"}),
        READER.model_copy(update={"readers": ("user:somebody",)}),
    ],
    ids=["another tenant", "no reader"],
)
def test_who_may_not_read_it_finds_nothing(pipeline: Pipeline, caller: Caller) -> None:
    for show in (pages, chunks):
        with pytest.raises(NotFound) as caught:
            show(pipeline, caller)
        assert caught.value.code == "unknown_document"


def test_a_document_that_is_being_deleted_is_not_shown(pipeline: Pipeline) -> None:
    row = pipeline.state()
    pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
    for show in (pages, chunks):
        with pytest.raises(NotFound):
            show(pipeline)


def test_a_document_of_which_nothing_answers_is_not_shown_yet() -> None:
    waiting = Pipeline()
    waiting.announce()
    for show in (pages, chunks):
        with pytest.raises(Conflict) as caught:
            show(waiting)
        assert caught.value.code == "document_not_live"


def test_a_document_without_a_kept_view_says_what_helps(pipeline: Pipeline) -> None:
    pipeline.artifacts.delete([key for key in pipeline.artifacts.versions if key.startswith("views/")])
    with pytest.raises(Conflict) as caught:
        pages(pipeline)
    assert caught.value.code == "view_missing"


def test_views_of_generations_that_nobody_sees_are_collected(pipeline: Pipeline) -> None:
    row = pipeline.state()
    prefix = f"views/{row.tenant_id}/{row.kb_id}/doc_1"
    for generation in (0, 1, 2):
        pipeline.artifacts.write(f"{prefix}/{generation:06d}/00001.json", b"[]")
    pipeline.reconcile()
    left = sorted(key for key in pipeline.artifacts.versions if key.startswith(prefix))
    # Generation 2 is newer than what the registry knows: it may be in work.
    assert left == [f"{prefix}/000001/00001.json", f"{prefix}/000001/index.json", f"{prefix}/000002/00001.json"]


def test_a_delete_leaves_nothing_to_be_shown(pipeline: Pipeline) -> None:
    pipeline.reconcile()  # removes the parts, so that the view alone is left to be counted
    row = pipeline.state()
    pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
    pipeline.hint(row)
    assert not [key for key in pipeline.artifacts.versions if key.startswith("views/")]
    receipt = pipeline.state().receipt
    assert receipt is not None
    assert receipt["parts"] == 1
