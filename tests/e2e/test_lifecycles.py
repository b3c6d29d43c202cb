"""Each layer goes to its next version and back under the other's old one, while people ask and drop documents.

The next version is the source tree with a small, real change: an optional field of an event and a new version of the
event beside the old in the ML layer, a header in the application layer.

The emulator kills the workers of a function whose code is replaced, in the middle of a request; AWS lets them finish.
So people here repeat a request that was cut off (502, or 503 where the
other layer's worker was killed), under the same idempotency key. How often that was needed is
counted and bounded; what is still not answered then is a failure.
"""

import json
import shutil
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.deployment.account import Account
from infra.deployment.rollout import Rollout
from infra.deployment.stacks import DeployFailed
from infra.deployment.stages import Stage
from infra.deployment.templates import NEIGHBOUR_TYPE, ROOT, committed
from infra.local.clients import session
from tests.e2e.platform import Person, Platform, awaited

FACT = b"The canteen of the lighthouse opens at seven in the morning and closes at nine in the evening."
QUESTION = "When does the canteen of the lighthouse open?"
SETTLED_S = 240.0
VISIBLE_AGAIN_S = 30
"""The message of a worker that was killed comes again after this time instead of its usual 3 to 12 minutes."""
CUT_OFF = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
FIELD = '    type: Literal["document.published.v1"] = "document.published.v1"\n'
SECOND_VERSION = '''

class DocumentPublishedV2(DocumentPublished):
    """ml -> bus: the same, for readers of the next version."""

    name: ClassVar[str] = "document.published.v2"
    type: Literal["document.published.v2"] = "document.published.v2"  # type: ignore[assignment]
'''
BESIDE = """        from shared.contracts.events import DocumentPublished, DocumentPublishedV2
        again = [one.model_dump(exclude={"type"}) for one in events if isinstance(one, DocumentPublished)]
        events = [*events, *(DocumentPublishedV2.model_validate(one) for one in again)]
"""


def change(path: Path, old: str, new: str) -> None:
    """Edit a source; what is to be edited must be there."""
    text = path.read_text()
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree of version N+1."""
    checkout = tmp_path_factory.mktemp("next")
    for name in ("functions", "shared", "infra"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    events = checkout / "shared" / "contracts" / "events.py"
    change(events, FIELD, FIELD + '    language: str = "und"\n')
    with events.open("a") as file:
        file.write(SECOND_VERSION)
    bus = next((checkout / "functions" / "ml" / "adapters").glob("*bus*.py"))
    loop = "        for start in range(0, len(events), BATCH_LIMIT):\n"
    change(bus, loop, BESIDE + loop)
    routing = checkout / "functions" / "application" / "api" / "routing.py"
    cache = '            "Cache-Control": "no-store",\n'
    change(routing, cache, cache + '            "X-Version": "next",\n')
    return checkout


@dataclass
class Traffic:
    """People who ask and drop documents until they are told to stop."""

    person: Person
    kb_id: str
    asked: int = 0
    cut_off: int = 0
    failed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Traffic":
        self._threads = [threading.Thread(target=self._repeat, args=(one,)) for one in (self._ask, self._drop)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(120)

    def more(self) -> None:
        """Wait until three more questions were answered and two more documents dropped."""
        asked, dropped = self.asked + 3, len(self.dropped) + 2
        awaited(lambda: self.failed or (self.asked >= asked and len(self.dropped) >= dropped), "more traffic")
        assert self.failed == []

    def _repeat(self, act: Callable[[], None]) -> None:
        while not self._over.wait(0.3):
            try:
                act()
            except Exception as error:
                self.failed.append(repr(error))

    def _ask(self) -> None:
        answer = self._sent(f"/knowledge-bases/{self.kb_id}/answers", {"question": QUESTION})
        if answer["refused"] or "seven" not in answer["text"]:
            self.failed.append(json.dumps(answer))
        self.asked += 1

    def _drop(self) -> None:
        number = len(self.dropped)
        text = f"Minutes of the meeting number {number}. Nothing was decided about the budget of year {3000 + number}."
        filename, content = f"minutes-{number}.txt", text.encode()
        announced = {"filename": filename, "size_bytes": len(content)}
        made = self._sent(f"/knowledge-bases/{self.kb_id}/documents", announced)
        form = made["upload"]
        stored = self.person.http.post(form["url"], data=form["fields"], files={"file": (filename, content)})
        assert stored.is_success, stored.text
        self.dropped.append(made["document_id"])

    def _sent(self, path: str, body: object) -> dict[str, Any]:
        """Send a write, and again under the same key where it was cut off or is still under way."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        cut_off = False

        def attempt() -> httpx.Response | None:
            nonlocal cut_off
            response = self.person.send("POST", path, body, headers=key)
            status = response.status_code
            if status in CUT_OFF or (cut_off and status == HTTPStatus.CONFLICT):
                self.cut_off += not cut_off
                cut_off = True
                return None
            return response

        (response,) = awaited(lambda: [one for one in (attempt(),) if one is not None], "an answer", deadline_s=60)
        assert response.is_success, response.text
        found: dict[str, Any] = response.json()
        return found


