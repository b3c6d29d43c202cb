"""The `SearchIndex` port on one SQLite file per tenant, shared by any number of processes on one machine."""

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from functions.ml.adapters.sqlite_index import writing
from functions.ml.adapters.sqlite_index.reading import Search, stored_vectors
from functions.ml.adapters.sqlite_index.schema import (
    check_engine,
    check_version,
    make_file,
    open_file,
    told,
    transaction,
)
from functions.ml.adapters.sqlite_index.snapshot import Snapshot
from functions.ml.adapters.sqlite_index.upgrades import upgrade
from functions.ml.documents import IndexedChunk
from functions.ml.ports import Candidates, ItemFailure, Scope, StoredGeneration, Vector
from shared.kernel.errors import Invalid

SUFFIX = ".index.sqlite3"
_TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_UPPER = re.compile("[A-Z]")


class TenantFile:
    """One tenant's file with a connection to read, one to write, and the snapshot in memory; safe between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading, self._writing = _Connection(path), _Connection(path)
        self._snapshot = Snapshot()

    @contextmanager
    def read(self) -> Iterator[tuple[sqlite3.Connection, Snapshot] | None]:
        """Open one consistent view, None when the tenant has no file."""
        with told(self.path), self._reading.opened(self._forget) as connection:
            if connection is None:
                yield None
                return
            with transaction(connection, "BEGIN"):
                check_version(connection, self.path)
                self._follow(connection)
                yield connection, self._snapshot

    @contextmanager
    def peek(self) -> Iterator[sqlite3.Connection | None]:
        """Open what is committed, without bringing the snapshot up to date: enough for what asks the file alone."""
        with told(self.path), self._reading.opened(self._forget) as connection:
            if connection is not None:
                check_version(connection, self.path)
            yield connection

    @contextmanager
    def write(self, *, make: bool) -> Iterator[sqlite3.Connection | None]:
        """Open one transaction that is kept as a whole or not at all; None when there is no file and none is made."""
        with told(self.path):
            if make and not self.path.exists():
                make_file(self.path)
            with self._writing.opened(lambda: None) as connection:
                if connection is None:
                    yield None
                    return
                with transaction(connection):
                    check_version(connection, self.path)
                    yield connection

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Bring the snapshot up to date; one that was left half way is worth nothing."""
        try:
            self._snapshot.follow(connection)
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        """Start afresh: the file behind the path is another one."""
        self._snapshot = Snapshot()

    def close(self) -> None:
        """Close both connections; the next use opens them again."""
        self._reading.close()
        self._writing.close()


_INHERITED: list[sqlite3.Connection] = []
"""Connections of a parent process, kept so that nothing closes them."""


