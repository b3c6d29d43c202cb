"""What a killed emulator still knows: measured against what it had acknowledged."""

import hashlib
import io
import random
import resource
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.emulator_process import EmulatorProcess

ALLOWED_LOSS_S = 1.0


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess(tmp_path / "home").start()
    yield process
    process.end()


@dataclass
class Writer:
    """One kind of write, repeated at full speed until the emulator is gone; knows when each was acknowledged."""

    write: Callable[[str], Any]
    name: str
    acknowledged: dict[str, float] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        number = len(self.acknowledged)
        while not stop.is_set():
            key = f"{self.name}-{number:06d}"
            try:
                self.write(key)
            except (BotoCoreError, ClientError):
                return
            self.acknowledged[key] = time.monotonic()
            number += 1

    def lost(self, present: set[str], killed: float) -> list[float]:
        """How long before the kill each missing write was acknowledged, seconds."""
        return [killed - at for key, at in self.acknowledged.items() if key not in present]


def create_table(client: Any, name: str = "rows") -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip


def scan(client: Any, table: str = "rows") -> list[dict[str, Any]]:
    return [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]


def content(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest() * 200


class Load:
    """Everything the platform writes, all at once."""

    def __init__(self, emulator: EmulatorProcess) -> None:
        self.dynamodb, self.sqs = emulator.client("dynamodb"), emulator.client("sqs")
        self.cognito, self.ssm, self.s3 = (emulator.client(name) for name in ("cognito-idp", "ssm", "s3"))
        create_table(self.dynamodb)
        self.queue = self.sqs.create_queue(QueueName="work")["QueueUrl"]
        self.pool = self.cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
        self.s3.create_bucket(Bucket="documents")
        enabled = {"Status": "Enabled"}
        self.s3.put_bucket_versioning(Bucket="documents", VersioningConfiguration=enabled)
        self.versions: dict[str, str] = {}
        self.writers = [
            Writer(self.put_row, "row"), Writer(self.put_pair, "pair"), Writer(self.send, "message"),
            Writer(self.sign_up, "user"), Writer(self.set_parameter, "parameter"), Writer(self.put_object, "object"),
        ]  # fmt: skip

    def put_row(self, key: str) -> None:
        item = {"pk": {"S": key}, "sk": {"S": "-"}, "text": {"S": "x" * 500}}
        self.dynamodb.put_item(TableName="rows", Item=item)

    def put_pair(self, key: str) -> None:
        puts = [{"Put": {"TableName": "rows", "Item": {"pk": {"S": key}, "sk": {"S": side}}}} for side in "ab"]
        self.dynamodb.transact_write_items(TransactItems=puts)

    def send(self, key: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=key)

    def sign_up(self, key: str) -> None:
        self.cognito.admin_create_user(UserPoolId=self.pool, Username=key)

    def set_parameter(self, key: str) -> None:
        self.ssm.put_parameter(Name=f"/{key}", Value=key, Type="String")

    def put_object(self, key: str) -> None:
        answer = self.s3.put_object(
            Bucket="documents", Key=key, Body=content(key), ContentType="text/plain", Metadata={"name": key}
        )
        self.versions[key] = answer["VersionId"]

    def present(self) -> dict[str, set[str]]:
        items = scan(self.dynamodb)
        pairs = [item["pk"]["S"] for item in items if item["pk"]["S"].startswith("pair")]
        assert all(pairs.count(key) == 2 for key in set(pairs)), "a transaction is half there"
        users = self.cognito.get_paginator("list_users").paginate(UserPoolId=self.pool)
        parameters = self.ssm.get_paginator("describe_parameters").paginate()
        return {
            "row": {item["pk"]["S"] for item in items if item["pk"]["S"].startswith("row")},
            "pair": set(pairs),
            "message": self.receive_all(),
            "user": {user["Username"] for page in users for user in page["Users"]},
            "parameter": {found["Name"][1:] for page in parameters for found in page["Parameters"]},
            "object": self.objects(),
        }

    def receive_all(self) -> set[str]:
        found: set[str] = set()
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=600)
            if not answer.get("Messages"):
                return found
            found.update(message["Body"] for message in answer["Messages"])

    def objects(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket="documents")
        keys = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
        for key in keys:
            answer = self.s3.get_object(Bucket="documents", Key=key)
            assert answer["Body"].read() == content(key), f"{key} is half written"
            assert (answer["ContentType"], answer["Metadata"]) == ("text/plain", {"name": key})
            assert answer["VersionId"] == self.versions.get(key, answer["VersionId"])
        return keys


