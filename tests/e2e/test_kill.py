"""SIGKILL of everything while documents are being ingested or sent: after the next `make up` nothing is wrong."""

import random
import threading
import time
from collections import Counter

import httpx

from tests.e2e.platform import Person, Platform, awaited

COUNT = 20
TEMPLATE = (
    "# Expedition {number}\n\nThe expedition {number} to Mount {name} was led by Captain {name}son.\n\n"
    "{filler}\n\nIts supplies weighed {weight} kilograms.\n"
)
NAMES = (
    "Arvel Brunt Corvid Delmar Estrel Fendal Gorrim Halvor Ingrim Jorvik Kestrel Lomund Merrow Norwell Ostrik "
    "Pellam Quorin Rusket Sorvane Tarvik"
).split()
FILLER = "The weather of the valley was noted every morning and every evening by the people of the camp. " * 30


def files() -> dict[str, bytes]:
    return {
        f"expedition-{number}.md": TEMPLATE.format(
            number=number, name=name, weight=1000 + 7 * number, filler=FILLER
        ).encode()
        for number, name in enumerate(NAMES)
    }  # fmt: skip


def check_answers(person: Person, kb_id: str) -> None:
    for number, name in enumerate(NAMES):
        answer = person.ask(kb_id, f"Who led the expedition to Mount {name}?")
        assert not answer["refused"], (name, answer)
        right = [
            citation
            for citation in answer["citations"]
            if citation["filename"] == f"expedition-{number}.md" and f"Captain {name}son" in citation["quote"]
        ]
        assert right, (name, answer)


def check_no_duplicates(person: Person, kb_id: str) -> None:
    documents = list(person.documents(kb_id).values())
    assert Counter(item["filename"] for item in documents) == dict.fromkeys(files(), 1)
    for name in NAMES[::5]:
        hits = person.search(kb_id, f"Captain {name}son Mount {name}")
        places = Counter((hit["document_id"], hit["start"], hit["end"]) for hit in hits)
        assert set(places.values()) == {1}, places


def test_documents_sign_in_bots_and_conversations_survive_a_kill_of_everything(fresh_platform: Platform) -> None:
    platform = fresh_platform
    person = platform.administrator()
    kb_id = person.knowledge_base("Expeditions")
    first = person.upload(kb_id, "expedition-0.md", files()["expedition-0.md"])
    person.document(kb_id, first)
    bot_id = person.call("POST", "/bots", {"name": "Guide", "kb_ids": [kb_id]}, status=201)["bot_id"]
    person.call("POST", f"/bots/{bot_id}/publish")
    conversation = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    question = {"content": "Who led the expedition to Mount Arvel?"}
    before = person.call("POST", f"/conversations/{conversation}/messages", question)["answer"]
    assert "Captain Arvelson" in before["text"]

    for filename, content in list(files().items())[1:]:
        person.upload(kb_id, filename, content)
    awaited(
        lambda: any(item["status"] in ("PARSING", "EMBEDDING") for item in person.documents(kb_id).values()),
        "the middle of ingestion",
    )
    under_way = Counter(item["status"] for item in person.documents(kb_id).values())
    assert under_way["READY"] < COUNT, under_way
    assert platform.kill() >= 4  # the supervisor, the emulator and workers
    assert platform.left() == []

    began = time.monotonic()
    platform.up()
    again = platform.administrator()
    assert again.password == person.password
    assert person.call("GET", "/me") == again.call("GET", "/me")  # the older token still works
    ended = person.settled(kb_id, COUNT, deadline_s=150)
    assert {item["status"] for item in ended} == {"READY"}, ended
    assert time.monotonic() - began < 180
    check_answers(person, kb_id)
    check_no_duplicates(person, kb_id)
    assert person.call("GET", f"/bots/{bot_id}")["published_version"] == 1
    kept = person.call("GET", f"/conversations/{conversation}")["messages"]
    assert [message["content"] for message in kept] == [question["content"], before["text"]]
    after = person.call("POST", f"/conversations/{conversation}/messages", question)["answer"]
    assert "Captain Arvelson" in after["text"]
    assert platform.down() == 0
    assert platform.left() == []


def test_a_kill_at_a_random_moment_of_uploads_loses_no_acknowledged_document(fresh_platform: Platform) -> None:
    platform = fresh_platform
    person = platform.administrator()
    kb_id = person.knowledge_base("Expeditions")
    delay_s = random.SystemRandom().uniform(0.1, 3.0)
    acknowledged: list[str] = []
    announced: list[str] = []

    def send() -> None:
        for filename, content in files().items():
            try:
                announced.append(filename)
                document_id, response = person.try_upload(kb_id, filename, content)
                if response.is_success:
                    acknowledged.append(document_id)
            except (httpx.HTTPError, AssertionError, KeyError):
                return

    sender = threading.Thread(target=send)
    sender.start()
    sender.join(delay_s)
    platform.kill()
    sender.join(60)
    assert not sender.is_alive()

    platform.up()

    def done() -> bool:
        found = person.documents(kb_id)
        return set(acknowledged) <= {document_id for document_id, item in found.items() if item["status"] == "READY"}

    awaited(done, f"READY of {len(acknowledged)} documents acknowledged before {delay_s:.2f} s")
    found = person.documents(kb_id)
    assert {item["status"] for item in found.values()} <= {"READY", "UPLOADING", "PARSING", "EMBEDDING"}
    for document_id, item in found.items():  # what never arrived is taken back and sent again, as a person would
        if item["status"] == "UPLOADING" and document_id not in acknowledged:
            person.call("DELETE", f"/knowledge-bases/{kb_id}/documents/{document_id}", status=202)
    there = {item["filename"] for item in person.documents(kb_id).values() if item["status"] not in ("DELETING",)}
    for filename, content in files().items():
        if filename not in there:
            person.upload(kb_id, filename, content)
    ended = person.settled(kb_id, COUNT)
    assert {item["status"] for item in ended} == {"READY"}, ended
    check_answers(person, kb_id)
    check_no_duplicates(person, kb_id)
