"""The document state machine."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.registry import TERMINAL, DocumentRow
from shared.kernel.clock import isoformat, parse_time
from shared.kernel.errors import Conflict
from shared.registry import transitions
from tests.rows import NOW, document


def opened(row: DocumentRow, version: str = "v1") -> DocumentRow:
    return transitions.open_generation(row, version=version, size_bytes=3, release_id="rel_1", now=NOW)


def embedding(row: DocumentRow, parts: int = 2) -> DocumentRow:
    return transitions.cut(opened(row), parts_total=parts, chunks=parts * 3, pages=1, now=NOW)


def ready(row: DocumentRow) -> DocumentRow:
    row = embedding(row)
    return transitions.publish(row.model_copy(update={"parts_done": frozenset({0, 1})}), NOW)


def test_a_new_document_waits_for_its_bytes_with_a_deadline() -> None:
    row = document()
    assert row.status == "UPLOADING"
    assert parse_time(row.deadline) == NOW + timedelta(hours=1)


def test_publishing_needs_every_part() -> None:
    row = embedding(document())
    for done in (frozenset(), frozenset({1})):
        with pytest.raises(Conflict):
            transitions.publish(row.model_copy(update={"parts_done": done}), NOW)
    assert ready(document()).live_generation == 1


def test_the_live_generation_answers_until_the_next_is_published() -> None:
    row = ready(document())
    newer = opened(row, "v2")
    assert (newer.generation, newer.live_generation) == (2, 1)
    failed = transitions.fail(newer, code="unreadable", reason="broken", permanent=True, now=NOW)
    assert failed.live_generation == 1


def test_a_delete_hides_the_document_at_once_and_fences_all_work() -> None:
    row = ready(document())
    deleting = transitions.begin_delete(row, NOW)
    assert deleting.live_generation is None
    assert deleting.generation == row.generation + 1
    assert transitions.begin_delete(deleting, NOW) is deleting
    with pytest.raises(Conflict):
        opened(deleting)


def test_only_a_failed_document_is_retried() -> None:
    failed = transitions.fail(opened(document()), code="x", reason="y", permanent=True, now=NOW)
    assert transitions.retry(failed, NOW).status == "QUEUED"
    for row in (document(), opened(document()), ready(document()), transitions.begin_delete(document(), NOW)):
        with pytest.raises(Conflict):
            transitions.retry(row, NOW)


STEPS = st.sampled_from(["open", "await", "resume", "cut", "part", "publish", "fail", "retry", "delete", "finish"])


def step(row: DocumentRow, name: str) -> DocumentRow:
    match name:
        case "open":
            return opened(row)
        case "cut":
            return transitions.cut(row, parts_total=1, chunks=1, pages=1, now=NOW) if row.status == "PARSING" else row
        case "await":
            awaiting = transitions.await_recognition(row, unread=3, pages=4, now=NOW)
            return awaiting if row.status == "PARSING" else row
        case "resume":
            return transitions.resume(row, NOW) if row.status == "RECOGNISING" else row
        case "part":
            return row.model_copy(update={"parts_done": frozenset({0})}) if row.status == "EMBEDDING" else row
        case "publish":
            return transitions.publish(row, NOW)
        case "fail":
            if row.status in ("DELETING", "DELETED"):
                return row
            return transitions.fail(row, code="c", reason="r", permanent=False, now=NOW)
        case "retry":
            return transitions.retry(row, NOW)
        case "delete":
            return transitions.begin_delete(row, NOW)
        case _:
            return transitions.finish_delete(row, receipt={}, now=NOW) if row.status == "DELETING" else row


@given(st.lists(STEPS, max_size=30))
def test_generations_only_grow_and_every_state_that_is_not_terminal_has_a_deadline(names: list[str]) -> None:
    row = document()
    for name in names:
        before = row
        try:
            row = step(row, name)
        except Conflict:
            continue
        assert row.generation >= before.generation
        assert bool(row.deadline) == (row.status not in TERMINAL)
        assert row.live_generation is None or row.live_generation <= row.generation
        if before.status in ("DELETING", "DELETED"):
            assert row.live_generation is None


def test_a_wait_is_told_from_its_beginning_until_there_is_progress() -> None:
    waiting = transitions.extend(opened(document()), reason="It sleeps.", code="storage_denied", now=NOW)
    later = transitions.extend(
        waiting, reason="It still sleeps.", code="storage_denied", now=NOW + timedelta(minutes=3)
    )
    assert (later.waiting_since, later.reason) == (isoformat(NOW), "It still sleeps.")
    again = transitions.open_generation(later, version="v", size_bytes=1, release_id="r", now=NOW)
    assert again.waiting_since == isoformat(NOW)
    after = transitions.cut(again, parts_total=1, chunks=1, pages=1, now=NOW)
    assert (after.reason, after.code, after.waiting_since) == ("", "", "")


def test_a_wait_never_shortens_a_deadline() -> None:
    uploading = document()
    assert transitions.extend(uploading, reason="r", code="storage_denied", now=NOW).deadline == uploading.deadline
