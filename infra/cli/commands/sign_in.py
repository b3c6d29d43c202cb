"""`strata login`, `logout` and `whoami`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_fields, print_json, print_text, printable

if TYPE_CHECKING:
    from infra.cli.target import Platform


def login(
    *,
    api_url: Annotated[
        str | None,
        typer.Option("--api-url", envvar="STRATA_API_URL", help="The platform; this installation's where omitted."),
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="The AWS region of its user pool.")] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="The client id of its user pool.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Who signs in.")] = None,
    sign_in_url: Annotated[
        str | None, typer.Option("--sign-in-url", help="Where the user pool answers; by the region where omitted.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Sign in with a password, asked for or from STRATA_PASSWORD; later commands talk to that platform."""
    from infra.cli.session import credential_store
    from infra.cli.sign_in import SignIn

    platform = _platform(api_url, region, client_id, sign_in_url)
    who = email or platform.email or _ask("Email", "--email")
    SignIn(platform, credential_store()).with_password(who, _password(platform, who), choose=platform.home is None)
    if as_json.get():
        print_json({"api_url": platform.api_url, "email": who})
    else:
        print_text(printable(f"Signed in to {platform.api_url} as {who}."))


def logout(json: JsonOption = False) -> None:
    """Forget the sign-in of the platform that commands talk to."""
    import os

    from infra.cli.session import credential_store, this_platform
    from infra.cli.target import plain_url

    store = credential_store()
    url = plain_url(os.environ.get("STRATA_API_URL", "")) or this_platform().api_url
    known = store.forget(url)
    if as_json.get():
        print_json({"api_url": url, "signed_out": known})
    else:
        print_text(f"Signed out of {url}." if known else f"Nobody was signed in to {url}.")


def whoami(json: JsonOption = False) -> None:
    """Show who is signed in, and where."""
    from infra.cli.session import connected, this_platform

    api_url = this_platform().api_url
    with connected() as client:
        me = client.me()
    if as_json.get():
        print_json({**me.model_dump(mode="json"), "api_url": api_url})
        return
    fields = [("Name", me.name), ("Email", me.email), ("Role", me.role), ("Tenant", me.tenant_id)]
    print_fields([*fields, ("User", me.user_id), ("Platform", api_url)])


def _platform(api_url: str | None, region: str | None, client_id: str | None, sign_in_url: str | None) -> Platform:
    """Put together where to sign in, from the options and from what is known already."""
    import os

    from infra.cli.failures import Failure
    from infra.cli.session import credential_store
    from infra.cli.target import NOT_RUNNING, Platform, installation, plain_url, started_platform
    from infra.cli.target import sign_in_url as sign_in_url_of

    started = started_platform(installation(os.environ))
    url = plain_url(api_url or "")
    if started and url in ("", started.api_url):
        return started
    if not url:
        raise Failure(f"{NOT_RUNNING} Or give --api-url, --region and --client-id.", code="not_running")
    kept = credential_store().get(url)
    region, client_id = region or (kept.region if kept else None), client_id or (kept.client_id if kept else None)
    if not region or not client_id:
        raise Failure(f"To sign in to {url}, give --region and --client-id of its user pool.", code="invalid")
    where = sign_in_url or (kept.sign_in_url if kept and kept.region == region else sign_in_url_of(region))
    return Platform(url, region, client_id, where, email=kept.email if kept else "")


def _password(platform: Platform, email: str) -> str:
    import os

    given = os.environ.get("STRATA_PASSWORD", "")
    if given:
        return given
    if platform.password and email == platform.email:
        return platform.password
    return _ask("Password", "STRATA_PASSWORD", hide_input=True)


def _ask(what: str, instead: str, *, hide_input: bool = False) -> str:
    import sys

    from infra.cli.failures import Failure

    if not sys.stdin.isatty():
        raise Failure(f"Nobody can be asked here for the {what.lower()}; give {instead}.", code="invalid")
    return str(typer.prompt(what, hide_input=hide_input, err=True))