@dataclass(frozen=True)
class Layers:
    """The two layers of a running platform, each of which can go on and back."""

    platform: Platform
    next_version: Path

    def rollout(self, stack: str, checkout: Path = ROOT) -> Rollout:
        account = Account(session(), timeout_s=120)
        described = account.stacks.client.describe_stacks(StackName=f"strata-local-{stack}")["Stacks"][0]
        declared = committed(stack).parameters
        given = {
            one["ParameterKey"]: one["ParameterValue"]
            for one in described["Parameters"]
            if declared[one["ParameterKey"]]["Type"] != NEIGHBOUR_TYPE and one["ParameterKey"] != "Stage"
        }
        return Rollout(account, Stage("local", "sources", given), print, lambda question: True, checkout)

    def start(self) -> None:
        for stack in ("application", "ml"):
            self.rollout(stack).deploy([stack])

    def go_on(self, stack: str) -> None:
        self.rollout(stack, self.next_version).deploy([stack])

    def go_back(self, stack: str) -> None:
        self.rollout(stack).rollback(stack)


@pytest.fixture
def layers(fresh_platform: Platform, next_version: Path, monkeypatch: pytest.MonkeyPatch) -> Layers:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{fresh_platform.port}")
    found = Layers(fresh_platform, next_version)
    found.start()
    sqs = fresh_platform.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBLE_AGAIN_S)})
    return found


def overheard(platform: Platform) -> Callable[[], list[dict[str, Any]]]:
    """Listen to the ML layer's events; the function returned gives all heard so far."""
    sqs, events = platform.client("sqs"), platform.client("events")
    bus = platform.client("ssm").get_parameter(Name="/strata/local/contracts/bus-name")["Parameter"]["Value"]
    url = sqs.create_queue(QueueName="overheard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="overheard", EventBusName=bus, EventPattern=json.dumps({"source": ["strata.ml"]}))
    events.put_targets(Rule="overheard", EventBusName=bus, Targets=[{"Id": "overheard", "Arn": arn}])
    heard: list[dict[str, Any]] = []

    def listen() -> list[dict[str, Any]]:
        while got := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in got:
                heard.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return heard

    return listen


def test_each_layer_goes_on_and_back_alone_while_people_ask_and_drop(layers: Layers) -> None:
    person = layers.platform.administrator()
    kb_id = person.knowledge_base("Lighthouse")
    person.document(kb_id, person.upload(kb_id, "canteen.txt", FACT))
    listen = overheard(layers.platform)

    def is_next_application() -> bool:
        return "X-Version" in person.send("GET", "/me").headers

    def is_next_ml() -> bool:
        return any(event["detail-type"] == "document.published.v2" for event in listen())

    with Traffic(person, kb_id) as traffic:
        traffic.more()
        layers.go_on("ml")  # ML N+1 under application N
        awaited(is_next_ml, "an event of the next version")
        assert not is_next_application()
        traffic.more()
        layers.go_back("ml")
        traffic.more()
        layers.go_on("application")  # application N+1 under ML N
        awaited(is_next_application, "the next application layer")
        traffic.more()
        layers.go_back("application")
        awaited(lambda: not is_next_application(), "the application layer before")
        traffic.more()

    settled = person.settled(kb_id, len(traffic.dropped) + 1, deadline_s=SETTLED_S)
    published = [event["detail"] for event in listen() if event["detail-type"] == "document.published.v1"]
    assert traffic.failed == []
    assert traffic.asked >= 15
    assert traffic.cut_off <= 8, "more than one request of each kind for each of the four replacements"
    assert {one["status"] for one in settled} == {"READY"}
    assert {one["document_id"] for one in settled} >= set(traffic.dropped)
    assert {"language" in detail for detail in published} == {True, False}


def test_a_removed_field_is_refused_before_anything_is_deployed(layers: Layers, tmp_path: Path) -> None:
    checkout = tmp_path / "worse"
    shutil.copytree(layers.next_version, checkout)
    schema = checkout / "shared" / "contracts" / "schemas" / "document.published.v1.json"
    document = json.loads(schema.read_text())
    del document["properties"]["chunks"]
    document["required"].remove("chunks")
    schema.write_text(json.dumps(document))
    before = layers.rollout("ml").account.stacks.find("strata-local-ml")

    with pytest.raises(DeployFailed, match=r"document\.published\.v1.*chunks"):
        layers.rollout("ml", checkout).deploy(["ml"])

    assert layers.rollout("ml").account.stacks.find("strata-local-ml") == before
