"""What a person does in the dashboard, by the words on the screen."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.platform import Platform


class Dashboard:
    """One open tab.

    Args:
        page: the tab.
        platform: the platform that serves it.
    """

    def __init__(self, page: Page, platform: Platform) -> None:
        self.page = page
        self.platform = platform
        self.url = str(platform.known["dashboard_url"])

    def open(self, path: str = "/") -> "Dashboard":
        """Go to a page."""
        self.page.goto(self.url + path)
        return self

    def sign_in(self, password: str | None = None) -> "Dashboard":
        """Fill in the form of the sign-in page and leave it by Enter."""
        self.open("/sign-in")
        self.page.get_by_label("Email").fill(str(self.platform.known["email"]))
        self.page.get_by_role("textbox", name="Password").fill(password or str(self.platform.known["password"]))
        self.page.keyboard.press("Enter")
        if password is None:
            expect(self.page.get_by_role("navigation")).to_be_visible()
        return self

    def drop(self, files: list[Path]) -> None:
        """Choose files in the drop zone; the input is what a drop fills, too."""
        self.page.locator("input[type=file]").first.set_input_files(files)

    def ask(self, question: str) -> Locator:
        """Ask in the chat and return the answer once it is whole."""
        answers = self.page.get_by_role("article", name="Answer")
        before = answers.count()
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")
        expect(answers).to_have_count(before + 1, timeout=120_000)
        return answers.nth(before)

    def row(self, filename: str) -> Locator:
        """The row of a document."""
        return self.page.get_by_role("row").filter(has_text=filename)

    def ready(self, filename: str) -> None:
        """Wait until a document can be asked."""
        expect(self.row(filename)).to_contain_text(re.compile("Ready"), timeout=180_000)
