"""What the supervisor brings up besides the emulator: models, stacks, the first tenant, the first reconciliation."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from infra.local.choices import (
    LOCAL,
    OPENSEARCH,
    SQLITE,
    ChoiceNotPossible,
    chosen_parameters,
    chosen_search,
    default_embedder,
    wants_dashboard,
)
from infra.local.dashboard.hosting import HostedDashboard
from infra.local.home import Home
from infra.local.opensearch.errors import OpenSearchNotPossible
from infra.local.opensearch.server import OpenSearchServer

STAGE = "local"

Report = Callable[[str], None]


class PieceFailed(Exception):
    """A piece could not be brought up; the message says what happened and what to do."""


@dataclass(frozen=True)
class SignIn:
    """The seeded administrator.

    Args:
        email: the user name.
        password: never logged; kept in platform.json, which only its owner can read.
        tenant_id: of the first tenant.
    """

    email: str
    password: str
    tenant_id: str


class Pieces(Protocol):
    """The parts of a platform; each call is safe to repeat and cheap when nothing changed."""

    def install_models(self, home: Home, report: Report) -> None:
        """Make the default embedding model available."""

    def start_search(self, home: Home, report: Report) -> OpenSearchServer | None:
        """Start the search engine's server, where the engine has one, and return it without waiting for it."""

    def build_wanted_models(self, home: Home, report: Report) -> None:
        """Build the models that a function asked for since the last call."""

    def deploy(self, home: Home, endpoint: str, report: Report) -> dict[str, str]:
        """Bring the stacks to what the checkout says and return their outputs, at least `api_url`."""

    def seed(self, endpoint: str, outputs: dict[str, str], password: str | None, report: Report) -> SignIn:
        """Make the first tenant and its administrator, with the password of an earlier start where there is one."""

    def open_dashboard(self, platform: dict[str, str], port: int, report: Report) -> "HostedDashboard | None":
        """Serve the dashboard, where there is one, without waiting for its build."""

    def reconcile(self, endpoint: str, outputs: dict[str, str], report: Report) -> None:
        """Start one comparison of documents, rows and index; does not wait for its end."""


class StrataPieces:
    """The real platform, from the checkout's templates.

    The modules are imported when they are used: only `make up` needs the model builder and the deployer.
    """

    def __init__(self) -> None:
        self._search: OpenSearchServer | None = None

    def install_models(self, home: Home, report: Report) -> None:
        """Make the embedding model of the default release available; one that is not local needs nothing."""
        from infra.local.models import wanted
        from infra.local.models.errors import ModelSetupFailed

        try:
            chosen_parameters(os.environ)  # what cannot work is said before anything is started
            embedder = default_embedder(os.environ)
            if embedder.startswith(LOCAL):
                wanted.install_model(embedder.removeprefix(LOCAL), home.models, on_progress=report)
        except (ChoiceNotPossible, ModelSetupFailed) as error:
            raise PieceFailed(str(error)) from error

    def start_search(self, home: Home, report: Report) -> OpenSearchServer | None:
        """Start OpenSearch where that was chosen."""
        if chosen_search(os.environ) != OPENSEARCH:
            return None
        try:
            self._search = OpenSearchServer(home.search).start(on_progress=report)
        except OpenSearchNotPossible as error:
            raise PieceFailed(str(error)) from error
        return self._search

    def _search_url(self, home: Home) -> str:
        """Return where the functions find the search engine."""
        if self._search is not None:
            return f"opensearch:{self._search.url}/strata"
        chosen = chosen_search(os.environ)
        return f"sqlite://{home.index}" if chosen in (SQLITE, OPENSEARCH) else chosen

    def build_wanted_models(self, home: Home, report: Report) -> None:
        """Build the models that a function asked for since the last call."""
        from infra.local.models import wanted

        wanted.build_wanted(home.models, report)

    def deploy(self, home: Home, endpoint: str, report: Report) -> dict[str, str]:
        """Deploy the committed templates with what the operator chose."""
        from infra.local import deploy as deployment

        places = {"SearchUrl": self._search_url(home), "ModelsDirectory": str(home.models)}
        parameters = {**chosen_parameters(os.environ), **places}
        if "AnswerModel" in parameters:
            report(f"answers are written by {parameters['AnswerModel']}")
        try:
            outputs = deployment.deploy(endpoint, stage=STAGE, parameters=parameters, report=report)
        except deployment.DeployFailed as error:
            raise PieceFailed(f"The stacks could not be deployed. {error}") from error
        return outputs

    def seed(self, endpoint: str, outputs: dict[str, str], password: str | None, report: Report) -> SignIn:
        """Make the demo tenant and its administrator."""
        from infra.local import seed as seeding

        seeded = seeding.seed(
            endpoint,
            user_pool_id=outputs["user_pool_id"],
            control_table=outputs["control_table"],
            password=password,
            report=report,
        )
        return SignIn(seeded.email, seeded.password, seeded.tenant_id)

    def open_dashboard(self, platform: dict[str, str], port: int, report: Report) -> HostedDashboard | None:
        """Serve the dashboard unless it was declined."""
        if not wants_dashboard(os.environ):
            return None
        return HostedDashboard(platform, port, report).start()

    def reconcile(self, endpoint: str, outputs: dict[str, str], report: Report) -> None:
        """Invoke the reconciler once, without waiting for it."""
        invoke(endpoint, outputs["reconciler_function"])
        report("reconciliation started")


def invoke(endpoint: str, function: str) -> None:
    """Invoke a function of the emulator with an empty event, without waiting for its answer."""
    from infra.local.clients import session

    client = session().client("lambda", endpoint_url=endpoint)
    client.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps({}).encode())