def run_until_killed(emulator: EmulatorProcess, load: Load, after_s: float) -> float:
    stop = threading.Event()
    threads = [threading.Thread(target=writer.run, args=(stop,)) for writer in load.writers]
    for thread in threads:
        thread.start()
    time.sleep(after_s)  # the moment of the kill is what varies here
    killed = emulator.kill()
    stop.set()
    for thread in threads:
        thread.join()
    return killed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_loses_at_most_a_second_of_control_data_and_no_document(emulator: EmulatorProcess, seed: int) -> None:
    chance = random.Random(seed)
    load = Load(emulator)
    for _ in range(2):
        killed = run_until_killed(emulator, load, chance.uniform(1.2, 2.5))
        emulator.start()
        present = load.present()
        lost = {writer.name: writer.lost(present[writer.name], killed) for writer in load.writers}
        counts = {writer.name: len(writer.acknowledged) for writer in load.writers}
        assert min(counts.values()) > 5, "too little was written to prove anything"
        assert lost["row"] == lost["pair"] == lost["object"] == []
        assert max((age for ages in lost.values() for age in ages), default=0.0) < ALLOWED_LOSS_S
        for writer in load.writers:
            for key in [key for key in writer.acknowledged if key not in present[writer.name]]:
                del writer.acknowledged[key]
        load.sqs.purge_queue(QueueUrl=load.queue)
        load.writers[2] = Writer(load.send, "message")
        time.sleep(ALLOWED_LOSS_S)  # the purge itself may be as young as that


def test_rows_updated_and_deleted_before_a_kill_are_as_they_were_left(emulator: EmulatorProcess) -> None:
    client = emulator.client("dynamodb")
    create_table(client)
    for number in range(50):
        client.put_item(TableName="rows", Item={"pk": {"S": str(number)}, "sk": {"S": "-"}, "n": {"N": "0"}})
    for number in range(0, 50, 2):
        key = {"pk": {"S": str(number)}, "sk": {"S": "-"}}
        client.update_item(
            TableName="rows", Key=key, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "7"}}
        )
    for number in range(1, 50, 2):
        client.delete_item(TableName="rows", Key={"pk": {"S": str(number)}, "sk": {"S": "-"}})
    client.execute_statement(Statement="DELETE FROM rows WHERE pk='0' AND sk='-'")
    emulator.kill()
    emulator.start()
    found = {item["pk"]["S"]: item["n"]["N"] for item in scan(emulator.client("dynamodb"))}
    assert found == {str(number): "7" for number in range(2, 50, 2)}


def test_a_table_made_anew_under_its_old_name_does_not_get_the_old_rows_back(emulator: EmulatorProcess) -> None:
    client = emulator.client("dynamodb")
    create_table(client)
    client.put_item(TableName="rows", Item={"pk": {"S": "old"}, "sk": {"S": "-"}})
    client.delete_table(TableName="rows")
    create_table(client)
    client.put_item(TableName="rows", Item={"pk": {"S": "new"}, "sk": {"S": "-"}})
    emulator.kill()
    emulator.start()
    assert [item["pk"]["S"] for item in scan(emulator.client("dynamodb"))] == ["new"]


def test_a_message_in_flight_at_the_kill_is_visible_at_once_with_its_receive_count(emulator: EmulatorProcess) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="work")["QueueUrl"]
    for body in ("first", "second"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    taken = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=3600)["Messages"]
    assert [message["Body"] for message in taken] == ["first"]
    time.sleep(ALLOWED_LOSS_S)
    emulator.kill()
    emulator.start()
    counts = "ApproximateReceiveCount"
    again = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=[counts])["Messages"]
    assert {message["Body"]: message["Attributes"][counts] for message in again} == {"first": "2", "second": "1"}


def test_a_token_issued_before_the_kill_stays_valid(emulator: EmulatorProcess) -> None:
    cognito = emulator.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    client_id = app["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Lovelace-1815", Permanent=True)
    secret = {"USERNAME": "ada", "PASSWORD": "Lovelace-1815"}
    tokens = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=secret)
    keys = fetch(emulator, f"/{pool}/.well-known/jwks.json")
    time.sleep(ALLOWED_LOSS_S)
    emulator.kill()
    emulator.start()
    assert fetch(emulator, f"/{pool}/.well-known/jwks.json") == keys
    result = tokens["AuthenticationResult"]
    assert cognito.get_user(AccessToken=result["AccessToken"])["Username"] == "ada"
    renewal = {"REFRESH_TOKEN": result["RefreshToken"]}
    assert cognito.initiate_auth(ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=renewal)


