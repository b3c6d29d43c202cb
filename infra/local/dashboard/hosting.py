"""The dashboard beside the platform: served at once, built in the background where its sources changed."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.local.dashboard.build import Builder, DashboardNotBuilt
from infra.local.dashboard.server import Dashboard, DashboardServer

Report = Callable[[str], None]


class HostedDashboard:
    """Server and builder together.

    Args:
        platform: what `platform.json` says.
        port: of the loopback; another free one is taken where it is in use.
        report: told what happens, in words.
    """

    def __init__(self, platform: Mapping[str, str], port: int, report: Report) -> None:
        self._report = report
        self._builder = Builder(report)
        self._files: Path | None = self._builder.found()
        self._server = DashboardServer(Dashboard(lambda: self._files, platform), port)
        self._building = threading.Thread(target=self._build, name="dashboard-build", daemon=True)

    @property
    def url(self) -> str:
        """Where people open it."""
        return self._server.url

    def start(self) -> "HostedDashboard":
        """Begin to serve, and to build what was not built yet."""
        self._server.start()
        if self._files is None:
            self._building.start()
        return self

    def stop(self) -> None:
        """End both."""
        self._builder.stop()
        self._server.stop()

    def _build(self) -> None:
        try:
            self._files = self._builder.built()
            self._report(f"the dashboard is ready at {self.url}")
        except (DashboardNotBuilt, OSError) as error:
            if not self._builder.is_stopped:
                self._report(f"The dashboard was not built; everything else works. {error}")
