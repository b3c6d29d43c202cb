"""What is known of a document reaches its passages, and other tags make a new generation of the same vectors."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.ml.adapters.language_model import guess_language
from functions.ml.documents import Chunk, Metadata, ParsedDocument
from functions.ml.ingestion.language import language_of
from functions.ml.ingestion.notifications import Hint
from functions.ml.ingestion.service import IngestDocument
from functions.ml.object_metadata import told_day, told_filename, told_tags
from functions.ml.ports import Filters, Scope
from shared.contracts.documents import Place
from shared.contracts.registry import DocumentRow, Status
from shared.kernel.errors import Conflict
from shared.registry.transitions import retag
from tests.fakes.parser import LineParser
from tests.fakes.pipeline import Pipeline
from tests.rows import NOW, document, knowledge_base

FIVE = "\n".join(f"Fact number {number} stands here." for number in range(5))
PUT_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
SENTENCES = {
    "en": "Every employee who is asked to work abroad receives a letter from the office in time.",
    "de": "Jede Mitarbeiterin und jeder Mitarbeiter erhält rechtzeitig ein Schreiben aus dem Büro.",
    "fr": "Chaque employé reçoit une lettre du bureau avant de partir travailler à l'étranger.",
    "ru": "Каждый сотрудник заблаговременно получает письмо из офиса о работе за границей.",
    "ar": "يتلقى كل موظف رسالة من المكتب في الوقت المناسب قبل السفر للعمل في الخارج.",
    "zh": "每位员工在出国工作之前都会及时收到办公室的来信，并应妥善保存。",
    "ja": "海外で働く社員は、出発の前に事務所から手紙を受け取ります。大切に保管してください。",
}


class PdfParser(LineParser):
    """Takes every file for a PDF."""

    def __call__(self, path: Path, *, filename: str) -> ParsedDocument:
        """Parse."""
        return replace(super().__call__(path, filename=filename), format="pdf")


class GermanPdfs(Pipeline):
    """Takes every text for German."""

    @property
    def ingest(self) -> IngestDocument:
        """The ingestion service."""
        return replace(super().ingest, guess_language=lambda _: ("de", 0.9))


def chunks(*texts: str, kind: str = "text") -> list[Chunk]:
    return [Chunk(number, text, kind, Place()) for number, text in enumerate(texts)]  # type: ignore[arg-type]


def metadata(pipeline: Pipeline, document_id: str = "doc_1") -> set[Metadata]:
    """Return what the live generation's passages carry."""
    live = pipeline.state(document_id).live_generation
    held = (chunk for kept in pipeline.index.held.values() for chunk in kept.values())
    return {chunk.metadata for chunk in held if (chunk.document_id, chunk.generation) == (document_id, live)}


def found(pipeline: Pipeline, **filters: tuple[str, ...]) -> int:
    scope = Scope("acme", ("kb_1",), ("tenant:acme",), Filters(**filters))  # type: ignore[arg-type]
    return len(pipeline.index.search(scope, text="fact", vector=None, limit=99).lexical)


def with_tags(pipeline: Pipeline, *tags: str) -> DocumentRow:
    row = pipeline.state()
    return pipeline.registry.replace_document(row, retag(row, tags=tags, now=pipeline.now))


def ready(pipeline: Pipeline) -> DocumentRow:
    kb = knowledge_base()
    pipeline.registry.create_knowledge_base(kb)
    row = document(kb=kb).model_copy(update={"filename": "hr/2026/leave.txt", "tags": ("old",), "size_bytes": 999})
    pipeline.registry.create_document(row)
    pipeline.documents.modified[row.object_key] = "2026-01-15"
    pipeline.hint(pipeline.upload(FIVE))
    pipeline.rest()
    return pipeline.state()


@pytest.mark.parametrize("language", SENTENCES)
def test_the_language_of_a_document_is_told(language: str) -> None:
    assert language_of(chunks(*[SENTENCES[language]] * 3, "4711 | 23,50 | 9.1"), guess_language) == language


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("",),
        ("Hello",),
        ("12 34 | 5,6 | 2026-01-31",) * 9,
        ("https://example.org/a/b/c?d=e-f-g-h-i-j-k",) * 3,
        ("\ud800" * 90,),
    ],
    ids=["none", "empty", "short", "numbers", "addresses", "broken"],
)
def test_where_a_language_is_not_sure_none_is_told(texts: tuple[str, ...]) -> None:
    assert language_of(chunks(*texts), guess_language) == ""


def test_a_guess_counts_only_when_it_is_sure_of_a_known_language_and_the_text_is_long_enough() -> None:
    text = chunks(SENTENCES["de"])
    assert language_of(text, lambda _: ("de", 0.9)) == "de"
    assert language_of(text, lambda _: ("de", 0.5)) == ""
    assert language_of(text, lambda _: ("xyz", 0.9)) == ""
    assert language_of(chunks("Herzlichen Dank"), lambda _: ("de", 0.9)) == ""


