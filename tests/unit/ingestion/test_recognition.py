"""Text recognition, message by message, on in-memory ports: every way in which it may be interrupted."""

from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

import pytest

from functions.ml.ingestion.dead_letters import RecordDeadLetter
from functions.ml.recognised import RECOGNISER
from shared.contracts.events import PagesUnread
from shared.contracts.registry import DocumentRow
from shared.kernel.errors import Unavailable
from shared.registry.transitions import begin_delete, retry
from tests.fakes.pipeline import Pipeline
from tests.rows import NOW

P = ParamSpec("P")
R = TypeVar("R")
MIXED = "Typed one.\fSCAN\nScanned two.\fTyped three.\fSCAN\nScanned four.\fSCAN\nScanned five."
TEXTS = ["Typed one.", "Scanned two.", "Typed three.", "Scanned four.", "Scanned five."]


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def dropped(pipeline: Pipeline, text: str = MIXED) -> DocumentRow:
    row = pipeline.upload(text)
    pipeline.hint(row)
    return pipeline.state()


def live_texts(pipeline: Pipeline) -> list[tuple[int | None, str]]:
    live = pipeline.state().live_generation
    found = sorted(
        (item for kept in pipeline.index.held.values() for item in kept.values() if item.generation == live),
        key=lambda item: item.chunk.ordinal,
    )
    return [(item.chunk.place.page, item.chunk.text) for item in found]


def test_scanned_pages_are_read_and_stand_at_their_place(pipeline: Pipeline) -> None:
    row = dropped(pipeline)
    assert (row.status, row.parts_total, row.parts_done, row.pages) == ("RECOGNISING", 3, frozenset(), 5)
    assert pipeline.recognise_next() == "recognised"
    assert pipeline.state().parts_done == {2, 4}
    assert pipeline.recognise_next() == "completed"
    pipeline.rest()
    assert pipeline.state().status == "READY"
    assert live_texts(pipeline) == list(enumerate(TEXTS, start=1))
    assert pipeline.recogniser.read == ["Scanned two.", "Scanned four.", "Scanned five."]
    assert pipeline.state().warnings == ()


def test_a_document_without_scans_never_waits(pipeline: Pipeline) -> None:
    assert dropped(pipeline, "Typed.").status == "EMBEDDING"
    assert not pipeline.recognition_queue.bodies


def test_a_new_generation_of_the_same_bytes_recognises_nothing_again(pipeline: Pipeline) -> None:
    dropped(pipeline)
    pipeline.rest()
    row = pipeline.state()
    pipeline.registry.replace_document(row, retry(row.model_copy(update={"status": "FAILED"}), pipeline.now))
    assert pipeline.hint(row) == "parsed"
    pipeline.rest()
    assert (pipeline.state().status, pipeline.state().live_generation) == ("READY", 2)
    assert len(pipeline.recogniser.read) == 3


def test_messages_that_come_twice_and_late_change_nothing(pipeline: Pipeline) -> None:
    row = dropped(pipeline)
    pipeline.recognition_queue.bodies.extend(list(pipeline.recognition_queue.bodies))
    late = pipeline.recognition_queue.bodies[0]
    pipeline.hint(row)  # S3 notifies once more
    pipeline.rest()
    pipeline.recognition_queue.bodies.append(late)
    assert pipeline.recognise_next() == "superseded"
    assert live_texts(pipeline) == list(enumerate(TEXTS, start=1))
    assert len(pipeline.recogniser.read) == 3
    pipeline.reconcile()
    assert not [key for key in pipeline.artifacts.versions if key.startswith("parts/")]


def test_ingestion_that_died_before_its_messages_sends_them_at_the_next_delivery(pipeline: Pipeline) -> None:
    row = dropped(pipeline)
    pipeline.recognition_queue.bodies.clear()
    assert pipeline.hint(row) == "recognising"
    pipeline.rest()
    assert pipeline.state().status == "READY"
    assert pipeline.state().generation == 1


class DyingAfter:
    """Ends the worker after a number of effects, as a kill would."""

    def __init__(self, effects: int) -> None:
        self.left = effects

    def __call__(self, effect: Callable[P, R]) -> Callable[P, R]:
        def dying(*args: P.args, **kwargs: P.kwargs) -> R:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            return effect(*args, **kwargs)

        return dying


