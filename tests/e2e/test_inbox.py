"""Files that other systems put straight into the bucket become documents, are replaced and disappear."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.platform import DATA, Person, Platform, awaited

NAMES = [
    "plain.txt",
    "with several spaces.txt",
    "Übergrößen & Straße.txt",
    "年度报告 2026.txt",
    "C++ a+b=c.txt",
    "deep/er/100% (final) #2.txt",
]


class Inbox:
    """A knowledge base and its prefix of the bucket."""

    def __init__(self, platform: Platform, person: Person, name: str) -> None:
        self.platform = platform
        self.person = person
        self.name = name
        made = person.call("POST", "/knowledge-bases", {"name": name}, status=201)
        self.kb_id = made["kb_id"]
        self.bucket, self.prefix = made["inbox_bucket"], made["inbox_prefix"]

    def key(self, filename: str, *, by_name: bool = False) -> str:
        return f"inbox/demo/{self.name}/{filename}" if by_name else f"{self.prefix.rstrip('/')}/{filename}"

    def put(self, key: str, content: bytes) -> None:
        self.platform.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)

    def delete(self, key: str) -> None:
        self.platform.client("s3").delete_object(Bucket=self.bucket, Key=key)

    def ready(self, filename: str, version: int = 1) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            for item in self.person.documents(self.kb_id).values():
                if item["filename"] == filename and item["status"] == "READY" and item["version"] >= version:
                    return item
            return None

        return awaited(look, f"READY of {filename} in version {version}")

    def quotes(self, question: str) -> str:
        return " ".join(citation["quote"] for citation in self.person.ask(self.kb_id, question)["citations"])


@pytest.fixture
def inbox(platform: Platform, administrator: Person) -> Inbox:
    return Inbox(platform, administrator, f"Inbox {uuid4().hex[:8]}")


@pytest.mark.parametrize("by_name", [False, True], ids=["by id", "by name"])
def test_every_name_becomes_a_document_that_answers(inbox: Inbox, by_name: bool) -> None:
    animals = ["badger", "heron", "otter", "marten", "lynx", "ibex"]
    for filename, animal in zip(NAMES, animals, strict=True):
        content = f"The emblem of the {animal} society was painted by {animal.title()} Winterbottom in Lucerne."
        inbox.put(inbox.key(filename, by_name=by_name), content.encode())
    settled = inbox.person.settled(inbox.kb_id, len(NAMES))
    assert {item["filename"]: item["status"] for item in settled} == dict.fromkeys(NAMES, "READY")
    for filename, animal in zip(NAMES, animals, strict=True):
        answer = inbox.person.ask(inbox.kb_id, f"Who painted the emblem of the {animal} society?")
        assert filename in [citation["filename"] for citation in answer["citations"]], answer
        assert f"{animal.title()} Winterbottom" in answer["text"]


def test_real_documents_of_every_type_are_answered_from_the_inbox(inbox: Inbox) -> None:
    asked: dict[str, tuple[str, str, int | None]] = {
        "multi_page.pdf": ("Which feature did programs like Scrivener have?", "chapter outlines", 4),
        "textbox.docx": ("Within how many hours must a report be submitted?", "48 hours", None),
        "powerpoint_unrecognized_shape.pptx": ("How many additional SEs will be hired?", "Hire 3", 3),
        "xlsx_09_section_label_header.xlsx": ("Who wrote A Brief History of Time?", "Stephen Hawking", 1),
        "html_rich_table_cells.html": ("What is the habitat of the Mallard?", "Ponds, lakes, rivers", None),
        "wiki.md": ("Who patented the Electric Tabulating Machine?", "Herman Hollerith", None),
        "fake-text-utf-16-le.txt": ("Which animals are the best?", "Dogs are the best", None),
        "csv-semicolon.csv": ("In which city does Joanna Bender live?", "West Priscilla", None),
    }
    for filename in asked:
        inbox.put(inbox.key(filename), Path(DATA / "documents" / filename).read_bytes())
    settled = inbox.person.settled(inbox.kb_id, len(asked))
    assert {item["status"] for item in settled} == {"READY"}, settled
    for filename, (question, holds, page) in asked.items():
        citations = inbox.person.ask(inbox.kb_id, question)["citations"]
        assert any(
            (citation["filename"], citation["page"]) == (filename, page) and holds in citation["quote"]
            for citation in citations
        ), (question, citations)


def test_an_overwritten_object_answers_from_its_new_content_only(inbox: Inbox) -> None:
    key = inbox.key("rates.txt")
    inbox.put(key, b"The daily allowance for travel to Lisbon is 41 francs.")
    inbox.ready("rates.txt")
    assert "41 francs" in inbox.quotes("What is the daily allowance for travel to Lisbon?")
    inbox.put(key, b"The daily allowance for travel to Lisbon is 58 francs.")
    inbox.ready("rates.txt", version=2)
    quotes = inbox.quotes("What is the daily allowance for travel to Lisbon?")
    assert "58 francs" in quotes
    assert "41" not in quotes
    assert len(inbox.person.documents(inbox.kb_id)) == 1


def test_a_removed_object_disappears_from_answers_and_lists(inbox: Inbox) -> None:
    for filename, town in (("kept.txt", "Olten"), ("gone.txt", "Aarau")):
        inbox.put(inbox.key(filename), f"The archive of {town} is kept by Mrs {town}mann.".encode())
    inbox.person.settled(inbox.kb_id, 2)
    assert "Aaraumann" in inbox.quotes("Who keeps the archive of Aarau?")
    inbox.delete(inbox.key("gone.txt"))
    awaited(lambda: len(inbox.person.documents(inbox.kb_id)) == 1, "the end of the removed document")
    assert "Aaraumann" not in inbox.quotes("Who keeps the archive of Aarau?")
    assert "Oltenmann" in inbox.quotes("Who keeps the archive of Olten?")


def test_an_object_for_a_knowledge_base_that_comes_later_is_taken_up_when_it_comes(
    platform: Platform, administrator: Person
) -> None:
    name = f"Later {uuid4().hex[:8]}"
    key = f"inbox/demo/{name}/early.txt"
    platform.client("s3").put_object(Bucket=platform.bucket, Key=key, Body=b"The gate code of the yard is 4711.")
    later = Inbox(platform, administrator, name)
    platform.client("lambda").invoke(FunctionName=platform.known["outputs"]["reconciler_function"], Payload=b"{}")
    later.ready("early.txt")
    assert "4711" in later.quotes("What is the gate code of the yard?")
