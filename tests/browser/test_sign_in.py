"""Signing in and out."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watching import Watch
from tests.e2e.platform import Platform

Contexts = Callable[..., tuple[BrowserContext, Watch]]


def test_a_wrong_password_is_refused_in_words_and_nothing_typed_is_lost(contexts: Contexts, platform: Platform) -> None:
    context, watch = contexts()
    watch.expected = ["400"]  # what the user pool answers to a wrong password
    page = context.new_page()
    Dashboard(page, platform).sign_in(password="not the password")
    expect(page.get_by_role("alert")).to_contain_text("Email or password is wrong.")
    expect(page.get_by_label("Email")).to_have_value(str(platform.known["email"]))


def test_who_opens_a_page_signed_out_comes_back_to_it_after_the_sign_in(contexts: Contexts, platform: Platform) -> None:
    context, _ = contexts()
    dashboard = Dashboard(context.new_page(), platform).open("/?from=a-link")
    expect(dashboard.page.get_by_label("Email")).to_be_visible()
    dashboard.page.get_by_label("Email").fill(str(platform.known["email"]))
    dashboard.page.get_by_role("textbox", name="Password").fill(str(platform.known["password"]))
    dashboard.page.keyboard.press("Enter")
    expect(dashboard.page).to_have_url(f"{dashboard.url}/?from=a-link")


def test_signing_out_everywhere_ends_the_other_tab_too(page: Page, platform: Platform) -> None:
    other = page.context.new_page()
    Dashboard(other, platform).open("/")
    expect(other.get_by_role("navigation")).to_be_visible()
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("menuitem", name="Sign out everywhere").click()
    for tab in (page, other):
        expect(tab.get_by_label("Email")).to_be_visible()
