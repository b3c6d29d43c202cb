"""Previews: of a document as it is now, of a file, and of nothing that the caller may not read."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.ml.documents import Block, ParsedDocument
from functions.ml.ingestion.chunking import chunker_for
from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.preview import PreviewChunks
from functions.ml.ingestion.reading import Reader, ReadInProcess
from functions.ml.ingestion.requests import answer
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.sandboxed_reading import READ_PASSAGES, SandboxedReader
from functions.ml.ingestion.text import full_text
from functions.ml.ports import Parser
from functions.ml.recognised import RECOGNISER, RecognisedLine, RecognisedPage, dump_page, page_key
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import ReleaseStore
from shared.contracts.ml_api import Caller, ChunkPreviewRequest, PreviewFile
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Conflict, Invalid, NotFound, PlatformError, TooLarge
from tests.fakes.object_store import MemoryObjects
from tests.fakes.registry import MemoryRegistry
from tests.rows import document, knowledge_base

TEXT = "# Plan\n\n" + "\n\n".join(
    f"## Step {n}\n\n" + "The valve is turned slowly to the left. " * 12 for n in range(9)
)
RELEASES = load_releases("extractive", "multilingual")
KB = knowledge_base().model_copy(update={"release_id": RELEASES.default.release_id})
CALLER = Caller(tenant_id=KB.tenant_id, user_id="u", readers=KB.readers)


def parse(path: Path, *, filename: str) -> ParsedDocument:
    return parse_file(path, filename=filename, limits=ParserLimits())


def by(parser: Parser) -> Callable[[str, Mapping[str, object]], Reader]:
    """Read by a parser of a test, in this process."""
    return lambda strategy, parameters: ReadInProcess(parser, chunker_for(strategy, parameters))


class World:
    def __init__(self) -> None:
        self.registry = MemoryRegistry()
        self.registry.create_knowledge_base(KB)
        self.documents = MemoryObjects()
        self.artifacts = MemoryObjects()
        self.row = document(kb=KB).model_copy(
            update={"filename": "plan.md", "status": "READY", "release_id": KB.release_id}
        )

    @property
    def service(self) -> PreviewChunks:
        releases = ReleaseStore(RELEASES, self.artifacts)
        return PreviewChunks(self.registry, self.documents, self.artifacts, SandboxedReader, releases)

    def add(self, text: str = TEXT, /, **changes: object) -> DocumentRow:
        row = self.row.model_copy(update=changes)
        self.registry.create_document(row)
        self.documents.write(row.object_key, text.encode())
        return row


@pytest.fixture
def world() -> World:
    return World()


def wish(row: DocumentRow, **fields: object) -> ChunkPreviewRequest:
    asked: Mapping[str, object] = {"caller": CALLER, "kb_id": row.kb_id, "document_id": row.document_id, **fields}
    return ChunkPreviewRequest.model_validate(asked)


def test_a_document_is_shown_as_its_own_release_cuts_it(world: World, tmp_path: Path) -> None:
    row = world.add()
    shown = world.service(wish(row))
    path = tmp_path / "plan.md"
    path.write_text(TEXT)
    parsed = parse(path, filename="plan.md")
    expected = chunker_for("structure", {})(parsed)
    assert [(one.text, one.place, one.context) for one in shown.chunks] == [
        (one.text, one.place, one.context) for one in expected
    ]
    assert (shown.filename, shown.chunking, shown.chunks_total) == ("plan.md", "structure", len(expected))
    assert shown.characters == len(full_text(parsed).text)
    assert shown.parameters == RELEASES.default.chunker.parameters
    assert shown.tokens.least <= shown.tokens.median <= shown.tokens.most <= 400
    assert (shown.overlap, shown.next_offset) == (0.0, None)


def test_any_strategy_can_be_tried_with_parameters_of_ones_own(world: World) -> None:
    row = world.add()
    windows = world.service(wish(row, chunking="fixed", parameters={"size_tokens": 60, "overlap_tokens": 20}))
    assert windows.parameters == {"size_tokens": 60, "overlap_tokens": 20}
    assert windows.tokens.most <= 60
    assert windows.overlap > 0.2
    parents = world.service(wish(row, chunking="parent-child"))
    assert any(one.place.read_with for one in parents.chunks)


def test_a_long_list_comes_in_stretches(world: World) -> None:
    row = world.add()
    every = world.service(wish(row, chunking="sentence-window", limit=200))
    offset, found = 0, []
    while True:
        page = world.service(wish(row, chunking="sentence-window", offset=offset, limit=7))
        found += [one.ordinal for one in page.chunks]
        assert page.chunks_total == every.chunks_total
        if page.next_offset is None:
            break
        offset = page.next_offset
    assert found == list(range(every.chunks_total))


def test_a_response_never_grows_over_what_a_function_can_send(world: World) -> None:
    row = world.add()

    def long_pages(path: Path, *, filename: str) -> ParsedDocument:
        del path, filename
        return ParsedDocument(tuple(Block("paragraph", "x " * 250_000, page=n) for n in range(1, 20)), 19, "page")

    service = replace(world.service, reader_for=by(long_pages))
    page = service(wish(row, chunking="page", parameters={"max_tokens": 1_000_000}, limit=200))
    assert (page.chunks_total, page.next_offset) == (19, len(page.chunks))
    assert len(page.model_dump_json()) < 5_000_000


def test_a_preview_is_cut_inside_the_limits_of_ingestion(world: World) -> None:
    row = world.add("word " * 5_000_000)
    sandbox = SandboxedParser(ParserLimits(cpu_s=1, wall_s=60.0), READ_PASSAGES)
    service = replace(world.service, reader_for=partial(SandboxedReader, sandbox=sandbox))
    with pytest.raises(TooLarge) as caught:
        service(wish(row))
    assert caught.value.code == "parser_limit"


def test_a_file_needs_no_knowledge_base(world: World) -> None:
    file = PreviewFile(filename="faq.csv", content=b64encode(b"Question,Answer\nWhy?,So.\nHow?,Thus.\n").decode())
    shown = world.service(ChunkPreviewRequest(caller=CALLER, file=file, chunking="question-answer"))
    assert [one.text for one in shown.chunks] == ["Question: Why? | Answer: So.", "Question: How? | Answer: Thus."]


def test_scanned_pages_are_shown_with_their_recognised_text(world: World) -> None:
    row = world.add("words", filename="scan.txt")
    version = world.documents.head(row.object_key).version  # type: ignore[union-attr]
    line = RecognisedLine("Words of the scan.", 0.1, 0.1, 0.9, 0.2, 0.99)
    read = row.model_copy(update={"version": version})
    world.artifacts.write(page_key(read, RECOGNISER, 1), dump_page(RecognisedPage((line,))))

    def scanned(path: Path, *, filename: str) -> ParsedDocument:
        del path, filename
        return ParsedDocument((), pages=1, unit="page", unread_pages=(1,))

    service = replace(world.service, reader_for=by(scanned))
    (chunk,) = service(wish(row)).chunks
    assert chunk.text == "Words of the scan."
    assert chunk.place.boxes


@pytest.mark.parametrize(
    ("changes", "caller"),
    [
        ({"readers": ("user:somebody",)}, CALLER),
        ({"status": "DELETING"}, CALLER),
        ({"status": "DELETED"}, CALLER),
        ({}, Caller(tenant_id="other", user_id="u", readers=("tenant:other",))),
        ({}, Caller(tenant_id=KB.tenant_id, user_id="u", readers=("user:u",))),
    ],
    ids=["another's document", "being deleted", "deleted", "another tenant", "a closed knowledge base"],
)
def test_what_the_caller_may_not_read_is_not_there(world: World, changes: dict[str, Any], caller: Caller) -> None:
    row = world.add(**changes)
    with pytest.raises(NotFound) as caught:
        world.service(wish(row, caller=caller))
    assert caught.value.code == "unknown_document"


def test_a_document_without_its_file_and_wrong_wishes_are_refused(world: World) -> None:
    row = world.add()
    unknown = wish(row, chunking="semantic")
    no_base64 = PreviewFile(filename="a.txt", content="é")
    cases: list[tuple[ChunkPreviewRequest, type[PlatformError], str]] = [
        (unknown, NotFound, "unknown_chunking"),
        (wish(row, parameters={"size": 3}), Invalid, "invalid_chunking"),
        (
            ChunkPreviewRequest(caller=CALLER, file=no_base64),
            Invalid,
            "invalid_base64",
        ),
    ]
    for request, kind, code in cases:
        with pytest.raises(kind) as caught:
            world.service(request)
        assert caught.value.code == code
    world.documents.delete([row.object_key])
    with pytest.raises(Conflict) as missing:
        world.service(wish(row))
    assert missing.value.code == "upload_missing"


def test_the_route_answers_in_the_apis_form(world: World) -> None:
    row = world.add()
    good = answer({"body": wish(row).model_dump_json()}, lambda: world.service)
    assert good["statusCode"] == 200
    assert json.loads(good["body"])["chunking"] == "structure"
    for body, status, code in (
        ("{", 400, "invalid_json"),
        (None, 400, "invalid"),
        (wish(row, chunking="semantic").model_dump_json(), 404, "unknown_chunking"),
    ):
        refused = answer({"body": body}, lambda: world.service)
        assert (refused["statusCode"], json.loads(refused["body"])["error"]["code"]) == (status, code)
