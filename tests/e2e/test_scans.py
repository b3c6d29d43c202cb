"""Scanned pages and pictures, dropped by the command line, become documents that answer with their page."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.platform import DATA, Person, Platform

SCANS = [DATA / "scans" / "english_turned_270.pdf", DATA / "documents" / "scan-turned-by-exif.jpg"]


@pytest.mark.parametrize("scan", SCANS, ids=lambda path: path.name)
def test_a_page_without_a_text_layer_is_read_and_cited(platform: Platform, administrator: Person, scan: Path) -> None:
    name = f"Scans {uuid4().hex[:8]}"
    kb_id = administrator.knowledge_base(name)
    (item,) = platform.strata_json("ingest", "--kb", name, scan)["documents"]
    assert (item["status"], item["pages"], item["warnings"]) == ("READY", 1, [])
    hit, *_ = administrator.search(kb_id, "Docling bundles document conversion")
    assert (hit["filename"], hit["page"]) == (scan.name, 1)
    answer = administrator.ask(kb_id, "To which formats does Docling bundle PDF document conversion?")
    assert not answer["refused"]
    assert {(citation["filename"], citation["page"]) for citation in answer["citations"]} == {(scan.name, 1)}
    assert "JSON and Markdown" in answer["text"]
