"""A message that is sent while others are removed is not lost."""

import copy
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.emulator import queues
from infra.local.emulator.private_names import module

URL = "http://127.0.0.1/000000000000/work"


class Slow(queues.Messages):
    """Takes a while to be gone through, so that something happens meanwhile."""

    def __iter__(self) -> Iterator[Any]:
        for item in list.__iter__(self):
            time.sleep(0.01)
            yield item


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Any:
    sqs = module("services.sqs")
    for name in ("_queues_lock", "_dlq_sweep", "_expire_retained", "_delete_messages_for_esm"):
        monkeypatch.setattr(sqs, name, getattr(sqs, name))
    made = {"messages": [message(number) for number in range(10)], "attributes": {}, "is_fifo": False}
    monkeypatch.setattr(sqs, "_get_q", lambda *_: made)
    queues.install()
    sqs._receive_messages_for_esm(URL, 1)
    return made


def message(number: int) -> dict[str, Any]:
    return {
        "id": str(number), "receipt_handle": str(number), "visible_at": 0.0, "receive_count": 0, "sent_at": time.time(),
        "body": "", "md5_body": "", "sys": {}, "first_receive_at": None, "message_attributes": {}, "group_id": None,
    }  # fmt: skip


def test_messages_sent_while_others_are_removed_stay(queue: Any) -> None:
    sqs = module("services.sqs")
    removed = {item["receipt_handle"] for item in queue["messages"]}
    queue["messages"] = Slow(queue, sqs._queues_lock, queue["messages"])
    removing = threading.Thread(target=sqs._delete_messages_for_esm, args=(URL, removed))
    removing.start()
    for number in range(10, 20):
        queue["messages"].append(message(number))
        time.sleep(0.005)
    removing.join()
    assert sorted(item["id"] for item in queue["messages"]) == [str(number) for number in range(10, 20)]


def test_what_is_saved_is_a_plain_list(queue: Any) -> None:
    assert isinstance(queue["messages"], queues.Messages)
    assert type(copy.deepcopy(queue)["messages"]) is list
    assert len(json.loads(json.dumps(queue))["messages"]) == 10
