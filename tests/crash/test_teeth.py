"""The matrix finds what it is there to find: each safeguard, taken away, leaves violations at some point."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from functions.application.services import projection
from functions.ml.embedding.publishing import PublishGeneration
from functions.ml.embedding.service import EmbedPart
from functions.ml.evaluation.service import EvaluateDataset
from functions.ml.ingestion.purge import PurgeDocuments
from functions.ml.recognition.service import RecognisePages
from shared.contracts.ml_api import EvaluationResponse
from shared.contracts.registry import DocumentRow
from shared.registry.transitions import finish_delete, publish
from tests.crash import world as world_module
from tests.crash.flows import FLOWS
from tests.crash.matrix import Matrix
from tests.crash.world import World


def violations_of(flow_name: str, world: World, folder: Path) -> str:
    flow = next(flow for flow in FLOWS if flow.name == flow_name)
    return "\n".join(point.found for point in Matrix(flow, folder).run(world) if point.found)


def test_a_flip_that_does_not_wait_for_the_index_is_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flip comes first, the passages after it."""
    write = EmbedPart._write

    def flipped_first(embed: EmbedPart, chunks: list[object]) -> None:
        row = world.row("doc_1")
        assert row is not None
        with_all = row.model_copy(update={"parts_done": frozenset(range(row.parts_total))})
        if row.status == "EMBEDDING":
            embed.registry.replace_document(row, publish(with_all, world.now))
        write(embed, chunks)  # type: ignore[arg-type]

    monkeypatch.setattr(EmbedPart, "_write", flipped_first)
    monkeypatch.setattr(world_module, "MOST_ROUNDS", 1)  # what is broken never comes to rest
    assert "I3" in violations_of("ingest, embed and publish", world, tmp_path / "points")


def test_a_receipt_before_the_delete_is_found(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipt is written, and what it speaks of is deleted after it (rule 7)."""
    whole = PurgeDocuments.__call__

    def receipt_first(purge: PurgeDocuments, rows: Sequence[DocumentRow]) -> int:
        (row,) = rows
        closed = finish_delete(row, receipt={"versions": 1, "parts": 0, "chunks": 3}, now=world.now)
        written = purge.registry.replace_document(row, closed)
        return whole(purge, [written])

    monkeypatch.setattr(PurgeDocuments, "__call__", receipt_first)
    assert "I4" in violations_of("delete", world, tmp_path / "points")


def test_a_platform_without_its_reconciler_is_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "reconcile", dict)
    assert "I4" in violations_of("delete", world, tmp_path / "points")


def test_old_passages_that_nobody_collects_are_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PublishGeneration, "_collect", lambda publish, row: None)
    monkeypatch.setattr(world, "reconcile", dict)
    assert "I6" in violations_of("re-upload", world, tmp_path / "points")


def test_news_that_the_projector_swallows_are_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that got lost is taken for one, and the message is acknowledged."""
    monkeypatch.setattr(projection, "project", lambda event, log: True)
    assert "I9" in violations_of("events into the log", world, tmp_path / "points")


def test_an_evaluation_that_never_writes_its_end_is_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = EvaluateDataset._write

    def all_but_the_end(run: EvaluateDataset, report: EvaluationResponse) -> EvaluationResponse:
        return report if report.status == "FINISHED" else whole(run, report)

    monkeypatch.setattr(EvaluateDataset, "_write", all_but_the_end)
    assert "I4" in violations_of("run of an evaluation", world, tmp_path / "points")


def test_recognised_pages_of_which_nobody_tells_are_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecognisePages, "_hint", lambda recognise, row, event: None)
    monkeypatch.setattr(world, "reconcile", dict)
    assert "I4" in violations_of("recognition of scanned pages", world, tmp_path / "points")
