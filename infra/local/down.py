"""`make down`: stop the platform that runs from this checkout, its state kept."""

import os
import signal
import sys

from infra.local.home import Home, read_json
from infra.local.processes import Identity

STOP_DEADLINE_S = 45.0
KILL_DEADLINE_S = 5.0


def end(process: Identity | None, timeout_s: float) -> bool:
    """Ask a process to stop, and kill it when it does not in time; False where it had ended before."""
    if process is None or not process.is_alive():
        return False
    process.send(signal.SIGTERM)
    if not process.wait(timeout_s):
        process.send(signal.SIGKILL)
        process.wait(KILL_DEADLINE_S)
    return True


def main() -> int:
    """Stop the supervisor, which stops the rest; then whatever a killed supervisor left."""
    home = Home.of(os.environ)
    running = read_json(home.running_file)
    # The supervisor first: it ends the others in order.
    processes = [Identity.read(running.get(name)) for name in ("supervisor", "emulator", "search")]
    ended = [end(process, STOP_DEADLINE_S) for process in processes]
    home.running_file.unlink(missing_ok=True)
    print("The platform is stopped; its state is kept." if any(ended) else "The platform is not running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
