"""From sign-in to a cited answer, as an employee does it who follows no instruction."""

import re

from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.e2e.platform import DATA

PDFS = [DATA / "documents" / name for name in ("multicolumn.pdf", "pdflatex-4-pages.pdf", "google-doc-document.pdf")]


def test_three_dropped_files_become_a_bot_that_answers_with_its_sources(dashboard: Dashboard) -> None:
    page = dashboard.open("/").page
    dashboard.drop(PDFS)
    expect(page).to_have_url(re.compile(r"/bots/bot_"))
    answer = dashboard.ask("What does the document say?")
    expect(answer).to_be_visible()
