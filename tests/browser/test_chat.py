"""A conversation in the browser: answers that grow, are cut, stopped, made anew; and the list of conversations."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, WebSocketRoute, expect

from infra.local.dashboard.build import Builder
from tests.browser.conftest import PHONE
from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Person, Platform, awaited
from tests.e2e.test_bots import HANDBOOK, QUESTION
from tests.e2e.test_slow_streams import SENTENCES
from tests.model_server import ModelServer, model_server

Contexts = Callable[..., tuple[BrowserContext, Watch]]
SAID = [sentence.rpartition(" [")[0] for sentence in SENTENCES]


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(autouse=True)
def held(model: ModelServer) -> Iterator[None]:
    """Leave no release over to the next test."""
    yield
    while model.go_on.acquire(blocking=False):
        pass


@pytest.fixture(scope="module")
def slow(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose model writes a sentence when the test says so."""
    Builder(print).built()
    named = {"STRATA_ANSWER_MODEL": "litellm:openai/m-sentences", "STRATA_ANSWER_MODEL_URL": f"{model.url}/v1"}
    running = Platform(tmp_path_factory.mktemp("chat"), has_dashboard=True, **named)
    try:
        yield running.up()
    finally:
        running.end()


@pytest.fixture(scope="module")
def person(slow: Platform) -> Person:
    return slow.administrator()


@pytest.fixture(scope="module")
def kb_id(person: Person) -> str:
    kb_id = person.knowledge_base("Handbook")
    document_id = person.upload(kb_id, "handbook.md", HANDBOOK)
    assert person.document(kb_id, document_id)["status"] == "READY"
    return kb_id


@pytest.fixture
def bot_id(person: Person, kb_id: str) -> str:
    bot_id = str(person.call("POST", "/bots", {"name": "Desk", "kb_ids": [kb_id]}, status=201)["bot_id"])
    person.call("POST", f"/bots/{bot_id}/publish")
    return bot_id


@pytest.fixture
def heard() -> list[str]:
    """What came over the page's WebSocket."""
    return []


@pytest.fixture
def chat(contexts: Contexts, slow: Platform, bot_id: str, heard: list[str]) -> Page:
    context, _ = contexts()
    page = context.new_page()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    return connected(page, slow, bot_id)


def connected(page: Page, slow: Platform, bot_id: str) -> Page:
    """Open the chat and wait for its WebSocket: a page waits 8 seconds for it, then asks without."""
    dashboard = Dashboard(page, slow).sign_in()
    with page.expect_websocket():
        dashboard.open(f"/bots/{bot_id}/chat")
    return page


def growing(page: Page) -> Locator:
    return page.get_by_label("The answer is being written")


def come(page: Page, sockets: list[WebSocketRoute], count: int) -> None:
    """Let the page go on until it has connected so many times."""
    deadline = time.monotonic() + 60
    while len(sockets) < count:
        assert time.monotonic() < deadline, "it did not connect"
        page.wait_for_timeout(50)


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Answer")


def ask(page: Page, text: str = QUESTION) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def test_an_answer_grows_sentence_by_sentence(chat: Page, model: ModelServer) -> None:
    ask(chat)
    model.go_on.release(2)
    expect(growing(chat)).to_contain_text(SAID[0])
    expect(growing(chat)).not_to_contain_text(SAID[2])
    model.go_on.release(10)
    expect(answers(chat)).to_contain_text(SAID[2])
    expect(answers(chat)).to_have_count(1)
    expect(growing(chat)).to_have_count(0)
    answers(chat).get_by_role("button", name="Open source 1").first.click()
    expect(chat.get_by_role("complementary", name="Sources")).to_contain_text("handbook.md")


