"""Finds a Java that can run the server: a whole JDK or JRE of version 21 or newer."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from infra.local.opensearch.errors import OpenSearchNotPossible

OLDEST = 21
VARIABLES = ("OPENSEARCH_JAVA_HOME", "JAVA_HOME")
USUAL_FOLDERS = (
    "/usr/lib/jvm", "/usr/lib64/jvm", "/usr/java", "/opt/java", "/opt/jdk", "/opt/homebrew/opt", "/usr/local/opt",
    "/Library/Java/JavaVirtualMachines", "~/.sdkman/candidates/java", "~/.jdks",
)  # fmt: skip
PACKAGES = ("openjdk-21-jre-headless", "openjdk-25-jre-headless", "openjdk-23-jre-headless", "openjdk-22-jre-headless")
TRIED_S = 30


def ensure_java(*, on_progress: Callable[[str], None], environ: Mapping[str, str] = os.environ) -> Path:
    """Return the home folder of a Java that fits; as root on Debian one is installed where there is none.

    Args:
        on_progress: told what happens, in words.
        environ: of the process.

    Raises:
        OpenSearchNotPossible: there is none; says what to install.
    """
    found = find_java(environ)
    if found is None and _may_install():
        on_progress("installing Java for OpenSearch ...")
        _install()
        found = find_java(environ)
    if found is None:
        raise OpenSearchNotPossible(
            f"OpenSearch needs Java {OLDEST} or newer, and none was found in {', '.join(VARIABLES)}, PATH or the usual "
            f"folders. Install one (on Debian and Ubuntu: apt-get install {PACKAGES[0]}; on macOS: brew install "
            f"openjdk@{OLDEST}), or set {VARIABLES[0]} to the folder of one, and run the command again."
        )
    return found


def find_java(environ: Mapping[str, str]) -> Path | None:
    """Return the home of the first Java that is new enough and whole; None when there is none."""
    return next((home for home in _homes(environ) if _fits(home)), None)


def _homes(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield where a Java may be, the operator's word first."""
    yield from (Path(environ[name]).expanduser() for name in VARIABLES if environ.get(name))
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for usual in USUAL_FOLDERS:
        folder = Path(usual).expanduser()
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
        yield from (one for home in inside for one in (home, home / "Contents" / "Home", home / "libexec"))


def _fits(home: Path) -> bool:
    """Is it new enough, and does it know all languages? A cut-down one cannot make any index."""
    java = home / "bin" / "java"
    if not java.is_file():
        return False
    release = home / "release"
    known = _major(release.read_text(errors="replace")) if release.is_file() else 0
    if known and known < OLDEST:
        return False
    try:
        told = subprocess.run([java, "--list-modules"], capture_output=True, text=True, timeout=TRIED_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    versions = re.findall(r"^java\.base@(\d+)", told.stdout, re.MULTILINE)
    return bool(versions) and int(versions[0]) >= OLDEST and "jdk.localedata@" in told.stdout


def _major(release: str) -> int:
    """Return the version that a Java's `release` file tells; 0 when it does not."""
    told = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    return int(told.group(1)) if told else 0


def _may_install() -> bool:
    """Are we root on Debian or one of its kind?"""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> None:
    """Install the first of the packages that this Debian has; what is installed is looked for afterwards."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
    for package in PACKAGES:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        if subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0:
            return
