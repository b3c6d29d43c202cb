"""Every AWS call and every index write of the real code passes here, so that a call added later is met by itself."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal

import pytest
from botocore.client import BaseClient

from functions.ml.adapters.sqlite_index import SqliteIndex

Moment = Literal["before", "after"]
Observer = Callable[[str, Moment], None]
INDEX_READS = frozenset({"count", "search", "releases", "generations", "tenants", "close"})
"""What the index is only asked; every other public method of it counts as a write, also one that comes later."""
CLOUD_READS = ("Get", "Head", "List", "Query", "Scan", "BatchGet", "Describe")
"""How the names of calls begin that leave the world as it was."""


class Effects:
    """Tells an observer the moment before and after each effect, while a process of the platform is at work.

    Attributes:
        changes: how often anybody, the test and the runtime too, may have changed the world; a process that dies at the
            same number leaves the same world, because what it only held in memory is gone.
    """

    def __init__(self) -> None:
        self.observer: Observer | None = None
        self.changes = 0
        self._at_work = False

    @contextmanager
    def of_a_process(self) -> Iterator[None]:
        """What happens inside the block is done by the platform; all else by the test."""
        self._at_work = True
        try:
            yield
        finally:
            self._at_work = False

    def tell(self, label: str, moment: Moment) -> None:
        """Hand on a moment; while the observer looks around itself, nothing counts."""
        if self.observer is None or not self._at_work:
            return
        self._at_work = False
        try:
            self.observer(label, moment)
        finally:
            self._at_work = True

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand in front of boto3 and of the index."""
        call = BaseClient._make_api_call  # type: ignore[attr-defined]

        def told_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            label = f"{client.meta.service_model.service_name}.{operation}"
            return self._around(label, lambda: call(client, operation, parameters))

        patch.setattr(BaseClient, "_make_api_call", told_call)
        for name, write in inspect.getmembers(SqliteIndex, inspect.isfunction):
            if not name.startswith("_") and name not in INDEX_READS:
                patch.setattr(SqliteIndex, name, self._told_write(name, write))

    def _told_write(self, name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(write)
        def told(*args: Any, **kwargs: Any) -> Any:
            return self._around(f"index.{name}", lambda: write(*args, **kwargs))

        return told

    def _around(self, label: str, effect: Callable[[], Any]) -> Any:
        self.tell(label, "before")
        result = effect()
        self.changes += not label.partition(".")[2].startswith(CLOUD_READS)
        self.tell(label, "after")
        return result
