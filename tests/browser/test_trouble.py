"""When something is not there: the platform, the sign-in, good will."""

import json
import re
import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Person, Platform


@pytest.fixture(scope="module")
def person(platform: Platform) -> Person:
    return platform.administrator()


@pytest.fixture(scope="module")
def bot_id(person: Person) -> str:
    kb_id = person.knowledge_base("Trouble")
    person.document(kb_id, person.upload(kb_id, "trouble.md", b"# Trouble\n\nThe spare key hangs in the gym.\n"))
    return str(person.call("POST", "/bots", {"name": "Trouble", "kb_ids": [kb_id]}, status=201)["bot_id"])


def test_a_platform_that_does_not_answer_is_said_and_the_page_heals(
    dashboard: Dashboard, watch: Watch, bot_id: str
) -> None:
    watch.expected = ["502", "Failed to load resource"]
    page = dashboard.open(f"/bots/{bot_id}").page
    expect(page.get_by_label("Your question")).to_be_visible()
    page.route("**/v1/**", lambda route: route.abort())
    page.get_by_label("Your question").fill("Where is the spare key?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="no answer")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("gym", timeout=120_000)


def test_a_session_that_ends_while_typing_loses_nothing(dashboard: Dashboard, watch: Watch, bot_id: str) -> None:
    watch.expected = ["401", "400"]
    page = dashboard.open(f"/bots/{bot_id}").page
    page.get_by_label("Your question").fill("Where is the spare key, please?")
    page.evaluate("localStorage.clear()")
    page.reload()
    dashboard_email = page.get_by_label("Email")
    expect(dashboard_email).to_be_visible()
    dashboard_email.fill(str(dashboard.platform.known["email"]))
    page.get_by_role("textbox", name="Password").fill(str(dashboard.platform.known["password"]))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_have_value("Where is the spare key, please?")


HOSTILE = """Before <script>window.hacked = 1</script>
<img src="https://evil.example/a.png" onerror="window.hacked = 1">
![inline](https://evil.example/b.png) ![reference][r]

[r]: https://evil.example/c.png

[click](javascript:window.hacked=1) [data](data:text/html,<script>window.hacked=1</script>)
<iframe src="https://evil.example/d"></iframe><style>body{display:none}</style><svg onload="window.hacked=1"></svg>

""" + "\n".join("> " * depth + "deep" for depth in range(1, 40))


hostile_texts = pytest.mark.parametrize(
    "text", [HOSTILE, "word " * 20_000, ">" * 3_000 + " deep", "[" * 5_000], ids=["markup", "long", "deep", "brackets"]
)


@hostile_texts
def test_a_hostile_answer_is_only_text(page: Page, platform: Platform, watch: Watch, bot_id: str, text: str) -> None:
    """The answer is changed on its way to the page: no model of ours writes such a thing on demand."""

    def hostile(route: Route) -> None:
        real = route.fetch()
        body = real.json()
        for message in body.get("messages", []):
            if message["role"] == "assistant":
                message["content"] = message["answer"]["text"] = text
        route.fulfill(response=real, body=json.dumps(body))

    page.route(re.compile(r"/v1/conversations/[^/]+$"), hostile)
    dashboard = Dashboard(page, platform).open(f"/bots/{bot_id}")
    answer = dashboard.ask("Where is the spare key?")
    expect(answer).to_be_visible()
    is_only_text(answer, watch)
    expect(page.get_by_label("Your question")).to_be_editable()


@hostile_texts
def test_a_hostile_answer_is_only_text_while_it_grows(
    page: Page, platform: Platform, watch: Watch, bot_id: str, text: str
) -> None:
    """The first piece is changed on its way to the page, and the end held back."""
    heard: list[str] = []
    held: list[Callable[[], None]] = []

    def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def down(message: str | bytes) -> None:
            said = json.loads(message)
            heard.append(said["type"])
            if said["type"] == "answer.piece" and said["sequence"] == 1:
                said["text"] = text
            if said["type"] == "answer.done":
                held.append(lambda: socket.send(message))
            else:
                socket.send(json.dumps(said))

        server.on_message(down)
        server.send(json.dumps({"action": "ping", "ref": "hello"}))

    page.route_web_socket(re.compile("ticket="), through)
    Dashboard(page, platform).open(f"/bots/{bot_id}")
    page.get_by_label("Your question").fill("Where is the spare key?")
    until(page, heard)  # the first connection takes its time, and who asks before has the answer without one
    page.keyboard.press("Enter")
    growing = page.get_by_label("The answer is being written")
    expect(growing).to_contain_text(re.sub(r"\W+", " ", text).split()[-1] if text.strip("[") else "[[[")
    is_only_text(growing, watch)
    until(page, held)[0]()
    expect(page.get_by_role("article", name="Answer")).to_contain_text("gym")


Found = TypeVar("Found")


def until(page: Page, found: list[Found]) -> list[Found]:
    """Let the page go on until something was found."""
    deadline = time.monotonic() + 60
    while not found:
        assert time.monotonic() < deadline, "it did not come"
        page.wait_for_timeout(50)
    return found


def is_only_text(answer: Locator, watch: Watch) -> None:
    """Nothing of an answer ran, and nothing was fetched."""
    assert answer.page.evaluate("window.hacked") is None
    assert answer.locator("img, iframe, script, style, svg[onload], form").count() == 0
    assert answer.locator("a[href^='javascript'], a[href^='data']").count() == 0
    assert not [address for address in watch.requests if "evil.example" in address]
