"""Measures the dashboard in a real browser: what its first screen loads, how soon it is usable, how lists scroll.

    python -m benchmarks.dashboard [--documents 10000] [--messages 500] [--repeat 5]

It starts a platform of its own. Documents and messages are written straight into the tables; everything else is the
real path: API, tokens, headers. A long task is one of over 50 ms of the page's main thread, as the browser reports it.
"""

import argparse
import gzip
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.machine import machine_line
from functions.application.adapters.control_table import DynamoControlStore
from functions.application.domain.records import MessageRow
from infra.local.dashboard.build import Builder
from infra.local.seed import TENANT_ID
from shared.contracts import api
from shared.kernel.clock import isoformat
from shared.registry.dynamodb import DynamoRegistry
from tests.browser.chromium import chromium
from tests.browser.dashboard import Dashboard
from tests.e2e.platform import Person, Platform
from tests.rows import document

WINDOW = {"width": 1280, "height": 800}
LONG_TASK_MS = 50
BAR_BYTES, BAR_MS = 250_000, 1_000
STEPS = 120
"""Turns of the wheel, one a frame or two, each as far as the window is high."""
OBSERVE = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((one) => window.longTasks.push(one.duration)))
    .observe({ type: "longtask" });
}"""
ANSWER = (
    "Every employee gets **27 days** of leave a year; part time as a share of it [1].\n\n"
    "- It is asked for in the *portal*.\n- The head agrees within `3` days.\n\n"
    "| kind | days |\n|---|---|\n| leave | 27 |\n"
)


@dataclass(frozen=True)
class Scrolled:
    """How a list scrolled.

    Attributes:
        long_ms: of each long task while it scrolled.
        rows: how many elements were in the page at the end.
    """

    long_ms: list[float]
    rows: int


def say(text: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def scripts_of(page: Page, built: Path) -> list[tuple[str, int]]:
    """Return the scripts that the page has loaded, and their bytes as a network sends them (gzip)."""
    names = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".map((one) => new URL(one.name).pathname).filter((one) => one.endsWith('.js'))"
    )
    files = sorted({built / name.lstrip("/") for name in names})
    return [(file.name, len(gzip.compress(file.read_bytes(), mtime=0))) for file in files]


def usable_ms(context: BrowserContext, dashboard_url: str) -> float:
    """Open Home in a fresh tab of somebody signed in; return when a file can be dropped, from the navigation on."""
    page = context.new_page()
    page.goto(dashboard_url, wait_until="commit")
    page.locator("input[type=file]").first.wait_for(state="attached")
    now: float = page.evaluate("performance.now()")
    page.close()
    return now


def scrolled(page: Page, rows: str) -> Scrolled:
    """Scroll to the end and back by the wheel."""
    page.evaluate(OBSERVE)
    page.mouse.move(WINDOW["width"] / 2, WINDOW["height"] / 2)
    for turn in range(STEPS):
        page.mouse.wheel(0, WINDOW["height"] if turn < STEPS / 2 else -WINDOW["height"])
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    tasks: list[float] = page.evaluate("window.longTasks")
    return Scrolled([task for task in tasks if task > LONG_TASK_MS], page.locator(rows).count())


def aws(platform: Platform) -> None:
    """Let the adapters of this process write into the platform's tables."""
    os.environ.update(
        AWS_ENDPOINT_URL=platform.endpoint, AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="strata", AWS_SECRET_ACCESS_KEY="strata",
    )  # fmt: skip


def fill_documents(platform: Platform, person: Person, count: int) -> str:
    """Write documents that are READY and have nothing in them; return their knowledge base."""
    kb_id = person.knowledge_base("Many documents")
    registry = DynamoRegistry(platform.known["outputs"]["registry_table"])
    kb = registry.knowledge_base(TENANT_ID, kb_id)
    assert kb is not None
    for number in range(count):
        place = {"filename": f"reports/{number // 100}/report {number}.pdf", "object_key": f"nowhere/{number}"}
        state = {"status": "READY", "size_bytes": 40_000 + number, "deadline": ""}
        registry.create_document(document(f"doc_{number:032x}", kb=kb).model_copy(update={**place, **state}))
        if number % 2_000 == 0:
            say(f"  {number:,} of {count:,} documents written")
    return kb_id