def fetch(emulator: EmulatorProcess, path: str) -> bytes:
    import urllib.request

    with urllib.request.urlopen(emulator.endpoint + path, timeout=10) as answer:
        return bytes(answer.read())


def put_rows(emulator: EmulatorProcess, count: int) -> int:
    client = emulator.client("dynamodb")
    for number in range(count):
        client.put_item(TableName="rows", Item={"pk": {"S": str(number)}, "sk": {"S": "-"}, "text": {"S": "x" * 500}})
    return count


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def test_a_damaged_snapshot_is_set_aside_and_the_last_good_one_is_used(emulator: EmulatorProcess) -> None:
    create_table(emulator.client("dynamodb"))
    put_rows(emulator, 20)
    assert emulator.stop() == 0
    emulator.start()
    put_rows(emulator, 30)
    assert emulator.stop() == 0
    damage(max(emulator.generations.glob("snapshot-*")))
    emulator.start()
    assert len(scan(emulator.client("dynamodb"))) == 30
    told = emulator.state_line()
    assert told["loaded"]
    assert "is damaged" in told["notices"][0]
    assert [path.name for path in Path(told["set_aside"]).iterdir()] == ["snapshot-00000002"]


def test_a_state_without_any_readable_snapshot_is_set_aside_and_documents_stay(emulator: EmulatorProcess) -> None:
    create_table(emulator.client("dynamodb"))
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="documents")
    s3.put_object(Bucket="documents", Key="a.txt", Body=b"kept")
    emulator.stop()
    emulator.start().stop()
    for path in emulator.generations.iterdir():
        damage(path)
        path.write_bytes(b"\0" + path.read_bytes()[1:])
    for path in emulator.generations.glob("journal-00000001"):
        path.unlink()
    emulator.start()
    told = emulator.state_line()
    assert not told["loaded"]
    assert list(Path(told["set_aside"]).iterdir())
    assert emulator.client("dynamodb").list_tables()["TableNames"] == []
    assert emulator.client("s3").get_object(Bucket="documents", Key="a.txt")["Body"].read() == b"kept"


def test_the_last_record_of_a_journal_may_be_torn(emulator: EmulatorProcess) -> None:
    create_table(emulator.client("dynamodb"))
    put_rows(emulator, 20)
    emulator.kill()
    journal = max(emulator.generations.glob("journal-*"))
    journal.write_bytes(journal.read_bytes()[:-5])
    emulator.start()
    assert len(scan(emulator.client("dynamodb"))) >= 19 - 1
    assert emulator.state_line()["set_aside"] is None


def test_the_state_moves_to_another_port(emulator: EmulatorProcess) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="work")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    emulator.stop()
    emulator.port = EmulatorProcess(emulator.home).port
    emulator.start()
    sqs = emulator.client("sqs")
    moved = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    assert f":{emulator.port}/" in moved
    assert sqs.receive_message(QueueUrl=moved)["Messages"][0]["Body"] == "hello"


def test_nothing_but_one_loopback_port_is_opened(emulator: EmulatorProcess) -> None:
    Load(emulator)
    assert emulator.listening() == {f"0100007F:{emulator.port:04X}"}


def test_a_second_emulator_on_the_same_state_refuses_to_start(emulator: EmulatorProcess) -> None:
    second = EmulatorProcess(emulator.home)
    second.log = emulator.home / "second-log"
    with pytest.raises(AssertionError, match="in use by another emulator"):
        second.start()
    second._close_input()


HANDLER = """
import os, subprocess, sys, time
def handler(event, context):
    print("handled by", os.getpid(), file=sys.stderr)
    if event.get("sleep"):
        subprocess.Popen(["sleep", "300"])
        time.sleep(300)
    if event.get("fail"):
        raise ValueError("as asked")
    return {"pid": os.getpid(), "endpoint": os.environ["AWS_ENDPOINT_URL"]}
"""


