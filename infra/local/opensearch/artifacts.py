"""Fetches the pinned artifacts and checks every byte of them."""

import os
from collections.abc import Callable
from pathlib import Path

from infra.local.models.cache import sha256_of
from infra.local.opensearch.catalogue import Artifact, Catalogue
from infra.local.opensearch.errors import OpenSearchNotPossible

REPOSITORY = "STRATA_MAVEN_REPOSITORY"
TIMEOUT_S = 60


def fetched(pinned: Catalogue, downloads: Path, *, on_progress: Callable[[str], None]) -> dict[Artifact, Path]:
    """Return the artifacts of a server, downloaded unless they are there.

    Args:
        pinned: which ones.
        downloads: folder that keeps them.
        on_progress: told what happens, in words.

    Raises:
        OpenSearchNotPossible: one cannot be fetched, or is not the pinned one.
    """
    found = {artifact: downloads / artifact.filename for artifact in pinned.artifacts}
    missing = [artifact for artifact, path in found.items() if not _is_whole(artifact, path)]
    if missing:
        size_mb = sum(artifact.size_bytes for artifact in missing) / 1e6
        on_progress(f"downloading OpenSearch {pinned.version} ({size_mb:.0f} MB) ...")
        downloads.mkdir(parents=True, exist_ok=True)
    for artifact in missing:
        _fetch(artifact, found[artifact])
    return found


def _is_whole(artifact: Artifact, path: Path) -> bool:
    return path.is_file() and path.stat().st_size == artifact.size_bytes and sha256_of(path) == artifact.sha256


def _fetch(artifact: Artifact, target: Path) -> None:
    """Bring one artifact to its place in one step."""
    resolved = _resolved(artifact, target.parent / ".maven")
    if not _is_whole(artifact, resolved):
        resolved.unlink(missing_ok=True)
        raise OpenSearchNotPossible(
            f"{artifact.group}:{artifact.artifact}:{artifact.version} is not the pinned file (wrong SHA-256) and is "
            "not used. Run the command again; if it stays so, ask whoever runs your Maven repository, and report it."
        )
    resolved.replace(target)


def _resolved(artifact: Artifact, repository: Path) -> Path:
    """Ask the library for a file by its coordinates."""
    from jgo.maven import MavenContext

    mirror = os.environ.get(REPOSITORY)
    context = MavenContext(
        repo_cache=repository, remote_repos={"mirror": mirror} if mirror else None, timeout=TIMEOUT_S
    )
    wanted = context.project(artifact.group, artifact.artifact).at_version(artifact.version)
    try:
        return Path(wanted.artifact(packaging=artifact.packaging).resolve())
    except Exception as error:  # the library names no errors of its own
        raise OpenSearchNotPossible(
            f"{artifact.group}:{artifact.artifact}:{artifact.version} could not be downloaded "
            f"({type(error).__name__}). Is a Maven repository reachable? Behind a proxy set HTTPS_PROXY, or "
            f"{REPOSITORY} to the address of a mirror, and run the command again."
        ) from error
