import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.ml.ingestion.parser_processes import Child, ParserProcesses
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from shared.kernel.errors import TooLarge, Unavailable

ROOT = Path(__file__).parents[3]
ASKS_AND_WAITS = """
from pathlib import Path
from functions.ml.ingestion.sandbox import SandboxedParser
SandboxedParser(parse="tests.unit.ingestion.hostile:sleep")(Path({path!r}), filename="any.txt")
"""


@pytest.fixture
def processes() -> Iterator[ParserProcesses]:
    started = ParserProcesses()
    yield started
    started.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "any.txt"
    path.write_text("any text", encoding="utf-8")
    return path


def hostile(name: str, processes: ParserProcesses, limits: ParserLimits | None = None) -> SandboxedParser:
    return SandboxedParser(limits or ParserLimits(), f"tests.unit.ingestion.hostile:{name}", processes)


def sleeper(processes: ParserProcesses, file: Path) -> Child:
    return processes.start(hostile("sleep", processes)._job(file, "any.txt"))


def children_of(pid: int) -> list[int]:
    try:
        return [int(found) for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def awaited(pids: list[int]) -> bool:
    """Wait until none of the processes is alive."""
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


def child_of(pid: int) -> int:
    deadline = time.monotonic() + 10
    while not (found := children_of(pid)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found[0]


def server_of(processes: ParserProcesses) -> int:
    assert processes._server is not None
    return processes._server.pid


def server_now(processes: ParserProcesses) -> int | None:
    """The server's process id; none between the end of one and the start of the next."""
    server = processes._server
    return server.pid if server else None


def test_nothing_that_a_document_leaves_behind_is_there_for_the_next(processes: ParserProcesses, file: Path) -> None:
    said = [hostile("remember", processes)(file, filename=name).blocks[0].text for name in ("one", "two", "three")]
    assert said == ["one saw []", "two saw []", "three saw []"]


def test_documents_are_parsed_at_the_same_time(processes: ParserProcesses, file: Path) -> None:
    waiting = sleeper(processes, file)
    with ThreadPoolExecutor(4) as pool:
        parsed = list(
            pool.map(lambda name: hostile("remember", processes)(file, filename=name).blocks[0].text, "abcdefgh")
        )
    assert parsed == [f"{name} saw []" for name in "abcdefgh"]
    assert len(children_of(server_of(processes))) == 1
    waiting.end()


def test_a_child_whose_answer_nobody_waits_for_is_killed(processes: ParserProcesses, file: Path) -> None:
    child = sleeper(processes, file)
    pid = child_of(server_of(processes))
    child.end()
    assert awaited([pid])


def test_after_a_time_limit_no_process_is_left(processes: ParserProcesses, file: Path) -> None:
    with pytest.raises(TooLarge):
        hostile("sleep", processes, ParserLimits(wall_s=0.5))(file, filename="any.txt")
    assert awaited(children_of(server_of(processes)))


def test_a_server_that_somebody_ended_is_started_again(processes: ParserProcesses, file: Path) -> None:
    hostile("chatter", processes)(file, filename="any.txt")
    former = server_of(processes)
    os.kill(former, signal.SIGKILL)
    assert awaited([former])
    assert hostile("chatter", processes)(file, filename="any.txt").blocks[0].text == "clean"
    assert server_of(processes) != former


def test_a_child_does_not_outlive_its_server_and_says_that_it_has_no_status(
    processes: ParserProcesses, file: Path
) -> None:
    child = sleeper(processes, file)
    pid = child_of(server_of(processes))
    os.kill(server_of(processes), signal.SIGKILL)
    assert awaited([pid])
    assert child.status(timeout_s=5) is None
    child.end()


def test_a_document_is_parsed_again_when_its_server_is_ended_under_it(processes: ParserProcesses, file: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        hostile("chatter", processes)(file, filename="any.txt")
        former = server_of(processes)
        waiting = pool.submit(hostile("sleep", processes, ParserLimits(wall_s=1.0)), file, filename="any.txt")
        child_of(former)
        os.kill(former, signal.SIGKILL)
        with pytest.raises(TooLarge):  # of the second try; the first had no end of its own
            waiting.result(timeout=20)
    assert server_of(processes) != former


def test_a_document_whose_server_is_ended_again_and_again_is_not_called_broken(
    processes: ParserProcesses, file: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        hostile("chatter", processes)(file, filename="any.txt")
        waiting = pool.submit(hostile("sleep", processes, ParserLimits(wall_s=30.0)), file, filename="any.txt")
        former = server_of(processes)
        for _ in range(2):
            child_of(former)
            os.kill(former, signal.SIGKILL)
            deadline = time.monotonic() + 10
            while server_now(processes) in (None, former) and not waiting.done() and time.monotonic() < deadline:
                time.sleep(0.01)
            former = server_now(processes) or former
        with pytest.raises(Unavailable) as lost:
            waiting.result(timeout=20)
    assert lost.value.code == "parser_lost"


def test_neither_server_nor_child_outlives_the_process_that_asked(file: Path) -> None:
    asking = subprocess.Popen([sys.executable, "-c", ASKS_AND_WAITS.format(path=str(file))], cwd=ROOT)
    server = child_of(asking.pid)
    child = child_of(server)
    assert is_alive(child)
    asking.kill()
    asking.wait()
    assert awaited([server, child])


def test_the_child_leads_a_session_of_its_own(processes: ParserProcesses, file: Path) -> None:
    child = sleeper(processes, file)
    pid = child_of(server_of(processes))
    deadline = time.monotonic() + 5
    while os.getsid(pid) != pid and time.monotonic() < deadline:
        time.sleep(0.01)
    assert os.getsid(pid) == os.getpgid(pid) == pid
    child.end()


def test_a_job_holds_nothing_but_the_file_its_name_the_limits_and_the_options(
    processes: ParserProcesses, file: Path
) -> None:
    job = json.loads(hostile("chatter", processes)._job(file, "any.txt"))
    assert set(job) == {"path", "filename", "parse", "limits", "options"}
