"""Every route of the public API and every action of the WebSocket API once, on real adapters."""

import json
from typing import Any

import boto3

from functions.application.domain.uploads import PART_BYTES
from functions.ml.outcomes import document_event
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import release_key
from shared.contracts.events import DocumentPublished
from tests.crash.world import ARTIFACTS, DOCUMENTS
from tests.rights.people import QUEUES, People

QUESTION = "At what hour does the office open in the morning?"
FIRST = "The office opens at nine o'clock in the morning.\n\nThe bridge over the river was built in 1903."
SECOND = "The office opens at ten o'clock in the morning.\n\nThe bridge over the river was built in 1903."


def tell(people: People) -> None:
    """Do everything."""
    kb_id = _knowledge_bases(people)
    document_id = _documents(people, kb_id)
    _parts(people, kb_id)
    bot_id = _bots(people, kb_id)
    _conversations(people, bot_id)
    _sockets(people, bot_id, kb_id, document_id)
    people.ask("GET", "/diagnosis")  # no report of the reconciler yet
    _operations(people, kb_id)
    _losses(people, kb_id, document_id)
    people.ask("DELETE", f"/bots/{bot_id}", status=202)
    people.ask("POST", f"/knowledge-bases/{kb_id}/rebuild", status=202)
    people.ask("DELETE", f"/knowledge-bases/{kb_id}", status=202)
    people.world.drain()
    people.ask("GET", f"/knowledge-bases/{kb_id}/deletion")
    people.ask("GET", "/deletions")


def _knowledge_bases(people: People) -> str:
    kb_id = str(people.ask("POST", "/knowledge-bases", {"name": "Rivers"}, status=201, key="kb")["kb_id"])
    people.ask("POST", "/knowledge-bases", {"name": "Rivers"}, status=201, key="kb")
    people.ask("POST", "/knowledge-bases", {"name": "Rivers"}, status=409, key="again")
    people.ask("PATCH", f"/knowledge-bases/{kb_id}", {"name": "Rivers and bridges"})
    people.ask("GET", "/knowledge-bases")
    people.ask("GET", f"/knowledge-bases/{kb_id}")
    for path in ("/me", "/attention", "/releases", "/chunking-strategies"):
        people.ask("GET", path)
    people.ask("GET", "/search", query={"q": "rivers"})
    _go_on_with_an_old_release(people, kb_id)
    return kb_id


def _go_on_with_an_old_release(people: People, kb_id: str) -> None:
    body = load_releases("extractive", "multilingual").default.model_dump_json().encode()
    boto3.client("s3").put_object(Bucket=ARTIFACTS, Key=release_key("rel_old"), Body=body)
    row = people.world.registry.knowledge_base("acme", kb_id)
    assert row is not None
    people.world.registry.replace_knowledge_base(row, row.model_copy(update={"release_id": "rel_old"}))


def _documents(people: People, kb_id: str) -> str:
    path = f"/knowledge-bases/{kb_id}/documents"
    announced = {"filename": "rivers.txt", "size_bytes": 1_000}
    document_id = str(people.ask("POST", path, announced, status=201, key="doc")["document_id"])
    _put(people, kb_id, document_id, FIRST)
    one = f"{path}/{document_id}"
    for what in ("", "/source", "/pages", "/chunks"):
        people.ask("GET", one + what)
    people.ask("GET", path)
    people.ask("PATCH", one, {"tags": ["water", "old"]})
    people.ask("POST", f"{one}/chunk-previews", {"chunking": "fixed"})
    preview = {"filename": "a.txt", "content": "QSByaXZlci4=", "chunking": "fixed"}
    people.ask("POST", "/chunk-previews", preview)
    people.ask("POST", f"/knowledge-bases/{kb_id}/searches", {"query": QUESTION, "filters": {"tags": ["water"]}})
    people.ask("POST", f"/knowledge-bases/{kb_id}/answers", {"question": QUESTION})
    _put(people, kb_id, document_id, SECOND, works=False)  # a newer version: what answers is found among the older ones
    people.ask("GET", f"{one}/source")
    people.world.drain()
    people.ask("GET", f"/knowledge-bases/{kb_id}/activity")
    return document_id


