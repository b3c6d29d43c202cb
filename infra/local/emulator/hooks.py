"""Put the recorder between MiniStack and its answers. Attributes are replaced in memory, never the package's files."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.local.emulator import capture
from infra.local.emulator.private_names import module
from infra.local.emulator.recorder import Recorder
from infra.local.emulator.replay import Replayed

Response = tuple[int, dict[str, str], Any]


def record_rows(recorder: Recorder) -> None:
    """Note each row where MiniStack stores it, and write it before its request is answered."""
    dynamodb = module("services.dynamodb")
    set_item, remove_item, replaced = dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced
    handle_request = dynamodb.handle_request

    def noted_set(table: Any, hash_key: str, sort_key: str, item: Any) -> Any:
        previous = set_item(table, hash_key, sort_key, item)
        recorder.note_row(table, hash_key, sort_key, item)
        return previous

    def noted_remove(table: Any, hash_key: str, sort_key: str) -> Any:
        previous = remove_item(table, hash_key, sort_key)
        if previous is not None:
            recorder.note_row(table, hash_key, sort_key, None)
        return previous

    def noted_replacement(table: Any) -> None:
        replaced(table)
        recorder.note_replaced(table)

    async def committed(*request: Any) -> Response:
        response: Response = await handle_request(*request)
        try:
            recorder.commit_rows()
        except OSError as error:
            message = f"The row could not be written to disk ({error.strerror}). Free disk space and try again."
            failed: Response = module("core.responses").error_response_json("InternalServerError", message, 500)
            return failed
        return response

    dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced = noted_set, noted_remove, noted_replacement
    dynamodb.handle_request = committed


def watched_application(application: Any, recorder: Recorder) -> Any:
    """Wrap MiniStack's ASGI application so that the recorder looks for changes while there are requests."""

    async def application_with_touches(scope: Any, receive: Any, send: Any) -> None:
        recorder.touch()
        try:
            await application(scope, receive, send)
        finally:
            recorder.touch()

    return application_with_touches


def note_services(recorder: Recorder) -> None:
    """Tell the recorder which service each request is for."""
    handlers = module("app").SERVICE_HANDLERS

    def noted(service: str, handle: Any) -> Any:
        async def handled(*request: Any) -> Response:
            try:
                response: Response = await handle(*request)
            finally:
                recorder.used(service)
            return response

        return handled

    for service, handle in list(handlers.items()):
        handlers[service] = noted(service, handle)


class ObjectWrites:
    """S3 files on their way to the disk: a failure is answered as one, and each is flushed soon after."""

    def __init__(self) -> None:
        self.failed = ""
        self._unsynced: list[str] = []

    def install(self) -> None:
        """Wrap MiniStack's writer of object files, which drops errors, and its S3 handler, which then answers 200."""
        s3 = module("services.s3")
        write, handle_request = s3._atomic_write, s3.handle_request

        def noted_write(path: str, *content: Any, **options: Any) -> None:
            try:
                write(path, *content, **options)
            except OSError as error:
                self.failed = error.strerror or "input/output error"
                raise
            self._unsynced.append(path)

        async def checked(*request: Any) -> Response:
            self.failed = ""
            response: Response = await handle_request(*request)
            if not self.failed:
                return response
            message = f"The object could not be written to disk ({self.failed}). Free disk space and try again."
            refused: Response = s3._error("ServiceUnavailable", message, 503)
            return refused

        s3._atomic_write, s3.handle_request = noted_write, checked

    def sync(self) -> None:
        """Flush the files written since the last call, so that they survive a power cut too."""
        paths, self._unsynced = self._unsynced, []
        for path in {*paths, *(os.path.dirname(path) for path in paths)}:
            try:
                handle = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue  # deleted meanwhile
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    async def run(self) -> None:
        """Flush regularly until cancelled."""
        while True:
            await asyncio.sleep(0.4)
            if self._unsynced:
                await asyncio.to_thread(self.sync)


def own_persistence(load: Callable[[], None], save: Callable[[], None]) -> None:
    """Replace MiniStack's own loading and saving, which it calls at start and at a clean stop."""
    app = module("app")
    app._load_persisted_state = load
    app.save_all = lambda _services: save()
    # It removes code that the present state does not name, which the last good snapshot may still name.
    module("services.lambda_svc")._prune_orphan_code_blobs = lambda _referenced: None


def restore(state: Replayed | None, unreadable: Path) -> list[str]:
    """Load a state into the services, and drop function code that nothing names any more.

    Args:
        state: None to start empty.
        unreadable: a folder made beforehand when anything was set aside; code is kept then.

    Returns:
        Sentences about services that refused their state.
    """
    refused = capture.restore(state, time.time()) if state is not None else []
    folder = Path(module("services.lambda_svc").CODE_BLOB_DIR)
    if state is not None and not refused and not unreadable.exists() and folder.exists():
        named = state.services.get("lambda", b"").decode()
        for archive in folder.glob("*.zip"):
            if archive.stem not in named:
                archive.unlink(missing_ok=True)
    return refused


def empty_folder(folder: Path) -> None:
    """Remove what a killed emulator left in its scratch folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
