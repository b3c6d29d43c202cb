"""Signing in and out."""

import secrets
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


def test_who_was_given_a_password_chooses_one_of_their_own(contexts: Contexts, platform: Platform) -> None:
    email, given, own = f"newcomer-{secrets.token_hex(4)}@demo.example", "Given-once-4711", "My-own-and-long-0815"
    made = platform.client("cognito-idp").admin_create_user(
        UserPoolId=platform.known["user_pool_id"], Username=email, TemporaryPassword=given, MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "custom:tenant_id", "Value": "demo"}],
    )  # fmt: skip
    user_id = next(item["Value"] for item in made["User"]["Attributes"] if item["Name"] == "sub")
    platform.table("control_table").put_item(
        Item={
            "pk": f"USER#{user_id}", "sk": "USER", "user_id": user_id, "tenant_id": "demo", "email": email,
            "name": "Newcomer", "role": "member", "suspended": False, "created_at": "2026-01-01T00:00:00Z",
            "gsi1pk": "TENANT#demo", "gsi1sk": f"USER#{email}",
        }
    )  # fmt: skip
    context, _ = contexts()
    page = context.new_page()
    Dashboard(page, platform).open("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_role("textbox", name="Password").fill(given)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="New password")).to_be_focused()
    page.keyboard.type(own)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    platform.person(email, own)


def test_an_address_that_leads_nowhere_says_so_and_the_tab_is_named(page: Page, platform: Platform) -> None:
    Dashboard(page, platform).open("/nowhere")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    expect(page).to_have_title("There is no such page · Strata")
    page.get_by_role("link", name="Go to Home").click()
    expect(page).to_have_title("Home · Strata")