def fill_messages(platform: Platform, person: Person, bot_id: str, count: int) -> str:
    """Write a conversation of questions and long answers in Markdown; return its id."""
    talk_id: str = person.call("POST", f"/bots/{bot_id}/conversations", {}, status=201)["conversation_id"]
    store = DynamoControlStore(platform.known["outputs"]["control_table"])
    usage = api.Usage(model="none")
    begun = datetime.now(UTC) - timedelta(seconds=count)
    for number in range(count):
        is_question = number % 2 == 0
        text = f"How many days of leave, case {number}?" if is_question else ANSWER
        answer = None if is_question else api.Answer(text=text, refused=False, citations=(), usage=usage, release_id="")
        store.add_message(
            MessageRow(
                tenant_id=TENANT_ID, conversation_id=talk_id, message_id=f"msg_{number:032x}",
                role="user" if is_question else "assistant", content=text, answer=answer,
                replies_to="" if is_question else f"msg_{number - 1:032x}",
                created_at=isoformat(begun + timedelta(seconds=number)),
            )
        )  # fmt: skip
    return talk_id


def told(name: str, found: Scrolled) -> bool:
    """Print how a list scrolled; True where nothing took long."""
    longest = f", the longest {max(found.long_ms):.0f} ms" if found.long_ms else ""
    say(f"{name}: {len(found.long_ms)} tasks over {LONG_TASK_MS} ms{longest}; {found.rows} elements in the page")
    return not found.long_ms


def measure(browser: Browser, platform: Platform, built: Path, arguments: argparse.Namespace) -> bool:
    """Print every figure; True where all bars are met."""
    aws(platform)
    person = platform.administrator()
    context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
    page = context.new_page()
    dashboard = Dashboard(page, platform).sign_in().open("/")
    page.locator("input[type=file]").first.wait_for(state="attached")
    scripts = scripts_of(page, built)
    size = sum(size for _, size in scripts)
    say(f"first screen: {size / 1000:.0f} KB of script (gzip) in {len(scripts)} files; the bar is {BAR_BYTES // 1000}")
    for name, each in sorted(scripts, key=lambda one: -one[1])[:6]:
        say(f"  {each / 1000:6.1f} KB {name}")
    times = [usable_ms(context, dashboard.url) for _ in range(arguments.repeat)]
    say(f"usable: p50 {median(times):.0f} ms, most {max(times):.0f} ms of {len(times)}; the bar is {BAR_MS}")
    kb_id = fill_documents(platform, person, arguments.documents)
    dashboard.open(f"/knowledge-bases/{kb_id}")
    expect(page.get_by_text(f"All ({arguments.documents})").first).to_be_visible(timeout=120_000)
    page.wait_for_load_state("networkidle")
    is_smooth = told(f"{arguments.documents:,} documents", scrolled(page, "[role=row]"))
    bot = person.call("POST", "/bots", {"name": "Talkative", "kb_ids": [kb_id]}, status=201)
    person.call("POST", f"/bots/{bot['bot_id']}/publish")
    talk_id = fill_messages(platform, person, bot["bot_id"], arguments.messages)
    dashboard.open(f"/bots/{bot['bot_id']}/chat/{talk_id}")
    expect(page.get_by_role("article", name="Answer").last).to_be_visible()
    page.wait_for_load_state("networkidle")
    is_smooth &= told(f"{arguments.messages} messages", scrolled(page, "article"))
    context.close()
    return is_smooth and size < BAR_BYTES and median(times) < BAR_MS


def main() -> int:
    """Run it all; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    say(machine_line())
    built = Builder(say).built()
    with TemporaryDirectory(prefix="strata-benchmark-") as root, sync_playwright() as playwright:
        platform = Platform(Path(root), has_dashboard=True)
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"], chromium_sandbox=False
        )
        try:
            is_good = measure(browser, platform.up(), built, arguments)
        finally:
            browser.close()
            platform.end()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
