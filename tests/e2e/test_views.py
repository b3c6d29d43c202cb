"""Documents over HTTP: fetched from the store, drawn page by page, listed by passages, sent in parts."""

from pathlib import Path
from uuid import uuid4

from tests.e2e.platform import Person, awaited

PDF = (Path(__file__).parents[1] / "data" / "documents" / "multi_page.pdf").read_bytes()
LINE = b"The pump of hall seven is serviced on the first Tuesday of March.\n"


def shelf(person: Person) -> str:
    return person.knowledge_base(f"Views {uuid4().hex[:8]}")


def test_a_document_is_fetched_drawn_and_listed_and_a_citation_leads_there(administrator: Person) -> None:
    person, kb_id = administrator, shelf(administrator)
    document_id = person.upload(kb_id, "Übersicht.pdf", PDF)
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    assert person.document(kb_id, document_id)["status"] == "READY"

    source = person.call("GET", f"{path}/source")
    fetched = person.http.get(source["url"])
    assert fetched.content == PDF
    # The emulator heeds neither, nor a range of a version; tests/integration checks the same address word by word.
    assert "response-content-disposition=attachment" in source["url"]
    assert "response-content-type=application%2Foctet-stream" in source["url"]

    first = person.call("GET", f"{path}/pages?limit=1")
    assert (first["view"]["unit"], first["items"][0]["page"], first["cursor"]) == ("page", 1, "1")
    chunks = list(person.all(f"{path}/chunks"))
    assert [one["ordinal"] for one in chunks] == list(range(len(chunks)))
    place = chunks[-1]["place"]
    pointed = person.call("GET", f"{path}/pages?at={place['start']}&limit=1")["items"][0]
    assert pointed["start"] <= place["start"] < pointed["end"]
    assert pointed["page"] == place["page"]

    assert person.call("POST", f"{path}/chunk-previews", {"chunking": "page"})["chunks_total"] > 0
    person.call("DELETE", path, status=202)
    awaited(lambda: person.send("GET", f"{path}/source").status_code == 404, "the file's end")


def test_a_large_file_is_sent_in_parts(administrator: Person) -> None:
    person, kb_id = administrator, shelf(administrator)
    content = LINE + (b"word " * 19 + b"\n") * 90_000
    announced = {"filename": "large.txt", "size_bytes": len(content)}
    document_id = person.call("POST", f"/knowledge-bases/{kb_id}/documents", announced, status=201)["document_id"]
    path = f"/knowledge-bases/{kb_id}/documents/{document_id}"
    begun = person.call("POST", f"{path}/parts")
    first, *others = begun["parts"]
    assert others
    size = begun["part_bytes"]
    assert person.http.put(first["url"], content=content[:size]).is_success
    assert person.refused("PUT", f"{path}/parts")[:2] == (409, "parts_missing")
    resumed = person.call("GET", f"{path}/parts")
    assert resumed["parts_done"] == [1]
    for part in resumed["parts"]:
        start = (part["number"] - 1) * size
        assert person.http.put(part["url"], content=content[start : start + part["size_bytes"]]).is_success
    person.call("PUT", f"{path}/parts")
    awaited(lambda: person.call("GET", path)["status"] != "UPLOADING", "the arrival of the file")
    fetched = person.http.get(person.call("GET", f"{path}/source")["url"])
    assert fetched.content == content
    person.call("DELETE", path, status=202)