def archive(source: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("main.py", source)
    return file.getvalue()


def create_function(emulator: EmulatorProcess) -> Any:
    client = emulator.client("lambda")
    client.create_function(
        FunctionName="worker", Runtime="python3.11", Handler="main.handler", Timeout=600,
        Role="arn:aws:iam::000000000000:role/x", Code={"ZipFile": archive(HANDLER)},
    )  # fmt: skip
    return client


def processes(marker: str) -> dict[int, str]:
    """Running processes whose command line or working directory names a folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_text().replace("\0", " ") + str((entry / "cwd").readlink())
        except OSError:
            continue
        if marker in text:
            found[int(entry.name)] = text
    return found


def wait_for(condition: Callable[[], bool], deadline_s: float = 20.0) -> None:
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.02)


def test_functions_work_again_after_a_kill_and_none_of_their_processes_outlives_it(emulator: EmulatorProcess) -> None:
    client = create_function(emulator)
    assert b"pid" in client.invoke(FunctionName="worker")["Payload"].read()
    scratch = str(emulator.home / "state" / "scratch")
    client.invoke(FunctionName="worker", InvocationType="Event", Payload=b'{"sleep": true}')
    wait_for(lambda: any("sleep 300" in text for text in processes(scratch).values()))
    time.sleep(ALLOWED_LOSS_S)
    emulator.kill()
    wait_for(lambda: not processes(scratch), deadline_s=3.0)
    emulator.start()
    answer = emulator.client("lambda").invoke(FunctionName="worker")["Payload"].read()
    assert f"http://127.0.0.1:{emulator.port}".encode() in answer


def test_a_queue_feeds_its_function_again_after_a_kill(emulator: EmulatorProcess) -> None:
    client = create_function(emulator)
    sqs = emulator.client("sqs")
    queue = sqs.create_queue(QueueName="work")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:000000000000:work"
    client.create_event_source_mapping(EventSourceArn=arn, FunctionName="worker")
    time.sleep(ALLOWED_LOSS_S)
    emulator.kill()
    emulator.start()
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    wait_for(lambda: any("handled by" in str(line.get("line")) for line in emulator.lines()))
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    wait_for(
        lambda: set(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=counts)["Attributes"].values()) == {"0"}
    )


def test_a_function_that_fails_shows_its_trace(emulator: EmulatorProcess) -> None:
    create_function(emulator).invoke(FunctionName="worker", Payload=b'{"fail": true}')
    wait_for(lambda: any("ValueError: as asked" in str(line.get("line")) for line in emulator.lines()))


def test_the_emulator_stops_cleanly_when_its_supervisor_dies(emulator: EmulatorProcess) -> None:
    create_table(emulator.client("dynamodb"))
    assert emulator.process is not None
    emulator._close_input()
    assert emulator.process.wait(timeout=20) == 0


def test_a_write_that_does_not_reach_the_disk_is_answered_with_an_error(tmp_path: Path) -> None:
    emulator = EmulatorProcess(tmp_path / "home", journal_bytes=10**9).start()
    dynamodb, s3 = emulator.client("dynamodb"), emulator.client("s3")
    create_table(dynamodb)
    s3.create_bucket(Bucket="documents")
    row = {"pk": {"S": "row"}, "sk": {"S": "-"}, "text": {"S": "x" * 100_000}}
    unlimited = resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
    with pytest.raises(ClientError, match="could not be written to disk"):
        dynamodb.put_item(TableName="rows", Item=row)
    with pytest.raises(ClientError, match="could not be written to disk"):
        s3.put_object(Bucket="documents", Key="large", Body=b"x" * 100_000)
    resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, unlimited)
    dynamodb.put_item(TableName="rows", Item={**row, "pk": {"S": "later"}})
    s3.put_object(Bucket="documents", Key="later", Body=b"x" * 100_000)
    emulator.kill()
    emulator.start()
    assert {item["pk"]["S"] for item in scan(emulator.client("dynamodb"))} == {"row", "later"}
    assert [entry["Key"] for entry in emulator.client("s3").list_objects_v2(Bucket="documents")["Contents"]] == [
        "later"
    ]
    emulator.end()


def test_snapshots_replace_the_journal_while_the_emulator_works(emulator: EmulatorProcess) -> None:
    create_table(emulator.client("dynamodb"))
    first = emulator.generations / "journal-00000001"
    wait_for(lambda: bool(put_rows(emulator, 200)) and not first.exists(), deadline_s=60)
    assert len(list(emulator.generations.glob("snapshot-*"))) == 2, "the last good one is kept"
