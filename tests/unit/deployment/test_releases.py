"""Which release a rollback goes back to."""

import pytest

from infra.deployment.releases import Release, release_before


def history(*of: int) -> list[Release]:
    return [
        Release(number, "ml", f"templates/{content}", {}, {}, of=content, deployed_at="2026-01-01T00:00:00+00:00")
        for number, content in enumerate(of, start=1)
    ]


@pytest.mark.parametrize(
    ("of", "before"),
    [
        ((), None),
        ((1,), None),
        ((1, 2), 1),
        ((1, 2, 3), 2),
        ((1, 2, 1), None),
        ((1, 2, 3, 2), 1),
        ((1, 2, 1, 4), 1),
        ((1, 2, 3, 2, 5, 2), 1),
    ],
)
def test_a_rollback_goes_to_what_was_in_force_before_and_never_to_what_was_left(
    of: tuple[int, ...], before: int | None
) -> None:
    found = release_before(history(*of))

    assert (found.number if found else None) == before