def test_a_socket_that_is_cut_in_the_middle_of_an_answer_loses_nothing(
    contexts: Contexts, slow: Platform, bot_id: str, model: ModelServer
) -> None:
    context, _ = contexts()
    sockets: list[WebSocketRoute] = []
    page = context.new_page()

    def through(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket(re.compile("ticket="), through)
    Dashboard(page, slow).sign_in().open(f"/bots/{bot_id}/chat")
    come(page, sockets, 1)
    ask(page)
    model.go_on.release(2)
    expect(growing(page)).to_contain_text(SAID[0])
    sockets[-1].close()
    come(page, sockets, 2)
    model.go_on.release(1)
    expect(growing(page)).to_contain_text(SAID[1])
    assert growing(page).inner_text().count(SAID[0]) == 1
    model.go_on.release(10)
    expect(answers(page)).to_contain_text(SAID[2])
    expect(answers(page)).to_have_count(1)


SPOILED = """() => {
    const kept = JSON.parse(localStorage.getItem("strata.session"));
    localStorage.setItem("strata.session", JSON.stringify({ ...kept, idToken: `${kept.idToken}x` }));
    dispatchEvent(new StorageEvent("storage", { key: "strata.session" }));
}"""
"""Whatever ends a token before its time; the page takes it from another tab."""
RENEWED = "() => !JSON.parse(localStorage.getItem('strata.session')).idToken.endsWith('x')"


def test_a_token_that_ends_in_the_middle_of_an_answer_is_renewed_unseen(
    contexts: Contexts, slow: Platform, person: Person, bot_id: str, model: ModelServer
) -> None:
    context, watch = contexts()
    watch.expected = ["401"]
    refused: list[str] = []
    context.on("response", lambda one: refused.append(one.request.method) if one.status == 401 else None)
    page = context.new_page()
    ask(connected(page, slow, bot_id))
    model.go_on.release(2)
    expect(growing(page)).to_contain_text(SAID[0])
    page.evaluate(SPOILED)
    model.go_on.release(10)
    expect(answers(page)).to_contain_text(SAID[2])
    page.wait_for_function(RENEWED)

    page.evaluate(SPOILED)
    answers(page).get_by_role("button", name="Good answer").click()
    expect(answers(page).get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    address = f"/conversations/{page.url.rpartition('/')[2]}"
    awaited(lambda: person.call("GET", address)["messages"][-1].get("feedback"), "the rating")
    assert "PUT" in refused


def test_what_was_shown_of_a_stopped_answer_stays_and_can_be_made_anew(
    chat: Page, model: ModelServer, heard: list[str]
) -> None:
    ask(chat)
    model.go_on.release(2)
    expect(growing(chat)).to_contain_text(SAID[0])
    chat.get_by_role("button", name="Stop").click()
    deadline = time.monotonic() + 60
    while not any('"action":"stop"' in message.replace(" ", "") for message in heard):  # until the platform knows
        assert time.monotonic() < deadline, heard
        chat.wait_for_timeout(50)
    model.go_on.release(10)
    expect(answers(chat)).to_contain_text("You stopped this answer.")
    expect(answers(chat)).to_contain_text(SAID[0])
    expect(answers(chat)).not_to_contain_text(SAID[2])
    chat.get_by_role("button", name="Answer again").click()
    expect(growing(chat)).to_be_visible()
    expect(answers(chat)).to_have_count(0)
    model.go_on.release(10)
    expect(answers(chat)).to_contain_text(SAID[2])
    expect(answers(chat)).to_have_count(1)


def test_a_question_that_is_edited_takes_the_place_of_the_old_one(chat: Page, model: ModelServer) -> None:
    model.go_on.release(20)
    ask(chat, "How many days off does an employee of Fernhill get?")
    expect(answers(chat)).to_have_count(1)
    chat.get_by_role("button", name="Ask in other words").click()
    field = chat.get_by_label("Your question")
    expect(field).to_have_value("How many days off does an employee of Fernhill get?")
    model.go_on.release(20)
    field.fill(QUESTION)
    chat.keyboard.press("Enter")
    expect(chat.get_by_text(QUESTION)).to_be_visible()
    expect(chat.get_by_text("How many days off does")).to_have_count(0)
    expect(answers(chat)).to_contain_text(SAID[0])
    expect(answers(chat)).to_have_count(1)


def test_a_browser_without_websockets_gets_its_answer_too(
    contexts: Contexts, slow: Platform, bot_id: str, model: ModelServer
) -> None:
    context, _ = contexts()
    page = context.new_page()
    page.route_web_socket(re.compile("ticket="), lambda socket: socket.close())
    Dashboard(page, slow).sign_in().open(f"/bots/{bot_id}/chat")
    model.go_on.release(20)
    ask(page)
    expect(answers(page)).to_contain_text(SAID[2])


def test_conversations_are_found_renamed_saved_and_deleted(
    chat: Page, person: Person, bot_id: str, model: ModelServer, tmp_path: Path
) -> None:
    model.go_on.release(20)
    ask(chat)
    expect(answers(chat)).to_have_count(1)
    first = chat.url
    chat.get_by_role("link", name="New conversation").click()
    expect(answers(chat)).to_have_count(0)
    model.go_on.release(20)
    ask(chat, "When does the car park of Fernhill open?")
    expect(answers(chat)).to_have_count(1)
    assert chat.url != first

    chat.get_by_role("button", name="Earlier").click()
    listed = chat.get_by_role("dialog", name="Conversations")
    expect(listed.get_by_role("listitem")).to_have_count(2)
    listed.get_by_label("Search titles and questions").fill("car park")
    expect(listed.get_by_role("listitem")).to_have_count(1)
    listed.get_by_role("button", name=re.compile("Actions for")).click()
    chat.get_by_role("menuitem", name="Rename").click()
    chat.get_by_label("Name of the conversation").fill("Parking")
    chat.get_by_role("button", name="Save", exact=True).click()
    expect(listed.get_by_role("link", name=re.compile("Parking"))).to_be_visible()

    listed.get_by_role("button", name="Actions for Parking").click()
    with chat.expect_download() as download:
        chat.get_by_role("menuitem", name="Save as Markdown").click()
    assert download.value.suggested_filename == "Parking.md"
    saved = tmp_path / "saved.md"
    download.value.save_as(saved)
    text = saved.read_text()
    assert text.startswith("# Parking\n\n## When does the car park of Fernhill open?")
    assert "**Sources**" in text
    assert "handbook.md" in text

    listed.get_by_role("button", name="Actions for Parking").click()
    chat.get_by_role("menuitem", name="Delete").click()
    chat.get_by_role("dialog", name="Delete this conversation?").get_by_role("button", name="Delete").click()
    expect(listed.get_by_role("link", name=re.compile("Parking"))).to_have_count(0)
    assert len(person.call("GET", f"/bots/{bot_id}/conversations")["items"]) == 1


def test_a_rating_takes_a_comment(chat: Page, person: Person, model: ModelServer) -> None:
    model.go_on.release(20)
    ask(chat)
    answers(chat).get_by_role("button", name="Bad answer").click()
    chat.get_by_label("What was wrong?").fill("It forgot the part-timers.")
    chat.get_by_role("button", name="Send", exact=True).last.click()
    expect(chat.get_by_label("What was wrong?")).to_have_count(0)
    expect(answers(chat).get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")
    talk = person.call("GET", f"/conversations/{chat.url.rpartition('/')[2]}")
    assert talk["messages"][-1]["feedback"] == {"rating": "down", "comment": "It forgot the part-timers."}


def test_a_second_tab_sees_the_answer_grow_and_documents_change(
    slow: Platform, person: Person, kb_id: str, chat: Page, model: ModelServer
) -> None:
    model.go_on.release(20)
    ask(chat)
    expect(answers(chat)).to_have_count(1)
    while model.go_on.acquire(blocking=False):
        pass
    other = chat.context.new_page()
    other.goto(chat.url)
    expect(answers(other)).to_have_count(1)
    ask(chat, "When does the car park of Fernhill open?")
    model.go_on.release(2)
    expect(growing(other)).to_contain_text(SAID[0])
    model.go_on.release(10)
    expect(answers(other)).to_have_count(2)
    Dashboard(other, slow).open(f"/knowledge-bases/{kb_id}")
    expect(other.get_by_text("handbook.md")).to_be_visible()
    person.upload(kb_id, "news.md", b"# News\n\nThe gym reopens in May.\n")
    Dashboard(other, slow).ready("news.md")


def test_the_chat_on_a_phone(contexts: Contexts, slow: Platform, bot_id: str, model: ModelServer) -> None:
    context, _ = contexts(viewport=PHONE, has_touch=True)
    page = Dashboard(context.new_page(), slow).sign_in().open(f"/bots/{bot_id}/chat").page
    ask(page)
    model.go_on.release(2)
    expect(growing(page)).to_contain_text(SAID[0])
    model.go_on.release(10)
    expect(answers(page)).to_contain_text(SAID[2])
    page.get_by_role("button", name="Earlier").click()
    expect(page.get_by_role("dialog", name="Conversations").get_by_role("listitem")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