class _Connection:
    """A connection that notices when the file was replaced or the process was forked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._identity: tuple[int, ...] = ()

    @contextmanager
    def opened(self, on_change: Callable[[], None]) -> Iterator[sqlite3.Connection | None]:
        """Hold the connection, None when there is no file."""
        with self._lock:
            try:
                stat = self._path.stat()
                identity: tuple[int, ...] = (stat.st_dev, stat.st_ino, os.getpid())
            except FileNotFoundError:
                identity = ()
            if identity != self._identity:
                self._drop()
                on_change()
            if identity and self._open is None:
                self._open = open_file(self._path, upgrade)
            self._identity = identity
            yield self._open

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._open is not None and self._identity[-1:] not in ((), (os.getpid(),)):
            # Opened before a fork: to close it here would remove the log that the parent still writes to.
            _INHERITED.append(self._open)
        elif self._open is not None:
            self._open.close()
        self._open, self._identity = None, ()


class SqliteIndex:
    """The embedded search engine.

    Args:
        directory: where the tenants' files lie; made when the first chunk is written.

    Raises:
        SettingsError: this machine's processor stores numbers the other way round.
    """

    def __init__(self, directory: Path) -> None:
        check_engine()
        self._directory = directory
        self._lock = threading.Lock()
        self._files: dict[str, TenantFile] = {}

    def _file(self, tenant_id: str) -> TenantFile:
        """Return the tenant's file; upper case is marked, because some file systems do not tell it apart."""
        if not _TENANT_ID.fullmatch(tenant_id):
            raise Invalid("The tenant id may hold only letters, digits, `-` and `_`.", code="tenant_id_malformed")
        name = _UPPER.sub(lambda match: "+" + match.group().lower(), tenant_id) + SUFFIX
        with self._lock:
            return self._files.setdefault(tenant_id, TenantFile(self._directory / name))

    def close(self) -> None:
        """Close all files; the next use opens them again."""
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files = {}

    def upsert(self, chunks: Sequence[IndexedChunk]) -> list[ItemFailure]:
        """Write chunks of one tenant in one transaction. Raises Invalid (`mixed_tenants`), Unavailable."""
        if not chunks:
            return []
        if len({chunk.tenant_id for chunk in chunks}) != 1:
            raise Invalid("One write to the search index must be of one tenant.", code="mixed_tenants")
        refused = [failure for chunk in chunks if (failure := writing.refusal(chunk))]
        hopeless = {failure.chunk_id for failure in refused}
        rows = [writing.prepared(chunk) for chunk in chunks if chunk.chunk_id not in hopeless]
        if not rows:
            return refused
        with self._file(chunks[0].tenant_id).write(make=True) as connection:
            return refused + (writing.write_rows(connection, rows) if connection else [])

    def vectors(self, tenant_id: str, text_keys: Collection[str]) -> dict[str, Vector]:
        """Return what is known of these keys; see the port. Raises Unavailable."""
        wanted = {writing.stored_key(key): key for key in text_keys if key}
        with self._file(tenant_id).peek() as connection:
            if connection is None or not wanted:
                return {}
            return {wanted[stored]: vector for stored, vector in stored_vectors(connection, list(wanted))}

    def count(self, tenant_id: str, document_id: str, generation: int | None) -> int:
        """Return how many chunks of this generation, or of all, are visible. Raises Unavailable."""
        with self._file(tenant_id).peek() as connection:
            if connection is None:
                return 0
            query = (
                "SELECT count(*) FROM edition JOIN chunk ON chunk.edition = edition.id "
                "WHERE document_id = ? AND generation = coalesce(?, generation)"
            )
            return int(connection.execute(query, (document_id, generation)).fetchone()[0])

    def delete(self, tenant_id: str, document_id: str, *, through_generation: int, from_generation: int = 0) -> int:
        """Delete the document's chunks of a range of generations; returns how many. Raises Unavailable."""
        with self._file(tenant_id).write(make=False) as connection:
            if connection is None:
                return 0
            query = (
                "SELECT row FROM edition JOIN chunk ON chunk.edition = edition.id "
                "WHERE document_id = ? AND generation BETWEEN ? AND ?"
            )
            found = connection.execute(query, (document_id, from_generation, through_generation)).fetchall()
            removed = writing.remove_rows(connection, found)
            if removed:
                writing.remove_unused_shelves(connection)
            return removed

    def search(
        self, scope: Scope, *, text: str, vector: Vector | None, limit: int, releases: Collection[str] | None = None
    ) -> Candidates:
        """Find the best chunks by words and by vector; see the port. Raises Invalid, Unavailable."""
        with self._file(scope.tenant_id).read() as opened:
            if opened is None:
                return Candidates((), ())
            return Search(*opened, scope)(text, vector, limit, releases)

    def chunks(self, scope: Scope, chunk_ids: Collection[str]) -> dict[str, IndexedChunk]:
        """Return those of these chunks that the scope may see, by id. Raises Unavailable."""
        with self._file(scope.tenant_id).read() as opened:
            return Search(*opened, scope).chunks(chunk_ids) if opened else {}

    def releases(self, tenant_id: str, kb_ids: Sequence[str]) -> frozenset[str]:
        """Return the releases that the chunks of these knowledge bases were made by. Raises Unavailable."""
        with self._file(tenant_id).read() as opened:
            shelves = opened[1].shelves.values() if opened else ()
            return frozenset(shelf.release_id for shelf in shelves if shelf.kb_id in kb_ids)

    def generations(self, tenant_id: str) -> Iterator[StoredGeneration]:
        """Yield what the index holds, for the reconciler. Raises Unavailable."""
        with self._file(tenant_id).peek() as connection:
            found = [] if connection is None else connection.execute(
                "SELECT shelf.kb_id, edition.document_id, edition.generation, count(*) FROM shelf "
                "JOIN edition ON edition.shelf = shelf.id JOIN chunk ON chunk.edition = edition.id "
                "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ).fetchall()  # fmt: skip
        return (StoredGeneration(*row) for row in found)

    def tenants(self) -> list[str]:
        """Return the tenants that the index holds anything of. Raises Unavailable."""
        with told(self._directory):
            names = sorted(path.name.removesuffix(SUFFIX) for path in self._directory.glob(f"[!.]*{SUFFIX}"))
        every = [re.sub(r"\+([a-z])", lambda match: match.group(1).upper(), name) for name in names]
        return [tenant_id for tenant_id in every if self._holds_anything(tenant_id)]

    def _holds_anything(self, tenant_id: str) -> bool:
        with self._file(tenant_id).read() as opened:
            return opened is not None and opened[1].roster.chunks > 0
