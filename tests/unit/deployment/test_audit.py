"""What the audit of shipped packages fails on, and what it passes over."""

from collections.abc import Sequence

from infra.deployment.audit import Run, audited, locks


def answering(*answers: tuple[int, str]) -> Run:
    left = list(answers)

    def run(_arguments: Sequence[str]) -> tuple[int, str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return run


def test_every_lock_of_what_is_shipped_is_audited() -> None:
    assert {"api", "ingestion", "embedding", "answering", "platform"} <= {path.stem for path in locks()}
    is_good, told = audited(answering((0, "")))
    assert (is_good, len(told)) == (True, len(locks()))


def test_a_vulnerable_package_fails_and_is_named() -> None:
    is_good, told = audited(answering((0, ""), (1, "pydantic 1.0 PYSEC-2026-1"), (0, "")))
    assert not is_good
    assert any("PYSEC-2026-1" in line for line in told)


def test_without_the_data_it_says_so_and_fails_nothing() -> None:
    is_good, told = audited(answering((1, "requests.exceptions.ConnectionError: Failed to resolve")))
    assert is_good
    assert told == ["The vulnerability data cannot be reached from here: nothing was audited."]


def test_what_was_found_before_the_data_went_away_still_fails() -> None:
    is_good, told = audited(answering((1, "pydantic 1.0 PYSEC-2026-1"), (1, "ConnectionError")))
    assert not is_good
    assert len(told) == 2
