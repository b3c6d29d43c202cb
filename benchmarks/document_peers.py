"""Other parsers to measure, each in an environment of its own that is made on first use."""

import hashlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.document_engines import TIME_LIMIT_S, Outcome
from benchmarks.document_measures import tokens_of
from benchmarks.document_sets import DocumentFile
from benchmarks.markdown_pieces import markdown_pieces

PEERS = ("docling", "markitdown", "unstructured")
_FOLDER = Path(__file__).parent / "peers"
_START_LIMIT_S = 180
_GRACE_S = 15
# Nothing is fetched while measuring: a parser that needs a model says so.
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true"}


def version(peer: str) -> str:
    """Return the release that a peer is pinned to."""
    lines = (_FOLDER / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith((f"{peer}==", f"{peer}-slim==")))


def peer_outcomes(peer: str, files: Iterable[DocumentFile]) -> Iterator[Outcome]:
    """Convert each file in the peer's own process; one that dies or hangs is started anew for the next file.

    Args:
        peer: one of PEERS.
        files: in the order in which they are read.
    """
    python = environment(peer)
    process: subprocess.Popen[str] | None = None
    for file in files:
        process = process or _started(python, peer)
        started = time.perf_counter()
        answer = _ask(process, str(file.path), TIME_LIMIT_S + _GRACE_S)
        if answer is None:
            status = "late" if process.poll() is None else "crashed"
            _ended(process)
            process = None
            yield Outcome(file.name, status, status, time.perf_counter() - started)
            continue
        pieces = tuple(markdown_pieces(answer["markdown"]))
        empty = answer["status"] == "parsed" and not any(tokens_of(pieces))
        status, reason = ("failed", "empty") if empty else (answer["status"], answer["reason"])
        yield Outcome(file.name, status, reason, answer["seconds"], pieces)
    if process:
        _ended(process)


def environment(peer: str) -> Path:
    """Return the Python of the peer's environment outside the checkout, installed now when it is missing."""
    requirements = _FOLDER / f"{peer}.txt"
    pinned = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "strata" / "peers" / f"{peer}-{pinned}"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        uv = [sys.executable, "-m", "uv", "--quiet"]
        subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, folder], check=True)
        # The file names everything that is needed and leaves out on purpose some that the packages ask for.
        subprocess.run([*uv, "pip", "install", "--no-deps", "--python", python, "-r", requirements], check=True)
        (folder / "installed").touch()
    return python


def _started(python: Path, peer: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [python, _FOLDER / "convert.py", peer, str(TIME_LIMIT_S)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, **_OFFLINE},
    )
    if _answer(process, _START_LIMIT_S) is None:
        _ended(process)
        raise RuntimeError(f"{peer} does not start; run {python} {_FOLDER / 'convert.py'} {peer} 10 to see why.")
    return process


def _ask(process: subprocess.Popen[str], line: str, limit_s: float) -> dict[str, Any] | None:
    assert process.stdin is not None
    print(line, file=process.stdin, flush=True)
    return _answer(process, limit_s)


def _answer(process: subprocess.Popen[str], limit_s: float) -> dict[str, Any] | None:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], limit_s)
    line = process.stdout.readline() if ready else ""
    answer: dict[str, Any] | None = json.loads(line) if line else None
    return answer


def _ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
