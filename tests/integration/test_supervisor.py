"""`make up` and `make down` from outside: one process that starts everything, and nothing left when it is gone."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.home import Home
from infra.local.processes import started
from tests.integration.emulator_process import ROOT, free_port
from tests.integration.small_platform import client


class Platform:
    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.port = free_port()
        self.log = home.parent / "console"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "STRATA_HOME": str(self.home.root), "STRATA_PORT": str(self.port), **more}

    def launch(self, **more: str) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.small_platform"],
                cwd=ROOT, env=self.environment(**more), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        return self.process

    def up(self) -> "Platform":
        process = self.launch()
        self.wait_for(lambda: "Strata is ready" in self.shown() or process.poll() is not None)
        assert process.poll() is None, self.shown()
        return self

    def shown(self) -> str:
        return self.log.read_text()

    def wait_for(self, condition: Callable[[], bool], deadline_s: float = 60.0) -> None:
        end = time.monotonic() + deadline_s
        while not condition():
            assert time.monotonic() < end, self.shown()
            time.sleep(0.03)

    def ended(self) -> int:
        assert self.process is not None
        return self.process.wait(timeout=40)

    def down(self) -> str:
        command = [sys.executable, "-m", "infra.local.down"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=True)
        return done.stdout

    def known(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.home.platform_file.read_text())
        return found

    def emulator_pid(self) -> int:
        return int(json.loads(self.home.running_file.read_text())["emulator"]["pid"])

    def left(self) -> dict[int, str]:
        """Processes that work in or were given a folder of this installation."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                text = (entry / "cmdline").read_text().replace("\0", " ") + str((entry / "cwd").readlink())
            except OSError:
                continue
            if str(self.home.root) in text:
                found[int(entry.name)] = text
        return found


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(tmp_path / "home")
    yield platform
    if platform.process is not None and platform.process.poll() is None:
        platform.process.kill()
        platform.process.wait()
    platform.wait_for(lambda: not platform.left(), deadline_s=20)


def test_up_shows_where_the_platform_is_and_down_leaves_no_process_and_all_state(platform: Platform) -> None:
    platform.up()
    known = platform.known()
    assert known["endpoint"] == known["api_url"] == f"http://127.0.0.1:{platform.port}"
    assert stat.S_IMODE(platform.home.platform_file.stat().st_mode) == 0o600
    assert known["password"] in platform.shown()
    client(known["endpoint"], "dynamodb").put_item(TableName="rows", Item={"pk": {"S": "kept"}})
    platform.wait_for(lambda: "reconciled  documents=3" in platform.shown())
    assert "_aws" not in platform.shown()
    assert platform.left()
    assert "is stopped" in platform.down()
    assert platform.ended() == 0
    assert not platform.left()

    began = time.monotonic()
    platform.up()
    assert time.monotonic() - began < 20
    assert "stack unchanged" in platform.shown()
    assert platform.known()["password"] == known["password"]
    assert client(known["endpoint"], "dynamodb").get_item(TableName="rows", Key={"pk": {"S": "kept"}})["Item"]


def test_ctrl_c_stops_the_platform_cleanly(platform: Platform) -> None:
    platform.up()
    assert platform.process is not None
    platform.process.send_signal(signal.SIGINT)
    assert platform.ended() == 0
    assert not platform.left()
    assert "Traceback" not in platform.shown()


def test_ctrl_c_while_it_starts_stops_it_too(platform: Platform) -> None:
    process = platform.launch(SMALL_PLATFORM="hangs")
    platform.wait_for(lambda: "hanging" in platform.shown())
    process.send_signal(signal.SIGINT)
    assert platform.ended() == 0
    assert not platform.left()


def test_a_second_up_says_that_one_is_running_and_where(platform: Platform) -> None:
    platform.up()
    command = [sys.executable, "-m", "tests.integration.small_platform"]
    second = subprocess.run(command, cwd=ROOT, env=platform.environment(), capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"already running at http://127.0.0.1:{platform.port}" in second.stdout
    assert client(platform.known()["endpoint"], "dynamodb").list_tables()["TableNames"] == ["rows"]


def test_a_taken_port_is_named_and_nothing_is_started(platform: Platform) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", platform.port))
        other.listen()
        platform.launch()
        assert platform.ended() == 1
    assert f"Port {platform.port} is in use by another program" in platform.shown()
    assert "make up PORT=" in platform.shown()


def test_a_deployment_that_fails_is_explained_and_leaves_nothing(platform: Platform) -> None:
    platform.launch(SMALL_PLATFORM="fails")
    assert platform.ended() == 1
    assert "As the test asked." in platform.shown()
    assert not platform.left()


def test_the_death_of_the_emulator_is_told_with_what_to_do(platform: Platform) -> None:
    platform.up()
    os.kill(platform.emulator_pid(), signal.SIGKILL)
    assert platform.ended() == 1
    assert "was killed by SIGKILL" in platform.shown()
    assert "make up" in platform.shown()
    platform.wait_for(lambda: not platform.left(), deadline_s=5)


def test_after_a_kill_of_every_process_up_works_again(platform: Platform) -> None:
    platform.up()
    endpoint = platform.known()["endpoint"]
    client(endpoint, "dynamodb").put_item(TableName="rows", Item={"pk": {"S": "kept"}})
    assert platform.process is not None
    for pid in (platform.process.pid, *platform.left()):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    platform.ended()
    assert platform.home.running_file.exists()
    platform.up()
    assert client(endpoint, "dynamodb").get_item(TableName="rows", Key={"pk": {"S": "kept"}})["Item"]


def test_up_right_after_the_supervisor_was_killed_waits_for_the_former_emulator(platform: Platform) -> None:
    platform.up()
    former = platform.emulator_pid()
    assert platform.process is not None
    platform.process.kill()
    platform.ended()
    platform.up()
    assert started(former) == ""
    assert platform.emulator_pid() != former


def test_down_ends_the_emulator_that_a_killed_supervisor_left(platform: Platform) -> None:
    platform.up()
    emulator = platform.emulator_pid()
    assert platform.process is not None
    platform.process.kill()
    platform.ended()
    platform.down()
    assert started(emulator) == ""
    assert not platform.left()


def test_down_says_when_nothing_runs(platform: Platform) -> None:
    assert "not running" in platform.down()


def test_a_process_number_used_again_is_not_taken_for_ours(platform: Platform) -> None:
    platform.home.make()
    stranger = {"pid": os.getpid(), "started": "long ago"}
    platform.home.running_file.write_text(json.dumps({"supervisor": stranger, "emulator": stranger}))
    assert "not running" in platform.down()


def test_a_model_that_a_function_asks_for_is_built_while_the_platform_runs(platform: Platform) -> None:
    platform.up()
    (platform.home.models / "fast.wanted").touch()
    platform.wait_for(lambda: "built fast" in platform.shown())


def test_logs_are_kept_in_files(platform: Platform) -> None:
    platform.up()
    functions = platform.home.logs / "functions.log"
    platform.wait_for(lambda: functions.exists() and "reconciled" in functions.read_text())
    assert (platform.home.logs / "emulator.log").read_text()
