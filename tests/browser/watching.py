"""A page whose every complaint is kept: errors in the console, exceptions, policy violations, requests to elsewhere."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

HERE = ("127.0.0.1", "localhost")
QUIET_SCHEMES = ("data", "blob", "about")


class Watch:
    """Listens to every page of a context.

    Attributes:
        expected: what a test brings about on purpose; complaints that hold one of these words are not counted.
        requests: every address that was asked for.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.expected: list[str] = []
        self.requests: list[str] = []
        self._complaints: list[str] = []
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("page", self._follow)

    def _follow(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._complaints.append(f"exception: {error}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complaints.append(f"console {message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        address = urlsplit(request.url)
        if address.scheme not in QUIET_SCHEMES and address.hostname not in HERE:
            self._complaints.append(f"request to elsewhere: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._complaints.append(f"{response.status} {response.request.method} {response.url}")

    @property
    def complaints(self) -> list[str]:
        """What nobody expected."""
        return [said for said in self._complaints if not any(word in said for word in self.expected)]
