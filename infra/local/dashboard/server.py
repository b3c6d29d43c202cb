"""Serve the built dashboard on 127.0.0.1 as CloudFront does: files, the API below `/v1`, one page for every other path.

    python -m infra.local.dashboard.server --port 4580 --files FOLDER --home FOLDER
"""

import argparse
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from infra.local.dashboard.headers import response_headers

PASSED_ON = frozenset({"authorization", "content-type", "idempotency-key", "x-api-key"})
PASSED_BACK = frozenset({"content-type", "retry-after", "x-amzn-requestid"})
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
A_YEAR = "public, max-age=31536000, immutable"
LONGEST_ANSWER_S = 30.0


class Dashboard:
    """The three kinds of address that the distribution knows.

    Args:
        files: the built dashboard.
        platform: what `platform.json` says: the API, the user pool, the emulator.
    """

    def __init__(self, files: Path, platform: Mapping[str, str]) -> None:
        self._files = files.resolve()
        self._api_url = platform["api_url"]
        self._headers = response_headers(platform["endpoint"])
        self._config = {
            "apiUrl": "/",
            "region": platform["region"],
            "userPoolClientId": platform["user_pool_client_id"],
            "signInUrl": f"{platform['endpoint']}/",
            "hostedUrl": "",
        }
        self._http = httpx.AsyncClient(timeout=LONGEST_ANSWER_S)

    def application(self) -> Starlette:
        """Return the ASGI application."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with self._http:
                yield

        return Starlette(
            routes=[
                Route("/config.json", self.config),
                Route("/v1/{path:path}", self.call, methods=METHODS),
                Route("/{path:path}", self.file),
            ],
            lifespan=lifespan,
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
            return Response(status_code=502, headers=self._headers)
        kept = {name: value for name, value in answer.headers.items() if name in PASSED_BACK}
        return Response(answer.content, answer.status_code, headers={**kept, **self._headers})

    async def file(self, request: Request) -> Response:
        """Return a file of the build; every other path is a page of the application."""
        path = (self._files / request.path_params["path"]).resolve()
        if path.is_relative_to(self._files) and path.is_file():
            is_named_by_content = path.parent.name == "assets"
            return FileResponse(
                path, headers={**self._headers, "Cache-Control": A_YEAR if is_named_by_content else "no-cache"}
            )
        if path.suffix:
            return Response(status_code=404, headers=self._headers)
        return FileResponse(self._files / "index.html", headers={**self._headers, "Cache-Control": "no-cache"})


def main() -> None:
    """Serve until told to stop."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--platform", type=Path, required=True, help="platform.json of the installation")
    given = parser.parse_args()
    platform = json.loads(given.platform.read_text())
    application = Dashboard(given.files, platform).application()
    uvicorn.run(application, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
