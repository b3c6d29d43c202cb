"""The real platform for tests: started as a person starts it, asked as a person asks it, killed as a machine dies."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
from botocore.config import Config

from infra.local.home import Home
from tests.integration.emulator_process import ROOT, free_port

DATA = ROOT / "tests" / "data"
START_DEADLINE_S = 300.0  # the first start of a machine builds the embedding model
STOP_DEADLINE_S = 60.0
POLL_S = 0.1
STRATA = Path(sys.executable).with_name("strata")
Found = TypeVar("Found")


def awaited(
    look: Callable[[], Found | None], what: str, *, deadline_s: float = 120.0, missing: Callable[[], object] = str
) -> Found:
    """Look until something is found; fails by saying what never came, and what is `missing` to it."""
    end = time.monotonic() + deadline_s
    while not (found := look()):
        assert time.monotonic() < end, f"{what} did not come within {deadline_s:.0f} s {missing()}"
        time.sleep(POLL_S)
    return found


class Person:
    """Somebody who signed in: the REST API with their token."""

    def __init__(self, platform: "Platform", email: str, password: str) -> None:
        self.platform = platform
        self.email = email
        self.password = password
        self.token = self.sign_in()
        self.http = httpx.Client(timeout=60, trust_env=False)

    def sign_in(self) -> str:
        """Return a new id token for the password."""
        answer = self.platform.client("cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.platform.known["user_pool_client_id"],
            AuthParameters={"USERNAME": self.email, "PASSWORD": self.password},
        )
        return str(answer["AuthenticationResult"]["IdToken"])

    def send(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        """Call the API and return its response, whatever it is."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.http.request(method, f"{self.platform.api_url}/v1{path}", headers=headers, **more)

    def call(self, method: str, path: str, body: object = None, *, status: int = 0) -> dict[str, Any]:
        """Call the API and return its body; anything but success, or the status that is named, fails."""
        response = self.send(method, path, body)
        right = response.status_code == status if status else response.is_success
        assert right, f"{method} {path}: {response.status_code} {response.text}"
        found: dict[str, Any] = response.json()
        return found

    def refused(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str, str]:
        """Call the API, which must refuse in its own form; return status, code and sentence."""
        response = self.send(method, path, body, **more)
        assert not response.is_success, response.text
        error = response.json()["error"]
        assert error["message"].strip().endswith((".", "!", "?")), error
        return response.status_code, error["code"], error["message"]

    def all(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the items of every page."""
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["cursor"]
            if not cursor:
                return

    def knowledge_base(self, name: str) -> str:
        """Make a knowledge base and return its id."""
        return str(self.call("POST", "/knowledge-bases", {"name": name}, status=201)["kb_id"])

    def upload(self, kb_id: str, filename: str, content: bytes, *, announced_bytes: int | None = None) -> str:
        """Announce a document, send its bytes and return its id; the store must take them."""
        document_id, response = self.try_upload(kb_id, filename, content, announced_bytes=announced_bytes)
        assert response.is_success, response.text
        return document_id

    def try_upload(
        self, kb_id: str, filename: str, content: bytes, *, announced_bytes: int | None = None
    ) -> tuple[str, httpx.Response]:
        """Announce a document, send its bytes and return its id with the store's response."""
        announced = {"filename": filename, "size_bytes": announced_bytes or len(content)}
        made = self.call("POST", f"/knowledge-bases/{kb_id}/documents", announced, status=201)
        upload = made["upload"]
        return made["document_id"], self.http.post(
            upload["url"], data=upload["fields"], files={"file": (filename, content)}
        )

    def documents(self, kb_id: str) -> dict[str, dict[str, Any]]:
        """Return the documents of a knowledge base by id."""
        return {item["document_id"]: item for item in self.all(f"/knowledge-bases/{kb_id}/documents")}

    def settled(self, kb_id: str, count: int, *, deadline_s: float = 120.0) -> list[dict[str, Any]]:
        """Wait until there are `count` documents, all of them READY or FAILED, and return them."""

        def look() -> list[dict[str, Any]]:
            found = list(self.documents(kb_id).values())
            done = len(found) == count and all(item["status"] in ("READY", "FAILED") for item in found)
            return found if done else []

        def missing() -> list[dict[str, Any]]:
            return [one for one in self.documents(kb_id).values() if one["status"] not in ("READY", "FAILED")]

        return awaited(look, f"the end of {count} documents", deadline_s=deadline_s, missing=missing)

    def document(self, kb_id: str, document_id: str) -> dict[str, Any]:
        """Wait until a document is READY or FAILED and return it."""

        def look() -> dict[str, Any] | None:
            found = self.call("GET", f"/knowledge-bases/{kb_id}/documents/{document_id}")
            return found if found["status"] in ("READY", "FAILED") else None

        return awaited(look, f"the end of {document_id}")

    def ask(self, kb_id: str, question: str) -> dict[str, Any]:
        """Ask a knowledge base."""
        return self.call("POST", f"/knowledge-bases/{kb_id}/answers", {"question": question})

    def search(self, kb_id: str, query: str) -> list[dict[str, Any]]:
        """Find passages."""
        hits: list[dict[str, Any]] = self.call(
            "POST", f"/knowledge-bases/{kb_id}/searches", {"query": query, "limit": 50}
        )["hits"]
        return hits


class Platform:
    """`make up` in a folder of its own.


    Args:
        root: an empty folder.
        has_dashboard: serves the dashboard, and builds it where its sources changed.
        choices: what is set in its environment besides.
    """

    def __init__(self, root: Path, *, has_dashboard: bool = False, **choices: str) -> None:
        self.has_dashboard = has_dashboard
        self.choices = choices
        self.home = Home(root / "home")
        self.config = root / "config"
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._reader: threading.Thread | None = None
        self._clients: dict[str, Any] = {}
        self._people: list[Person] = []

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
        places = {"STRATA_HOME": str(self.home.root), "XDG_CONFIG_HOME": str(self.config)}
        return {**kept, **places, "STRATA_DASHBOARD": "on" if self.has_dashboard else "off", **self.choices}

    def up(self) -> "Platform":
        """Start it and wait until it says that it is ready."""
        self.lines = []
        self._ready.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.up", "--port", str(self.port)],
            cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        assert self._ready.wait(START_DEADLINE_S), f"not ready in time\n{self.tail()}"
        assert any("Strata is ready" in line for line in self.lines), f"it ended instead\n{self.tail()}"
        return self

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip("\n"))
                if "Strata is ready" in line:
                    self._ready.set()
        self._ready.set()

    def down(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_DEADLINE_S)
        self._joined()
        return code

    def kill(self) -> int:
        """SIGKILL every process of the platform, children first unseen, and return how many they were."""
        assert self.process is not None
        killed: set[int] = set()
        while alive := [pid for pid in (self.process.pid, *_descendants(self.process.pid), *self.left()) if pid]:
            fresh = set(alive) - killed
            for pid in fresh:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            killed |= fresh
            if self.process.poll() is not None and not self.left():
                break
        self._joined()
        return len(killed)

    def left(self) -> list[int]:
        """Processes that were given a folder of this installation, or work in one."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                given = (entry / "cmdline").read_text() + str((entry / "cwd").readlink())
            except OSError:
                continue
            if str(self.home.root) in given:
                found.append(int(entry.name))
        return found

    def _joined(self) -> None:
        assert self.process is not None
        self.process.wait(STOP_DEADLINE_S)
        if self._reader is not None:
            self._reader.join(10)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        for person in self._people:
            person.http.close()
        for client in self._clients.values():
            client.close()

    def tail(self, count: int = 60) -> str:
        """The last lines that it showed."""
        return "\n".join(self.lines[-count:])

    @property
    def known(self) -> dict[str, Any]:
        """What `make up` leaves for programs."""
        found: dict[str, Any] = json.loads(self.home.platform_file.read_text())
        return found

    @property
    def api_url(self) -> str:
        return str(self.known["api_url"])

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bucket(self) -> str:
        return str(self.known["outputs"]["documents_bucket"])

    def client(self, service: str) -> Any:
        """A boto3 client; one per service."""
        if service not in self._clients:
            session = boto3.Session("strata", "strata", region_name="us-east-1")
            quick = Config(connect_timeout=5, read_timeout=60)
            self._clients[service] = session.client(service, endpoint_url=self.endpoint, config=quick)  # type: ignore[call-overload]
        return self._clients[service]

    def administrator(self) -> Person:
        """Sign in as the seeded administrator."""
        known = self.known
        return self.person(known["email"], known["password"])

    def person(self, email: str, password: str) -> Person:
        """Sign somebody in."""
        self._people.append(Person(self, email, password))
        return self._people[-1]

    def table(self, output: str) -> Any:
        """A DynamoDB table by the name of its output."""
        resource = boto3.Session("strata", "strata", region_name="us-east-1").resource(
            "dynamodb", endpoint_url=self.endpoint
        )
        self._clients[output] = resource.meta.client
        return resource.Table(self.known["outputs"][output])

    def strata(self, *arguments: str | Path, timeout_s: float = 240.0) -> "subprocess.CompletedProcess[str]":
        """Run the console script to its end."""
        return subprocess.run(
            [STRATA, *map(str, arguments)], env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
            text=True, encoding="utf-8", timeout=timeout_s, check=False,
        )  # fmt: skip

    def strata_json(self, *arguments: str | Path, code: int = 0, timeout_s: float = 240.0) -> Any:
        """Run the console script with `--json` and return what it prints."""
        done = self.strata(*arguments, "--json", timeout_s=timeout_s)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.tail()}"
        return json.loads(done.stdout)


def _descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return found
