"""Scanned pages and pictures, dropped by the command line, become documents that answer with their page."""

from pathlib import Path
from uuid import uuid4

from tests.e2e.platform import DATA, Person, Platform

SCANS = [DATA / "scans" / "english_turned_270.pdf", DATA / "documents" / "scan-turned-by-exif.jpg"]


def test_a_turned_scan_and_a_picture_are_read_and_cited(
    platform: Platform, administrator: Person, tmp_path: Path
) -> None:
    name = f"Scans {uuid4().hex[:8]}"
    kb_id = administrator.knowledge_base(name)
    report = platform.strata_json("ingest", "--kb", name, *SCANS)
    assert {item["filename"]: item["status"] for item in report["documents"]} == {path.name: "READY" for path in SCANS}
    hits = administrator.search(kb_id, "Docling bundles document conversion")
    assert {(hit["filename"], hit["page"]) for hit in hits} == {(path.name, 1) for path in SCANS}
    answer = administrator.ask(kb_id, "To which formats does Docling bundle PDF document conversion?")
    assert not answer["refused"]
    assert {citation["page"] for citation in answer["citations"]} == {1}
    assert "JSON and Markdown" in answer["text"]