@pytest.mark.parametrize("effects", range(8))
def test_a_worker_killed_between_any_two_effects_loses_nothing(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, effects: int
) -> None:
    dropped(pipeline)
    pipeline.recognise_next()
    body = pipeline.recognition_queue.bodies[0]
    with monkeypatch.context() as patched:
        dying = DyingAfter(effects)
        for owner, name in (
            (pipeline.registry, "document"), (pipeline.artifacts, "head"), (pipeline.documents, "download"),
            (pipeline.artifacts, "write"), (pipeline.registry, "add_part"), (pipeline.ingest_queue, "send"),
        ):  # fmt: skip
            patched.setattr(owner, name, dying(getattr(owner, name)))
        try:
            pipeline.recognise_next()
        except KeyboardInterrupt:
            pipeline.recognition_queue.bodies.append(body)  # delivered again
    pipeline.rest()
    assert pipeline.state().status == "READY"
    assert live_texts(pipeline) == list(enumerate(TEXTS, start=1))
    assert len(pipeline.recogniser.read) <= 4


def test_a_lost_hint_is_replaced_by_the_reconciler(pipeline: Pipeline) -> None:
    dropped(pipeline)
    pipeline.recognise_next()
    pipeline.recognise_next()
    pipeline.ingest_queue.bodies.clear()
    assert pipeline.reconcile().hinted == 1
    pipeline.rest()
    assert pipeline.state().status == "READY"


def test_lost_messages_are_found_out_by_the_deadline_and_nothing_is_read_twice(pipeline: Pipeline) -> None:
    dropped(pipeline)
    pipeline.recognise_next()
    pipeline.recognition_queue.bodies.clear()
    pipeline.pass_time(timedelta(hours=1))
    assert pipeline.reconcile().requeued == 0
    pipeline.pass_time(timedelta(hours=2))
    assert pipeline.reconcile().requeued == 1
    pipeline.rest()
    assert pipeline.state().status == "READY"
    assert len(pipeline.recogniser.read) == 3


def test_two_workers_that_finish_together_publish_once(pipeline: Pipeline) -> None:
    row = dropped(pipeline)
    pipeline.recognise_next()
    pipeline.recognise_next()
    pipeline.ingest_queue.bodies.extend(list(pipeline.ingest_queue.bodies))
    pipeline.rest()
    assert (pipeline.state().generation, pipeline.state().live_chunks) == (row.generation, 5)
    pipeline.reconcile()
    assert not [key for key in pipeline.artifacts.versions if key.startswith("parts/")]


