"""The dashboard's server on this machine answers as CloudFront does in the cloud."""

from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from infra.deployment.templates import committed
from infra.local.dashboard.server import Dashboard

PLATFORM = {
    "api_url": "http://127.0.0.1:9/live",
    "endpoint": "http://127.0.0.1:4566",
    "region": "us-east-1",
    "user_pool_client_id": "client",
}
RESOURCES = committed("dashboard").document["Resources"]


def api(request: httpx.Request) -> httpx.Response:
    """An API that says what reached it."""
    said = {"method": request.method, "url": str(request.url), "headers": dict(request.headers)}
    return httpx.Response(418, json={**said, "body": request.content.decode()}, headers={"set-cookie": "a=b"})


def no_api(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def client(files: Path | None, answer: object = api) -> TestClient:
    transport = httpx.MockTransport(answer)  # type: ignore[arg-type]
    return TestClient(Dashboard(lambda: files, PLATFORM, transport).application())


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built dashboard beside something that is nobody's business."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("the page")
    (folder / "assets" / "index-abc.js").write_text("the script")
    return folder


@pytest.mark.parametrize("path", ["/", "/bots/bot_1", "/config.json", "/assets/index-abc.js", "/none.js", "/v1/me"])
def test_every_answer_has_the_headers_of_the_templates_policy(built: Path, path: str) -> None:
    policy = RESOURCES["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]
    written = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0]
    headers = client(built).get(path).headers
    assert headers["Content-Security-Policy"] == written.replace(
        "${Calls}", "http://127.0.0.1:4566 ws://127.0.0.1:4566"
    )
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for item in policy["CustomHeadersConfig"]["Items"]:
        assert headers[item["Header"]] == item["Value"]


def test_an_unknown_path_is_a_page_and_an_unknown_file_is_missing(built: Path) -> None:
    assert client(built).get("/knowledge-bases/kb_1").text == "the page"
    assert client(built).get("/assets/gone.js").status_code == 404


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
def test_nothing_outside_the_built_folder_is_served(built: Path, path: str) -> None:
    answer = client(built).get(path)
    assert "secret" not in answer.text
    assert answer.status_code == 404


def test_only_what_is_named_by_its_content_is_kept_by_browsers(built: Path) -> None:
    assert "immutable" in client(built).get("/assets/index-abc.js").headers["cache-control"]
    assert client(built).get("/").headers["cache-control"] == "no-cache"
    assert client(built).get("/config.json").headers["cache-control"] == "no-store"


def test_calls_of_the_api_are_passed_on_and_back_without_cookies(built: Path) -> None:
    sent = {"authorization": "Bearer token", "cookie": "a=b", "idempotency-key": "once"}
    answer = client(built).post("/v1/bots?limit=2", content="{}", headers=sent)
    got = answer.json()
    assert (answer.status_code, got["method"], got["body"]) == (418, "POST", "{}")
    assert got["url"] == "http://127.0.0.1:9/live/v1/bots?limit=2"
    assert (got["headers"]["authorization"], got["headers"]["idempotency-key"]) == ("Bearer token", "once")
    assert "cookie" not in got["headers"]
    assert "set-cookie" not in answer.headers


def test_an_api_that_is_down_is_said_in_the_apis_own_form(built: Path) -> None:
    answer = client(built, no_api).get("/v1/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "unavailable")


def test_a_dashboard_that_is_still_built_says_so_and_opens_by_itself() -> None:
    assert "being built" in client(None).get("/").text
