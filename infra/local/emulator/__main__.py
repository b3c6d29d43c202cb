"""`python -m infra.local.emulator --port N --state DIR --objects DIR`: run the emulator in the foreground."""

import argparse
import os
import sys
from pathlib import Path

from infra.local.emulator.server import Folders, run


def main() -> int:
    """Read the options and run until SIGTERM, SIGINT or the end of the standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state", type=Path, required=True, help="folder of journals, snapshots, keys and code")
    parser.add_argument("--objects", type=Path, required=True, help="folder of S3 objects")
    parser.add_argument("--log-level", default="INFO")
    parser.add_argument("--journal-bytes", type=int, default=8 * 1024**2, help="journal size that calls for a snapshot")
    options = parser.parse_args()
    return run(
        options.port,
        Folders(options.state.resolve(), options.objects.resolve()),
        options.log_level,
        options.journal_bytes,
    )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Threads of the emulator that wait for a long poll or a handler must not delay the end: the state is written.
    os._exit(code)
