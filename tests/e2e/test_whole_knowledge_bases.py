"""Work on a whole knowledge base, on the running platform: a delete that everything is killed in, and its receipt."""

from typing import Any

from tests.e2e.platform import Platform, awaited

COUNT = 24


def test_the_delete_of_a_knowledge_base_survives_a_kill_of_everything_and_its_receipt_counts_all(
    fresh_platform: Platform,
) -> None:
    platform = fresh_platform
    person = platform.administrator()
    kb_id = person.knowledge_base("Notes")
    for number in range(COUNT):
        person.upload(kb_id, f"note-{number}.txt", f"Note {number} says that pond {number * 7} has ducks.".encode())
    person.settled(kb_id, COUNT)

    rebuilt = platform.strata_json("repair", "rebuild", "--kb", "Notes")
    assert rebuilt["rebuild"]["documents_left"] == 0
    live = {item["live_version"] for item in person.documents(kb_id).values()}
    assert min(live) >= 2, live

    person.call("DELETE", f"/knowledge-bases/{kb_id}", status=202)
    assert person.refused("GET", f"/knowledge-bases/{kb_id}")[:2] == (404, "unknown_knowledge_base")
    assert person.refused("POST", f"/knowledge-bases/{kb_id}/searches", {"query": "ducks"})[0] == 404

    def deletion() -> dict[str, Any]:
        return person.call("GET", f"/knowledge-bases/{kb_id}/deletion")

    awaited(lambda: int(deletion()["documents_left"]) < COUNT, "the first document's end")
    platform.kill()
    platform.up()
    receipt = awaited(lambda: found if (found := deletion())["finished_at"] else None, "the receipt", deadline_s=240)
    assert (receipt["documents_total"], receipt["documents_left"], receipt["verified"]) == (COUNT, 0, True)
    parts = receipt["removed"].pop("parts")
    assert (
        2 * COUNT <= parts <= 3 * COUNT
    )  # a view of two files each; their parts, unless the reconciler was there first
    assert receipt["removed"] == {"versions": COUNT, "chunks": COUNT}
    stored = platform.client("s3").list_object_versions(Bucket=platform.bucket, Prefix=f"documents/demo/{kb_id}/")
    assert stored.get("Versions", []) == []
    assert platform.strata_json("kb", "deletions")["items"][0]["kb_id"] == kb_id
    assert platform.strata("doctor").returncode == 0
