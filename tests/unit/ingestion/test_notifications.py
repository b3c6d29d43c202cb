"""Messages of the ingest queue."""

import json

import pytest

from functions.ml.ingestion.notifications import read_hints
from functions.ml.storage import InboxObject, UploadedObject, parse_key
from shared.contracts.events import DocumentChanged, Unreadable


def notification(*keys: str) -> str:
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}} for key in keys]})


def test_keys_are_form_decoded() -> None:
    (hint,) = read_hints(notification("inbox/acme/My+Docs/a%2Bb%20%C3%A4.pdf"), message_id="m1")
    assert hint.object_key == "inbox/acme/My Docs/a+b ä.pdf"


def test_one_message_may_name_several_objects() -> None:
    assert [hint.object_key for hint in read_hints(notification("a", "b"), message_id="m1")] == ["a", "b"]


def test_the_test_event_of_a_new_notification_hints_at_nothing() -> None:
    assert list(read_hints(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}), message_id="m1")) == []


def test_an_event_of_the_application_layer_names_ids() -> None:
    event = DocumentChanged(
        event_id="evt_1", correlation_id="c", tenant_id="acme", occurred_at="t", kb_id="kb_1", document_id="doc_1"
    )
    (hint,) = read_hints(event.model_dump_json(), message_id="m1")
    assert (hint.tenant_id, hint.kb_id, hint.document_id) == ("acme", "kb_1", "doc_1")


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"Records": [{}]}', '{"type": "document.changed.v1"}'])
def test_what_is_neither_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        list(read_hints(body, message_id="m1"))


def test_keys_of_documents_and_of_the_inbox_are_told_apart() -> None:
    assert parse_key("documents/acme/kb_1/doc_1/source") == UploadedObject("acme", "kb_1", "doc_1")
    assert parse_key("inbox/acme/Docs/2026/plan.pdf") == InboxObject("acme", "Docs", "2026/plan.pdf")


@pytest.mark.parametrize(
    "key", ["inbox/acme/Docs/", "inbox/acme/Docs", "inbox//Docs/a", "documents/acme/kb_1/doc_1/other", "x", ""]
)
def test_other_keys_are_no_documents(key: str) -> None:
    assert parse_key(key) is None
