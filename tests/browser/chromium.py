"""A real Chromium: the one that the machine has, or Debian's."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/opt/google/chrome/chrome",
)
INSTALL = "apt-get install --yes --no-install-recommends chromium fonts-liberation"


class NoBrowser(Exception):
    """There is no Chromium and none can be installed; the message says what to do."""


def chromium() -> Path:
    """Return the browser's program: `CHROMIUM`, one in the usual places, or, as root on Debian, a fresh package.

    Raises:
        NoBrowser: none of these.
    """
    given = os.environ.get("CHROMIUM")
    if given:
        return Path(given)
    if found := _found():
        return found
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in ("apt-get update", INSTALL):
            subprocess.run(command.split(), check=False, stdin=subprocess.DEVNULL, capture_output=True)
        if found := _found():
            return found
    raise NoBrowser(
        f"The browser tests need Chromium or Chrome. Install one (`{INSTALL}`), or set CHROMIUM to its path."
    )


def _found() -> Path | None:
    for name in NAMES:
        if program := shutil.which(name):
            return Path(program)
    return next((Path(place) for place in PLACES if Path(place).exists()), None)
