"""`python -m infra.local.opensearch FOLDER`: run a server on a folder until Ctrl-C, for tests and measurements."""

import signal
import sys
import threading
from pathlib import Path

from infra.local.opensearch.errors import OpenSearchNotPossible
from infra.local.opensearch.server import OpenSearchServer


def main() -> int:
    """Start the server, print its address, and stay until a signal comes."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    server = OpenSearchServer(Path(sys.argv[1]).resolve())
    try:
        server.start(on_progress=lambda step: print(step, file=sys.stderr)).wait_until_healthy()
        print(server.url, flush=True)
        while not stopping.wait(0.5):
            server.check()
    except OpenSearchNotPossible as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
