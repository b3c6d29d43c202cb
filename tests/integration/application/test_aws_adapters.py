"""The application layer's smaller adapters on AWS in process (moto)."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from functions.application.adapters.part_uploads import S3PartSigner
from functions.application.adapters.queues import SqsGauge, SqsIngestQueue
from functions.application.adapters.storage import S3DatasetStore, S3SourceSigner, S3SourceVersions, S3UploadSigner
from shared.contracts.events import DocumentChanged
from shared.kernel.errors import Unavailable
from tests.cloud import REGION, cloud


@pytest.fixture(autouse=True)
def aws_in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with cloud(monkeypatch):
        yield


def event(number: int) -> DocumentChanged:
    return DocumentChanged(
        event_id=f"evt_{number}",
        correlation_id="corr",
        tenant_id="acme",
        occurred_at="2026-01-31T12:00:00.000Z",
        kb_id="kb_1",
        document_id=f"doc_{number}",
    )


def test_an_upload_is_signed_for_exactly_one_key_type_and_range() -> None:
    key = "documents/acme/kb_1/doc_1/source"
    signer = S3UploadSigner("bucket", lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))
    upload = signer.sign(object_key=key, size_bytes=7, media_type="application/pdf", filename="Übersicht 1.pdf")
    conditions = json.loads(base64.b64decode(upload.fields["policy"]))["conditions"]
    assert ["content-length-range", 1, 7] in conditions
    assert {"key": key} in conditions
    assert {"Content-Type": "application/pdf"} in conditions
    assert {"x-amz-meta-filename": "%C3%9Cbersicht%201.pdf"} in conditions
    assert (upload.fields["key"], upload.fields["Content-Type"]) == (key, "application/pdf")
    assert upload.expires_at == "2026-01-31T13:00:00.000Z"
    assert "bucket" in upload.url


def test_a_dataset_lies_where_it_was_written() -> None:
    where = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration=where)  # type: ignore[arg-type]
    S3DatasetStore("artifacts").write("datasets/acme/1.jsonl", "ä\n", media_type="application/x-ndjson")
    stored = boto3.client("s3").get_object(Bucket="artifacts", Key="datasets/acme/1.jsonl")
    assert (stored["Body"].read(), stored["ContentType"]) == ("ä\n".encode(), "application/x-ndjson")
    with pytest.raises(Unavailable):
        S3DatasetStore("none").write("k", "", media_type="text/plain")


def test_every_event_is_queued_and_the_gauge_sees_them() -> None:
    sqs = boto3.client("sqs")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("ingest", "dead")]
    SqsIngestQueue(urls[0]).send([event(number) for number in range(23)])
    sqs.send_message(QueueUrl=urls[1], MessageBody="dead")
    gauge = SqsGauge(queues={"ingest": urls[0]}, dead_letters={"ingest": urls[1]})
    assert gauge.depths()["ingest"].waiting == 23
    assert gauge.dead_letters() == {"ingest": 1}
    received = sqs.receive_message(QueueUrl=urls[0], MaxNumberOfMessages=1)["Messages"][0]["Body"]
    assert DocumentChanged.parse(received).tenant_id == "acme"
    assert gauge.depths()["ingest"].in_flight == 1


def test_dead_letters_are_put_back_on_their_own_queues() -> None:
    sqs = boto3.client("sqs")
    names = ("ingest", "ingest-dead", "embed", "embed-dead")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
    for number in range(12):
        sqs.send_message(QueueUrl=urls["ingest-dead"], MessageBody=f"letter {number}")
    gauge = SqsGauge(
        queues={"ingest": urls["ingest"], "embed": urls["embed"]},
        dead_letters={"ingest": urls["ingest-dead"], "embed": urls["embed-dead"]},
    )
    assert gauge.redrive() == {"ingest": 12, "embed": 0}
    assert gauge.dead_letters() == {"ingest": 0, "embed": 0}
    assert (gauge.depths()["ingest"].waiting, gauge.depths()["embed"].waiting) == (12, 0)
    assert "deleted" in gauge.depths()["ingest"].meaning
    assert gauge.redrive() == {"ingest": 0, "embed": 0}


def test_a_missing_queue_is_unavailable() -> None:
    url = f"https://sqs.{REGION}.amazonaws.com/123456789012/none"
    with pytest.raises(Unavailable):
        SqsIngestQueue(url).send([event(1)])
    with pytest.raises(Unavailable):
        SqsGauge(queues={"none": url}, dead_letters={}).depths()
    with pytest.raises(Unavailable):
        SqsGauge(queues={"none": url}, dead_letters={"none": url}).redrive()


def bucket(name: str) -> None:
    where = {"LocationConstraint": REGION}
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=where)  # type: ignore[arg-type]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def test_a_file_is_fetched_in_its_version_and_as_an_attachment() -> None:
    bucket("documents")
    s3, key = boto3.client("s3"), "documents/acme/kb_1/doc_1/source"
    tags = [s3.put_object(Bucket="documents", Key=key, Body=body)["ETag"].strip('"') for body in (b"old", b"newer")]
    signer = S3SourceSigner("documents", lambda: datetime(2026, 1, 31, 12, tzinfo=UTC))
    for version, body in zip(tags, (b"old", b"newer"), strict=True):
        signed = signer.sign_source(object_key=key, version=version, filename='hr/Über "x".html')
        assert signed is not None
        query = parse_qs(urlsplit(signed.url).query)
        (version_id,) = query["versionId"]
        assert s3.get_object(Bucket="documents", Key=key, VersionId=version_id)["Body"].read() == body
        assert query["response-content-type"] == ["application/octet-stream"]
        assert query["response-content-disposition"] == [
            "attachment; filename=\"_ber _x_.html\"; filename*=UTF-8''%C3%9Cber%20%22x%22.html"
        ]
        assert (signed.size_bytes, signed.expires_at) == (len(body), "2026-01-31T12:05:00.000Z")
    assert signer.sign_source(object_key=key, version="other", filename="a") is None
    assert signer.sign_source(object_key=f"{key}2", version=tags[0], filename="a") is None
    with pytest.raises(Unavailable):
        S3SourceSigner("none").sign_source(object_key=key, version="v", filename="a")


def test_the_newest_version_under_a_key_is_known_be_it_a_removal() -> None:
    bucket("documents")
    s3, key, versions = boto3.client("s3"), "inbox/acme/kb_1/a.txt", S3SourceVersions("documents")
    assert versions.newest(key) == ""
    s3.put_object(Bucket="documents", Key=f"{key}.bak", Body=b"another")
    assert versions.newest(key) == ""
    first, second = (s3.put_object(Bucket="documents", Key=key, Body=body)["VersionId"] for body in (b"1", b"2"))
    assert versions.newest(key) == second != first
    marker = s3.delete_object(Bucket="documents", Key=key)["VersionId"]
    assert versions.newest(key) == marker
    with pytest.raises(Unavailable):
        S3SourceVersions("none").newest(key)


def test_a_file_in_parts_is_one_object_of_its_type_and_name() -> None:
    bucket("documents")
    s3, key = boto3.client("s3"), "documents/acme/kb_1/doc_1/source"
    signer = S3PartSigner("documents")
    upload_id = signer.begin(object_key=key, media_type="application/pdf", filename="Ü.pdf", modified_on="2026-01-02")
    sizes = {1: 5 * 1024 * 1024, 2: 3}
    urls, _ = signer.sign_parts(object_key=key, upload_id=upload_id, sizes_bytes=sizes)
    for number, size in sizes.items():
        query = parse_qs(urlsplit(urls[number]).query)
        assert "content-length" in query["X-Amz-SignedHeaders"][0].split(";")
        s3.upload_part(Bucket="documents", Key=key, UploadId=upload_id, PartNumber=number, Body=b"x" * size)
    found = signer.parts(object_key=key, upload_id=upload_id)
    assert found is not None
    assert {number: part.size_bytes for number, part in found.items()} == sizes
    tags = {number: part.tag for number, part in found.items()}
    signer.complete(object_key=key, upload_id=upload_id, tags=tags)
    signer.complete(object_key=key, upload_id=upload_id, tags=tags)
    stored = s3.head_object(Bucket="documents", Key=key)
    assert (stored["ContentLength"], stored["ContentType"]) == (sum(sizes.values()), "application/pdf")
    assert stored["Metadata"] == {"filename": "%C3%9C.pdf", "modified": "2026-01-02"}
    assert signer.parts(object_key=key, upload_id=upload_id) is None
    signer.abort(object_key=key, upload_id=upload_id)
    with pytest.raises(Unavailable):
        S3PartSigner("none").begin(object_key=key, media_type="", filename="a")