def _put(people: People, kb_id: str, document_id: str, text: str, *, works: bool = True) -> None:
    key = f"documents/acme/{kb_id}/{document_id}/source"
    boto3.client("s3").put_object(Bucket=DOCUMENTS, Key=key, Body=text.encode())
    people.world.notify(key)
    if works:
        people.world.drain()


def _parts(people: People, kb_id: str) -> None:
    path = f"/knowledge-bases/{kb_id}/documents"
    ids = []
    for name in ("given-up.pdf", "big.pdf"):
        announced = {"filename": name, "size_bytes": PART_BYTES + 5}
        document_id = people.ask("POST", path, announced, status=201)["document_id"]
        people.ask("POST", f"{path}/{document_id}/parts")
        people.ask("GET", f"{path}/{document_id}/parts")
        ids.append(document_id)
    people.ask("DELETE", f"{path}/{ids[0]}/parts")
    _send_parts(f"documents/acme/{kb_id}/{ids[1]}/source")
    people.ask("PUT", f"{path}/{ids[1]}/parts")
    people.ask("DELETE", f"{path}/{ids[0]}", status=202)
    people.ask("POST", f"{path}/{ids[1]}/retry", status=409)
    people.routes.add(("POST", "/v1/knowledge-bases/{kb_id}/documents/{document_id}/retry"))
    people.ask("POST", f"{path}/bulk", {"action": "delete", "document_ids": ids})
    people.world.drain()


def _send_parts(key: str) -> None:
    s3 = boto3.client("s3")
    (upload,) = s3.list_multipart_uploads(Bucket=DOCUMENTS, Prefix=key)["Uploads"]
    for number, size in ((1, PART_BYTES), (2, 5)):
        s3.upload_part(Bucket=DOCUMENTS, Key=key, UploadId=upload["UploadId"], PartNumber=number, Body=b"x" * size)


def _bots(people: People, kb_id: str) -> str:
    bot_id = str(people.ask("POST", "/bots", {"name": "Helper", "kb_ids": [kb_id]}, status=201)["bot_id"])
    people.ask("GET", "/bots")
    people.ask("GET", f"/bots/{bot_id}")
    people.ask("POST", f"/bots/{bot_id}/publish")
    people.ask("PATCH", f"/bots/{bot_id}", {"description": "Knows rivers."})
    people.ask("POST", f"/bots/{bot_id}/publish")
    people.ask("GET", f"/bots/{bot_id}/versions")
    people.ask("POST", f"/bots/{bot_id}/versions/1/restore")
    return bot_id