def test_the_prose_of_a_document_and_not_its_tables_tells_the_language() -> None:
    tables = chunks(*["Umsatz: 12 | Gewinn: 3 | Verlust: 4 | Steuern und Abgaben: 5"] * 30, kind="table")
    assert language_of([*tables, *chunks(SENTENCES["en"])], guess_language) == "en"


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ({"modified": "2025-12-24"}, "2025-12-24"),
        ({"modified": "2025-12-24T23:00:00-05:00"}, "2025-12-25"),
        ({"mtime": "1735689600.123"}, "2025-01-01"),
        ({"modified": "lately"}, "2026-01-31"),
        ({"mtime": "1e99"}, "2026-01-31"),
        ({}, "2026-01-31"),
    ],
)
def test_the_day_of_a_file_is_told_by_its_object_or_is_when_it_was_put(told: dict[str, str], day: str) -> None:
    assert told_day(told, PUT_AT) == day


def test_names_and_tags_of_an_object_are_read_and_nonsense_is_left_out() -> None:
    assert told_filename({"filename": "%C3%9C%2Fa.pdf"}) == "Ü/a.pdf"
    assert told_tags({"tags": "HR, annual%20report,,hr," + "x" * 99}) == ("hr", "annual report")
    assert told_tags({}) == ()


def test_a_passage_carries_what_is_known_of_its_document() -> None:
    pipeline = Pipeline()
    row = ready(pipeline)
    assert metadata(pipeline) == {Metadata(folder="hr/2026", date="2026-01-15", tags=("old",))}
    assert (row.folder, row.modified_on) == ("hr/2026", "2026-01-15")


def test_format_and_language_are_written_down_and_indexed() -> None:
    pipeline = GermanPdfs(parser=PdfParser())
    row = ready(pipeline)
    assert (row.format, row.language) == ("pdf", "de")
    assert {(told.format, told.language) for told in metadata(pipeline)} == {("pdf", "de")}


def test_other_tags_take_effect_without_embedding_anything_again() -> None:
    pipeline = Pipeline()
    row = ready(pipeline)
    embedded = len(pipeline.embedder.embedded)
    retagged = with_tags(pipeline, "new", "more")
    assert (retagged.status, retagged.live_generation) == ("QUEUED", 1)
    assert (found(pipeline, tags=("old",)), found(pipeline, tags=("new",))) == (5, 0)

    pipeline.hint(row)
    pipeline.rest()
    assert (pipeline.state().status, pipeline.state().live_generation) == ("READY", 2)
    assert (found(pipeline, tags=("old",)), found(pipeline, tags=("more",))) == (0, 5)
    assert len(pipeline.embedder.embedded) == embedded
    assert pipeline.indexed() == {2: 5}


def test_tags_that_change_while_a_generation_is_embedded_never_mix() -> None:
    pipeline = Pipeline()
    pipeline.hint(pipeline.upload(FIVE))
    pipeline.embed_next()
    row = with_tags(pipeline, "new")
    assert row.status == "QUEUED"
    pipeline.rest()
    assert pipeline.state().live_generation is None
    pipeline.hint(row)
    pipeline.rest()
    assert metadata(pipeline) == {Metadata(tags=("new",))}


@pytest.mark.parametrize(
    ("status", "live", "after"),
    [
        ("UPLOADING", None, "UPLOADING"),
        ("QUEUED", None, "QUEUED"),
        ("PARSING", None, "QUEUED"),
        ("RECOGNISING", 1, "QUEUED"),
        ("EMBEDDING", None, "QUEUED"),
        ("READY", 1, "QUEUED"),
        ("FAILED", None, "FAILED"),
        ("FAILED", 1, "QUEUED"),
    ],
)
def test_only_what_may_be_in_the_index_is_made_anew(status: Status, live: int | None, after: Status) -> None:
    row = document().model_copy(update={"status": status, "live_generation": live})
    changed = retag(row, tags=("new",), now=NOW)
    assert (changed.status, changed.tags, changed.live_generation) == (after, ("new",), live)
    assert retag(changed, tags=("new",), now=NOW) is changed


@pytest.mark.parametrize("status", ["DELETING", "DELETED"])
def test_what_is_being_deleted_gets_no_tags(status: Status) -> None:
    with pytest.raises(Conflict):
        retag(document().model_copy(update={"status": status}), tags=("new",), now=NOW)


def test_an_object_of_the_inbox_brings_its_folder_day_and_tags() -> None:
    pipeline = Pipeline()
    pipeline.registry.create_knowledge_base(knowledge_base())
    key = "inbox/acme/kb_1/hr/2026/leave.txt"
    pipeline.documents.modified[key], pipeline.documents.tags[key] = "2025-12-24", ("hr",)
    pipeline.documents.write(key, FIVE.encode())
    pipeline.ingest(Hint(cause_id="m1", object_key=key))
    pipeline.rest()
    (row,) = pipeline.registry.rows.values()
    assert metadata(pipeline, row.document_id) == {Metadata(folder="hr/2026", date="2025-12-24", tags=("hr",))}

    pipeline.documents.modified[key], pipeline.documents.tags[key] = "2026-01-02", ("other",)
    pipeline.documents.write(key, (FIVE + " More.").encode())
    pipeline.ingest(Hint(cause_id="m2", object_key=key))
    pipeline.rest()
    assert metadata(pipeline, row.document_id) == {Metadata(folder="hr/2026", date="2026-01-02", tags=("hr",))}
