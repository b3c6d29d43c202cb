"""Serve the dashboard on 127.0.0.1 as CloudFront does: files, the API below `/v1`, one page for every other path."""

import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from infra.local.dashboard.headers import response_headers

PASSED_ON = frozenset({"authorization", "content-type", "idempotency-key", "x-api-key"})
PASSED_BACK = frozenset({"content-type", "retry-after", "x-amzn-requestid"})
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
A_YEAR = "public, max-age=31536000, immutable"
LONGEST_ANSWER_S = 30.0
START_DEADLINE_S = 10.0
BEING_BUILT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Strata</title></head><body><p>The dashboard is being built; this page opens it as soon as it is ready.</p></body>
"""
UNREACHABLE = {"error": {"code": "unavailable", "message": "The platform does not answer; try again in a moment."}}


class Dashboard:
    """The three kinds of address that the distribution knows.

    Args:
        files: returns the folder of the built dashboard, None while it is being built.
        platform: what `platform.json` says: the API, the user pool, the emulator.
        transport: how the API is reached; by the network unless given.
    """

    def __init__(
        self,
        files: Callable[[], Path | None],
        platform: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._files = files
        self._api_url = platform["api_url"]
        endpoint = platform["endpoint"]
        self._headers = response_headers(f"{endpoint} {endpoint.replace('http:', 'ws:')}")
        self._config = {
            "apiUrl": "/",
            "region": platform["region"],
            "userPoolClientId": platform["user_pool_client_id"],
            "signInUrl": f"{endpoint}/",
            "hostedUrl": "",
        }
        self._http = httpx.AsyncClient(timeout=LONGEST_ANSWER_S, transport=transport)

    def application(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/config.json", self.config),
                Route("/v1/{path:path}", self.call, methods=METHODS),
                Route("/{path:path}", self.file),
            ]
        )

    async def config(self, _: Request) -> Response:
        """Say where this installation's API and user pool answer."""
        return JSONResponse(self._config, headers={**self._headers, "Cache-Control": "no-store"})

    async def call(self, request: Request) -> Response:
        """Pass a request on to the API."""
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            answer = await self._http.request(
                request.method,
                f"{self._api_url}{request.url.path}{query}",
                headers={name: value for name, value in request.headers.items() if name in PASSED_ON},
                content=await request.body(),
            )
        except httpx.HTTPError:
            return JSONResponse(UNREACHABLE, status_code=502, headers=self._headers)
        kept = {name: value for name, value in answer.headers.items() if name in PASSED_BACK}
        return Response(answer.content, answer.status_code, headers={**kept, **self._headers})

    async def file(self, request: Request) -> Response:
        """Return a file of the build; every other path is a page of the application."""
        files = self._files()
        if files is None:
            return HTMLResponse(BEING_BUILT, headers={**self._headers, "Cache-Control": "no-store"})
        path = (files / request.path_params["path"]).resolve()
        if path.is_relative_to(files) and path.is_file():
            is_named_by_content = path.parent.name == "assets"
            return FileResponse(
                path, headers={**self._headers, "Cache-Control": A_YEAR if is_named_by_content else "no-cache"}
            )
        if path.suffix:
            return Response(status_code=404, headers=self._headers)
        return FileResponse(files / "index.html", headers={**self._headers, "Cache-Control": "no-cache"})


class DashboardServer:
    """Serves in a thread of the supervisor, and ends with it.

    Args:
        dashboard: what is served.
        port: of the loopback; another free one is taken where it is in use.
    """

    def __init__(self, dashboard: Dashboard, port: int) -> None:
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        settings = uvicorn.Config(
            dashboard.application(), log_level="error", access_log=False, lifespan="off", server_header=False
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="dashboard", daemon=True
        )

    @property
    def url(self) -> str:
        """Where people open it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "DashboardServer":
        """Begin to serve; the socket takes connections from the beginning."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End within a moment, open connections or not."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(START_DEADLINE_S)
        self._socket.close()


def _bound(port: int) -> socket.socket:
    for candidate in (port, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            continue
        listener.listen()
        return listener
    raise OSError("No port of 127.0.0.1 is free.")