def _conversations(people: People, bot_id: str) -> None:
    one = people.ask("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    path = f"/conversations/{one}"
    asked = people.ask("POST", f"{path}/messages", {"content": QUESTION}, status=201, key="q")
    for listed in (f"/bots/{bot_id}/conversations", "/conversations", path, f"{path}/messages"):
        people.ask("GET", listed)
    people.ask("GET", "/conversations", query={"q": "river"})
    people.ask("PATCH", path, {"title": "Of rivers"})
    message = f"{path}/messages/{asked['message_id']}"
    cited = 200 if asked["answer"]["citations"] else 404
    assert cited == 200, asked
    people.ask("GET", f"{message}/citations/1/source")
    people.ask("PUT", f"{message}/feedback", {"rating": "up"})
    people.ask("GET", f"/bots/{bot_id}/usage")
    people.ask("DELETE", path, status=202)


def _sockets(people: People, bot_id: str, kb_id: str, document_id: str) -> None:
    conversation_id = people.ask("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    for connection_id in ("c1", "c2", "c3"):
        url = people.ask("POST", "/socket-tickets", status=201)["url"]
        ticket = {"ticket": url.rpartition("=")[2]}
        assert people.say(connection_id, "CONNECT", queryStringParameters=ticket)["statusCode"] == 200
    people.message("c1", action="subscribe", conversation_id=conversation_id)
    people.message("c2", action="subscribe", conversation_id=conversation_id)
    for connection_id in ("c1", "c3"):
        people.message(connection_id, action="watch", kb_id=kb_id)
    people.recorder.gone |= {"c2", "c3"}
    people.message("c1", action="ask", conversation_id=conversation_id, text=QUESTION)
    _written(people)
    people.message("c1", action="regenerate", conversation_id=conversation_id)
    message_id = _running(people)
    people.message("c1", action="resume", message_id=message_id)
    people.message("c1", action="stop", message_id=message_id)
    _written(people)
    question = people.ask("GET", f"/conversations/{conversation_id}/messages")["items"][0]["message_id"]
    people.message("c1", action="edit", conversation_id=conversation_id, message_id=question, text="Is it old?")
    _written(people)
    row = people.world.registry.document("acme", kb_id, document_id)
    assert row is not None
    people.world.tell(document_event(row, DocumentPublished, pages=1, chunks=1))
    people.world.drain()
    people.message("c1", action="unwatch", kb_id=kb_id)
    people.message("c1", action="unsubscribe", conversation_id=conversation_id)
    people.say("c1", "DISCONNECT")


def _losses(people: People, kb_id: str, document_id: str) -> None:
    """Look at a file of another system, and at one whose bytes and drawing are lost."""
    key = f"inbox/acme/{kb_id}/notes.txt"
    s3 = boto3.client("s3")
    for text in (FIRST, SECOND):
        s3.put_object(Bucket=DOCUMENTS, Key=key, Body=text.encode())
        people.world.notify(key)
        if text == FIRST:
            people.world.drain()
    path = f"/knowledge-bases/{kb_id}/documents"
    (other,) = [item for item in people.ask("GET", path)["items"] if item["filename"] == "notes.txt"]
    people.ask("GET", f"{path}/{other['document_id']}/source")
    people.world.drain()
    people.ask("GET", f"{path}/{other['document_id']}/source")
    for item in s3.list_objects_v2(Bucket=ARTIFACTS, Prefix="views/")["Contents"]:
        s3.delete_object(Bucket=ARTIFACTS, Key=item["Key"])
    people.ask("GET", f"{path}/{document_id}/pages", status=409)
    for lost in (key, f"documents/acme/{kb_id}/{document_id}/source"):
        s3.delete_object(Bucket=DOCUMENTS, Key=lost)
    for lost_id in (document_id, other["document_id"]):
        people.ask("GET", f"{path}/{lost_id}/source")


def _running(people: People) -> str:
    rows: Any = boto3.client("dynamodb").scan(TableName="control")["Items"]
    (row,) = [row for row in rows if row["pk"]["S"].startswith("ANSWER#") and row["state"]["S"] == "RUNNING"]
    return str(row["message_id"]["S"])


def _written(people: People) -> None:
    people.write(_running(people))


def _operations(people: People, kb_id: str) -> None:
    nothing = {"caller": {"tenant_id": "acme", "user_id": "ada", "readers": ["tenant:acme"]}, "kb_ids": [kb_id]}
    two = [{"tags": ["water"]}, {"tags": ["old"]}]
    people.to_ml("POST", "http://ml/v1/searches", json.dumps({**nothing, "query": QUESTION, "filters": two}).encode())
    nothing["dataset_key"] = "datasets/acme/none.jsonl"
    assert people.to_ml("POST", "http://ml/v1/evaluations", json.dumps(nothing).encode())[0] == 404
    assert people.to_ml("GET", f"http://ml/v1/evaluations/eval_{'0' * 32}_acme", b"")[0] == 404
    people.forget()  # the functions share this process, and what it remembers
    wish = {"kb_id": kb_id, "items": [{"id": "1", "text": QUESTION, "answer": "Long."}]}
    evaluation_id = people.ask("POST", "/evaluations", wish, status=201)["evaluation_id"]
    (asked,) = people.world.lose_messages("evaluation")
    asked = json.dumps({**json.loads(asked), "filters": two})
    boto3.client("sqs").send_message(QueueUrl=people.world.urls["evaluation"], MessageBody=asked)
    people.world.drain()
    people.ask("GET", f"/evaluations/{evaluation_id}")
    sqs = boto3.client("sqs")
    for queue in QUEUES:
        url = sqs.get_queue_url(QueueName=f"{queue}-dead-letters")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    people.ask("POST", "/reconciliations")
    for path in ("/status", "/diagnosis", "/openapi.json"):
        people.ask("GET", path)
    people.ask("POST", "/redrives")
    for queue in QUEUES:
        people.world.lose_messages(queue)
