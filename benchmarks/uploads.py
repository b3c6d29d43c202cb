"""Uploads a file as a program would and waits, looking often, until it is READY."""

import time
from pathlib import Path

from infra.cli.client import Client
from infra.cli.uploads import send_file
from shared.contracts import api
from shared.contracts.registry import TERMINAL

PATIENCE_S, LOOK_PAUSE_S = 600.0, 0.02


def upload_until_ready(client: Client, kb_id: str, path: Path) -> tuple[api.Document, float]:
    """Announce and upload a text file; return the document and the seconds from the last byte until it is READY."""
    wish = api.CreateDocument(filename=path.name, size_bytes=path.stat().st_size, media_type="text/plain")
    made = client.create_document(kb_id, wish)
    send_file(path, made.upload, "text/plain", lambda _: None)
    started = time.perf_counter()
    while (document := client.document(kb_id, made.document.document_id)).status not in TERMINAL:
        if time.perf_counter() > started + PATIENCE_S:
            raise SystemExit(f"{path.name} was not READY in {PATIENCE_S:.0f} s")
        time.sleep(LOOK_PAUSE_S)
    if document.status != "READY":
        raise SystemExit(f"{path.name} did not become READY: {document.reason}")
    return document, round(time.perf_counter() - started, 2)
