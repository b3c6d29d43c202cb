"""The protocol's invariants, read from the stores themselves once the platform is at rest."""

import sqlite3
from collections.abc import Iterator

from functions.application.adapters.control_table import DynamoControlStore
from functions.ml.evaluation.reports import read, report_key
from shared.contracts.registry import DocumentRow, KnowledgeBaseRow
from shared.kernel.aws import client
from tests.crash.world import ARTIFACTS, DOCUMENTS, Expected, World

Indexed = dict[tuple[str, int], list[str]]
"""Texts in the order of their passages, by document id and generation."""


def violations(world: World) -> list[str]:
    """Return what is wrong at rest, empty when nothing is."""
    rows = world.rows()
    documents = {row.document_id: row for row in rows if isinstance(row, DocumentRow)}
    kbs = [row for row in rows if isinstance(row, KnowledgeBaseRow) and row.receipt is None]
    receipts = [row.receipt for row in rows if isinstance(row, KnowledgeBaseRow) and row.receipt is not None]
    indexed = index_of(world)
    found = list(_statuses(documents))
    if any(kb.deleting for kb in kbs) or (world.kb_deleted and kbs):
        found.append(f"I4: the knowledge base that was deleted is still there, with {len(documents)} documents")
    if world.kb_deleted and (not receipts or documents):
        found.append(f"I4: the delete of the knowledge base left {len(documents)} rows and {len(receipts)} receipts")
    for document_id, expected in world.expected.items():
        found += _document(document_id, expected, documents.get(document_id), indexed, kb_gone=not kbs)
    return found + list(_log(world)) + list(_run(world)) + list(_orphans(documents, indexed))


def seen_wrong(world: World) -> list[str]:
    """Return what people could see at this step that they must not (I2, I3); hits count in the live generation only."""
    indexed = index_of(world)
    found = []
    for row in world.rows():
        if not isinstance(row, DocumentRow) or row.live_generation is None:
            continue
        expected = world.expected.get(row.document_id)
        if world.kb_deleted or (expected is not None and expected.deleted):
            found.append(f"I2: {row.document_id} is visible after the acknowledgement of its delete")
        shown = indexed.get((row.document_id, row.live_generation), [])
        if len(shown) != row.live_chunks and not (expected is not None and expected.damaged):
            found.append(f"I3: {row.document_id} shows {len(shown)} of {row.live_chunks} passages")
    return found


def _statuses(documents: dict[str, DocumentRow]) -> Iterator[str]:
    for row in documents.values():
        if not row.is_terminal:
            yield f"I4: {row.document_id} rests in {row.status}"
        if row.status == "DELETED" and not (row.receipt is not None and row.deletion and row.deletion.verified):
            yield f"I4: {row.document_id} is deleted without a receipt that was verified"


def _log(world: World) -> Iterator[str]:
    """I9: what was told is in the log once."""
    if not world.news:
        return
    rows, _ = DynamoControlStore("control").activity(world.kb.tenant_id, world.kb.kb_id)
    told = sorted(row.event_id for row in rows)
    if told != sorted(world.news):
        yield f"I9: the log tells {told} of {sorted(world.news)}"


def _run(world: World) -> Iterator[str]:
    """A run that was asked for ends with each question scored once."""
    if world.run is None:
        return
    evaluation_id, wanted = world.run
    try:
        report = read(client("s3").get_object(Bucket=ARTIFACTS, Key=report_key(evaluation_id))["Body"].read())
    except client("s3").exceptions.NoSuchKey:
        yield "I4: the evaluation has no report"
        return
    scored = tuple(score.question_id for score in report.scores)
    if (report.status, scored) != ("FINISHED", wanted):
        yield f"I4: the evaluation rests {report.status} with the questions {scored} of {wanted}"


def _document(
    document_id: str, expected: Expected, row: DocumentRow | None, indexed: Indexed, *, kb_gone: bool
) -> Iterator[str]:
    held = {generation: texts for (found, generation), texts in indexed.items() if found == document_id}
    if kb_gone or (row is not None and row.status == "DELETED"):
        if not (expected.deleting or expected.text is None or kb_gone):
            yield f"I1: {document_id} is deleted, and nobody asked for it"
        if held:
            yield f"I2: {document_id} is deleted, and the index holds generations {sorted(held)}"
        return
    if expected.deleted or expected.text is None:
        yield f"I2: the delete of {document_id} was acknowledged, and it is {row.status if row else 'without a row'}"
        return
    if row is None or row.status != "READY":
        yield f"I1: {document_id} is {f'{row.status} ({row.code})' if row else 'without a row'}"
        return
    wanted = {row.live_generation: paragraphs(expected.text)}
    if held != wanted:
        yield f"I1: the index holds {held} of {document_id}, which should be {wanted}"
    if row.live_generation != row.generation or row.live_chunks != len(paragraphs(expected.text)):
        yield f"I1: {document_id} answers from generation {row.live_generation} of {row.generation}"


def _orphans(documents: dict[str, DocumentRow], indexed: Indexed) -> Iterator[str]:
    live = {(row.document_id, row.live_generation) for row in documents.values()}
    for document_id, generation in indexed:
        if (document_id, generation) not in live:
            yield f"I6: the index holds generation {generation} of {document_id}, which is not live"
    yield from (f"I6: {key} is left in the artifacts bucket" for key in stored_keys(ARTIFACTS, "parts/"))
    wanted = {row.object_key for row in documents.values() if row.status != "DELETED"}
    for prefix in ("documents/", "inbox/"):
        for key in stored_keys(DOCUMENTS, prefix):
            if key not in wanted:
                yield f"I6: {key} is left in the documents bucket"


def paragraphs(text: str) -> list[str]:
    """Cut as the world's chunker does."""
    return [part for part in text.split("\n\n") if part.strip()]


def stored_keys(bucket: str, prefix: str) -> set[str]:
    """Return keys with any version or delete marker."""
    answer = client("s3").list_object_versions(Bucket=bucket, Prefix=prefix)
    return {item["Key"] for item in (*answer.get("Versions", []), *answer.get("DeleteMarkers", []))}


def index_of(world: World) -> Indexed:
    """Read the index's own file."""
    found: Indexed = {}
    for path in world.index_folder.glob("[!.]*.index.sqlite3"):
        with sqlite3.connect(path) as connection:
            rows = connection.execute(
                "SELECT document_id, generation, json_extract(content, '$[1].text') FROM chunk JOIN body USING (row) "
                "JOIN edition ON edition.id = chunk.edition ORDER BY document_id, generation, chunk_id"
            ).fetchall()
        connection.close()
        for document_id, generation, text in rows:
            found.setdefault((document_id, generation), []).append(text)
    return found
