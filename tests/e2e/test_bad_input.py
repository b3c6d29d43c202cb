"""Bad input over real HTTP and S3: a typed error with a sentence, nothing hangs, and nothing else is harmed."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from shared.contracts.api import MAX_UPLOAD_BYTES
from tests.e2e.platform import DATA, Person, Platform, awaited

EMPTY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
    b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n"
)


@pytest.fixture
def kb_id(administrator: Person) -> str:
    return administrator.knowledge_base(f"Bad {uuid4().hex[:8]}")


def test_bad_files_fail_with_their_code_and_the_good_ones_of_the_batch_are_ready(
    administrator: Person, kb_id: str
) -> None:
    malformed = DATA / "malformed"
    bad = {
        "locked.pdf": ((malformed / "pdf__password.pdf").read_bytes(), "password_protected"),
        "locked.xlsx": ((malformed / "password_protected.xlsx").read_bytes(), "password_protected"),
        "no-pages.pdf": (EMPTY_PDF, "unreadable"),
        "scan.pdf": ((malformed / "grayscale-image.pdf").read_bytes(), "no_text"),
        "half.docx": ((malformed / "truncated_half.docx").read_bytes(), "unreadable"),
        "binary.csv": ((malformed / "random_bytes.csv").read_bytes(), "unreadable"),
        "spaces.txt": (b"   \n\n ", "no_text"),
    }
    good = {f"good-{n}.txt": f"The lighthouse number {n} was built by Keeper{n} Marlow.".encode() for n in range(4)}
    order = [name for pair in zip(bad, [*good, *[""] * len(bad)], strict=False) for name in pair if name]
    for name in order:
        administrator.upload(kb_id, name, bad[name][0] if name in bad else good[name])
    ended = {item["filename"]: item for item in administrator.settled(kb_id, len(order))}
    for name, (_, code) in bad.items():
        assert (ended[name]["status"], ended[name]["code"]) == ("FAILED", code), ended[name]
        assert ended[name]["reason"].endswith("."), ended[name]
    assert {ended[name]["status"] for name in good} == {"READY"}
    for n in range(4):
        assert f"Keeper{n}" in administrator.ask(kb_id, f"Who built the lighthouse number {n}?")["text"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"filename": "tool.exe", "size_bytes": 10}, 400, "unsupported_type"),
        ({"filename": "notes.unheard-of", "size_bytes": 10}, 400, "unsupported_type"),
        ({"filename": "a.txt", "size_bytes": 0}, 400, "empty_file"),
        ({"filename": "a.txt", "size_bytes": MAX_UPLOAD_BYTES + 1}, 413, "file_too_large"),
        ({"filename": "a.txt"}, 400, "invalid_request"),
        ({"filename": "a.txt", "size_bytes": 1, "sise": 1}, 400, "invalid_request"),
        ({"filename": "../../", "size_bytes": 1}, 400, "invalid_filename"),
    ],
)
def test_what_cannot_become_a_document_is_refused_when_it_is_announced(
    administrator: Person, kb_id: str, body: dict[str, object], status: int, code: str
) -> None:
    assert administrator.refused("POST", f"/knowledge-bases/{kb_id}/documents", body)[:2] == (status, code)
    assert administrator.documents(kb_id) == {}


def test_an_upload_larger_than_announced_never_answers(administrator: Person, kb_id: str) -> None:
    content = b"The larger file says that the ferry leaves from Brunnen. " * 40
    document_id, response = administrator.try_upload(kb_id, "larger.txt", content, announced_bytes=100)
    if response.is_success:  # a store that does not hold uploads to their policy
        ended = administrator.document(kb_id, document_id)
        assert (ended["status"], ended["code"]) == ("FAILED", "larger_than_announced")
        assert ended["reason"].endswith(".")
    else:
        assert response.status_code == 400
    assert administrator.ask(kb_id, "From where does the ferry leave?")["refused"]


def test_a_file_over_the_limit_in_the_inbox_fails_and_others_go_on(
    platform: Platform, administrator: Person, kb_id: str
) -> None:
    s3 = platform.client("s3")
    s3.put_object(Bucket=platform.bucket, Key=f"inbox/demo/{kb_id}/huge.txt", Body=b"\n" * (MAX_UPLOAD_BYTES + 1))
    s3.put_object(Bucket=platform.bucket, Key=f"inbox/demo/{kb_id}/small.txt", Body=b"The small file is here.")
    ended = {item["filename"]: item for item in administrator.settled(kb_id, 2)}
    assert (ended["huge.txt"]["status"], ended["huge.txt"]["code"]) == ("FAILED", "file_too_large")
    assert ended["small.txt"]["status"] == "READY"
    s3.delete_object(Bucket=platform.bucket, Key=f"inbox/demo/{kb_id}/huge.txt")


def test_an_empty_or_unsupported_object_in_the_inbox_fails_with_its_reason(
    platform: Platform, administrator: Person, kb_id: str
) -> None:
    for name, content in (("empty.pdf", b""), ("tool.exe", b"MZ"), ("fine.txt", b"A fine text stands here.")):
        platform.client("s3").put_object(Bucket=platform.bucket, Key=f"inbox/demo/{kb_id}/{name}", Body=content)
    ended = {item["filename"]: (item["status"], item["code"]) for item in administrator.settled(kb_id, 3)}
    assert ended == {
        "empty.pdf": ("FAILED", "empty_file"),
        "tool.exe": ("FAILED", "unsupported_type"),
        "fine.txt": ("READY", ""),
    }


def test_a_body_that_is_not_json_is_refused(administrator: Person) -> None:
    refused = administrator.refused("POST", "/knowledge-bases", content=b'{"name": ')
    assert refused[:2] == (400, "invalid_json")


def test_a_question_of_100_000_characters_is_refused_at_once(administrator: Person, kb_id: str) -> None:
    began = time.monotonic()
    for path, field in (("answers", "question"), ("searches", "query")):
        status, code, _ = administrator.refused("POST", f"/knowledge-bases/{kb_id}/{path}", {field: "word " * 20_000})
        assert (status, code) == (413, "question_too_long")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("kb", ["kb_00000000000000000000000000000000", "%2e%2e", "Not%20there"])
def test_a_knowledge_base_that_does_not_exist_is_not_found(administrator: Person, kb: str) -> None:
    refused = administrator.refused("POST", f"/knowledge-bases/{kb}/answers", {"question": "Anything?"})
    assert refused[:2] == (404, "unknown_knowledge_base")


def signed_token(platform: Platform, *, expires_at: datetime) -> str:
    """A token that the pool itself could have issued: its own key and claims, with another end."""
    token = platform.administrator().token
    claims = jwt.decode(token, options={"verify_signature": False})
    pool = platform.known["user_pool_id"]
    key = (platform.home.state / "cognito-pool-keys" / f"{pool}-id.pem").read_text()
    claims |= {"iat": int((expires_at - timedelta(hours=1)).timestamp()), "exp": int(expires_at.timestamp())}
    claims["auth_time"] = claims["iat"]
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": jwt.get_unverified_header(token)["kid"]})


def test_an_expired_a_forged_and_a_missing_token_are_refused(platform: Platform, administrator: Person) -> None:
    valid = signed_token(platform, expires_at=datetime.now(UTC) + timedelta(minutes=30))
    assert administrator.send("GET", "/me", headers={"Authorization": f"Bearer {valid}"}).status_code == 200
    expired = signed_token(platform, expires_at=datetime.now(UTC) - timedelta(minutes=5))
    forged = valid[:-12] + ("A" * 12 if not valid.endswith("A" * 12) else "B" * 12)
    for token in (expired, forged, "nonsense"):
        response = administrator.send("GET", "/me", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 401, (token[:10], response.text)
    assert administrator.http.get(f"{platform.api_url}/v1/me").status_code == 401


def test_an_upload_that_never_comes_fails_when_its_time_is_over(
    platform: Platform, administrator: Person, kb_id: str
) -> None:
    waiting = administrator.call(
        "POST", f"/knowledge-bases/{kb_id}/documents", {"filename": "late.txt", "size_bytes": 5}, status=201
    )["document_id"]
    other = administrator.upload(kb_id, "here.txt", b"What is here is here.")
    assert administrator.document(kb_id, other)["status"] == "READY"
    outputs = platform.known["outputs"]
    table = platform.table("registry_table")
    row = next(item for item in table.scan()["Items"] if item.get("document_id") == waiting)
    past = "2020-01-01T00:00:00.000Z"
    keys = {key["AttributeName"]: row[key["AttributeName"]] for key in table.key_schema}
    table.update_item(Key=keys, UpdateExpression="SET deadline = :past", ExpressionAttributeValues={":past": past})
    platform.client("lambda").invoke(FunctionName=outputs["reconciler_function"], Payload=b"{}")
    ended = awaited(
        lambda: next(
            (item for item in administrator.documents(kb_id).values() if item["status"] == "FAILED"), None
        ),
        "the end of the upload that never came",
    )  # fmt: skip
    assert (ended["document_id"], ended["code"]) == (waiting, "upload_missing")
    assert administrator.document(kb_id, other)["status"] == "READY"