def test_two_ingestions_of_a_recognised_document_do_not_both_go_on(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = dropped(pipeline)
    pipeline.recognise_next()
    pipeline.recognise_next()
    outcomes: list[str] = []
    parse = pipeline.parser.__call__

    def parse_while_another_goes_on(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(type(pipeline.parser), "__call__", lambda _, *a, **k: parse(*a, **k))
        outcomes.append(pipeline.hint(row))
        pipeline.rest()
        return parse(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(type(pipeline.parser), "__call__", lambda _, *a, **k: parse_while_another_goes_on(*a, **k))
    outcomes.append(pipeline.hint(row))
    pipeline.rest()
    assert outcomes == ["parsed", "superseded"]
    assert pipeline.state().status == "READY"
    pipeline.reconcile()
    assert not [key for key in pipeline.artifacts.versions if key.startswith("parts/")]


def test_a_page_that_cannot_be_read_leaves_the_others_and_says_so(pipeline: Pipeline) -> None:
    dropped(pipeline, "SCAN\nReadable.\fSCAN\nDAMAGED\fSCAN\n")
    pipeline.rest()
    row = pipeline.state()
    assert row.status == "READY"
    damaged, empty = row.warnings
    assert damaged == "Page(s) 2 could not be recognised. The page is damaged."
    assert empty.startswith("Nothing could be read on page(s) 3.")
    assert "Arabic" in empty


def test_a_document_on_which_nothing_could_be_read_says_why(pipeline: Pipeline) -> None:
    dropped(pipeline, "SCAN\n\fSCAN\n")
    pipeline.rest()
    row = pipeline.state()
    assert (row.status, row.code, row.permanent) == ("FAILED", "no_text", True)
    assert "page(s) 1-2" in row.reason


def test_pages_over_the_limit_are_left_out_with_a_warning(pipeline: Pipeline) -> None:
    pipeline.most_recognised_pages = 2
    dropped(pipeline)
    pipeline.rest()
    row = pipeline.state()
    assert (row.status, row.live_chunks) == ("READY", 4)
    (warning,) = row.warnings
    assert "at most 2 pages" in warning
    assert "page(s) 5 were left out" in warning


def test_where_recognition_is_switched_off_the_rest_is_read_with_a_warning(pipeline: Pipeline) -> None:
    pipeline.recognition = False
    dropped(pipeline)
    pipeline.rest()
    row = pipeline.state()
    assert (row.status, row.live_chunks) == ("READY", 2)
    assert row.warnings == ("Page(s) 2, 4-5 look scanned and were left out: text recognition is switched off here.",)


def test_where_recognition_is_switched_off_a_scan_is_refused(pipeline: Pipeline) -> None:
    pipeline.recognition = False
    row = dropped(pipeline, "SCAN\nOne.")
    assert (row.status, row.code) == ("FAILED", "no_text")
    assert "switched off" in row.reason


def test_a_delete_leaves_nothing_of_what_was_recognised(pipeline: Pipeline) -> None:
    dropped(pipeline)
    pipeline.recognise_next()
    row = pipeline.state()
    pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
    pipeline.hint(row)
    assert pipeline.recognise_next() == "superseded"
    assert pipeline.state().status == "DELETED"
    assert not pipeline.artifacts.versions


def test_a_page_written_while_the_document_was_deleted_is_removed_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped(pipeline)
    write = pipeline.artifacts.write

    def write_after_the_delete(*args: object, **kwargs: object) -> None:
        row = pipeline.state()
        pipeline.registry.replace_document(row, begin_delete(row, pipeline.now))
        pipeline.hint(row)
        write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline.artifacts, "write", write_after_the_delete)
    assert pipeline.recognise_next() == "superseded"
    assert pipeline.state().status == "DELETED"
    assert not pipeline.artifacts.versions


def test_what_was_recognised_of_an_older_version_is_removed_by_the_newer(pipeline: Pipeline) -> None:
    dropped(pipeline)
    pipeline.rest()
    dropped(pipeline, "SCAN\nAnother text.")
    pipeline.rest()
    assert live_texts(pipeline) == [(1, "Another text.")]
    pipeline.reconcile()  # removes the parts
    version = pipeline.state().version
    recognised = [key for key in pipeline.artifacts.versions if key.startswith("recognised/")]
    assert [key for key in recognised if version not in key] == []
    assert len(recognised) == 1


def test_a_version_that_is_overwritten_while_it_is_recognised_gives_way(pipeline: Pipeline) -> None:
    dropped(pipeline)
    row = dropped(pipeline, "SCAN\nNewer.")
    assert [pipeline.recognise_next() for _ in range(2)] == ["superseded"] * 2
    pipeline.rest()
    assert row.generation == 2
    assert live_texts(pipeline) == [(1, "Newer.")]


def test_a_worker_with_another_model_lets_the_pages_wait(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped(pipeline)
    monkeypatch.setattr(type(pipeline.recogniser), "name", "newer-model")
    with pytest.raises(Unavailable):
        pipeline.recognise_next()
    assert RECOGNISER != "newer-model"


def test_a_dead_letter_of_recognition_fails_its_document(pipeline: Pipeline) -> None:
    dropped(pipeline)
    dead = RecordDeadLetter(pipeline.registry, pipeline.bus, pipeline.clock)
    assert dead(pipeline.recognition_queue.bodies.popleft(), message_id="m") == 1
    assert (pipeline.state().status, pipeline.state().code) == ("FAILED", "processing_failed")


def test_progress_gives_time_and_a_wait_is_shown(pipeline: Pipeline) -> None:
    dropped(pipeline)
    event = PagesUnread.parse(pipeline.recognition_queue.bodies[0])
    pipeline.pass_time(timedelta(minutes=30))
    pipeline.recognise.await_neighbour(event, Unavailable("The model is not there.", code="recogniser_unavailable"))
    row = pipeline.state()
    assert (row.status, row.reason) == ("RECOGNISING", "The model is not there.")
    assert row.deadline > (NOW + timedelta(hours=2)).isoformat()[:19]


def test_a_recognised_page_that_vanished_is_asked_for_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = dropped(pipeline)
    pipeline.recognise_next()
    pipeline.recognise_next()
    key = next(key for key in pipeline.artifacts.versions if key.endswith("00004.json"))
    pipeline.artifacts.delete([key])
    assert pipeline.hint(row) == "recognising"
    assert (pipeline.state().parts_total, pipeline.state().parts_done) == (1, frozenset())
    pipeline.rest()
    assert live_texts(pipeline) == list(enumerate(TEXTS, start=1))
