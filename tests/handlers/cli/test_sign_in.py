"""Finding the platform and signing in."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.cli.credentials import CredentialStore
from infra.cli.sign_in import SignIn
from infra.cli.target import started_platform
from tests.fakes.public_api import CLIENT_ID, EMAIL, PASSWORD, Refused
from tests.handlers.cli.conftest import Strata


def test_the_platform_of_the_checkout_is_found_with_its_seeded_sign_in(strata: Strata) -> None:
    me = strata.json("whoami")

    assert (me["email"], me["role"], me["api_url"]) == (EMAIL, "admin", strata.platform.url)


def test_tokens_are_kept_for_the_owner_only_and_used_again(strata: Strata) -> None:
    strata.json("whoami")
    strata.json("whoami")

    assert stat.S_IMODE(strata.credentials.stat().st_mode) == 0o600
    assert len(strata.platform.tokens) == 1
    assert PASSWORD not in strata.credentials.read_text()


def test_a_refused_token_is_renewed_once_with_the_refresh_token(strata: Strata) -> None:
    strata.json("whoami")
    strata.platform.tokens.clear()

    assert strata.json("whoami")["email"] == EMAIL
    assert strata.platform.seen == ["GET /me"] * 3
    assert len(strata.platform.refresh_tokens) == 1


def test_threads_that_were_refused_together_renew_once(strata: Strata) -> None:
    store = CredentialStore(strata.credentials)
    platform = started_platform(strata.home)
    assert platform is not None
    sign_in = SignIn(platform, store)
    refused = sign_in.token()

    with ThreadPoolExecutor(8) as threads:
        renewed = set(threads.map(sign_in.renewed, [refused] * 8))

    assert len(renewed) == 1
    assert renewed == strata.platform.tokens - {refused}


def test_an_expired_token_is_renewed_before_it_is_sent(strata: Strata) -> None:
    strata.json("whoami")
    kept = json.loads(strata.credentials.read_text())
    kept["platforms"][strata.platform.url]["expires_at"] = 1.0
    strata.credentials.write_text(json.dumps(kept))

    strata.json("whoami")

    assert strata.platform.seen == ["GET /me"] * 2
    assert len(strata.platform.tokens) == 2


def test_a_platform_made_anew_under_the_same_address_is_signed_in_to_again(strata: Strata) -> None:
    strata.json("whoami")
    strata.platform.tokens.clear()
    strata.platform.refresh_tokens.clear()

    assert strata.json("whoami")["email"] == EMAIL


def test_a_token_that_is_refused_even_when_renewed_needs_a_sign_in(strata: Strata) -> None:
    strata.platform.weather += [("GET /me", Refused(401, "unauthorized", "The user is suspended."))] * 2

    done = strata("whoami")

    assert done.exit_code == 4
    assert "The user is suspended." in done.stderr


def test_another_platform_is_signed_in_to_and_talked_to_until_logout(strata: Strata, tmp_path: Path) -> None:
    here = strata.home / "platform.json"
    here.unlink()
    strata.environ["STRATA_API_URL"] = f"{strata.platform.url}/v1/"
    assert strata("status").exit_code == 4

    login = strata(
        *("login", "--region", "us-east-1", "--client-id", CLIENT_ID, "--email", EMAIL),
        *("--sign-in-url", strata.platform.url),
        STRATA_PASSWORD=PASSWORD,
    )
    assert login.exit_code == 0, login.output
    assert strata.json("whoami")["api_url"] == strata.platform.url

    del strata.environ["STRATA_API_URL"]
    del strata.environ["STRATA_HOME"]
    assert strata.json("whoami")["api_url"] == strata.platform.url
    assert strata.json("logout") == {"api_url": strata.platform.url, "signed_out": True}
    assert strata("whoami", STRATA_API_URL=strata.platform.url).exit_code == 4


def test_a_wrong_password_says_so_and_keeps_nothing(strata: Strata) -> None:
    done = strata("login", STRATA_PASSWORD="wrong")

    assert done.exit_code == 4
    assert "Incorrect username or password." in done.stderr
    assert not strata.credentials.exists()


def test_login_for_another_platform_asks_for_what_is_missing(strata: Strata) -> None:
    done = strata("login", "--api-url", "https://strata.example.com")

    assert done.exit_code == 1
    assert "--region" in done.stderr


def test_a_password_is_never_waited_for_where_nobody_can_type(strata: Strata) -> None:
    done = strata.process("login", "--email", "other@example.com")

    assert done.returncode == 1
    assert "STRATA_PASSWORD" in done.stderr


def test_credentials_that_cannot_be_read_are_a_clear_failure(strata: Strata) -> None:
    strata.credentials.parent.mkdir(parents=True)
    strata.credentials.write_text("{")

    assert strata.json("whoami", code=1)["error"]["code"] == "credentials_unreadable"


def test_a_platform_that_was_never_started_has_its_own_exit_code(strata: Strata) -> None:
    (strata.home / "platform.json").unlink()

    done = strata("status")

    assert done.exit_code == 3
    assert done.stderr == "strata: The platform is not running; start it with `make up`. (code not_running)\n"
