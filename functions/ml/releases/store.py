"""Releases are immutable and outlive the catalogue that named them: chunks and bots go on naming old ids.

The reconciler keeps every release of the current catalogue in S3; whoever meets an id that the catalogue no longer
holds (after a change of the catalogue or of the answer model) reads it from there.
"""

from dataclasses import dataclass, field

from functions.ml.ports import ObjectStore
from functions.ml.releases.catalogue import Releases, ReleaseSpec
from shared.kernel.errors import NotFound

_PREFIX = "releases/"


def release_key(release_id: str) -> str:
    """Return where a release lies in the artifacts bucket."""
    return f"{_PREFIX}{release_id}.json"


@dataclass(frozen=True)
class ReleaseStore:
    """The catalogue, and every release that ever was in it."""

    catalogue: Releases
    artifacts: ObjectStore
    _known: dict[str, ReleaseSpec] = field(default_factory=dict)

    @property
    def default(self) -> ReleaseSpec:
        """The release that is used where none is chosen."""
        return self.catalogue.default

    def by_id(self, release_id: str) -> ReleaseSpec:
        """Return a release of today or of earlier.

        Raises:
            NotFound: there never was one of this id; names the ones that can be chosen.
            Unavailable: the bucket does not answer.
        """
        if release_id not in self._known:
            self._known[release_id] = self._find(release_id)
        return self._known[release_id]

    def _find(self, release_id: str) -> ReleaseSpec:
        try:
            return self.catalogue.by_id(release_id)
        except NotFound as unknown:
            try:
                body = self.artifacts.read(release_key(release_id))
            except NotFound:
                raise unknown from None
            return ReleaseSpec.model_validate_json(body)

    def keep(self) -> None:
        """Write the releases of the catalogue that are not kept yet. Raises Unavailable."""
        kept = {stored.key for stored in self.artifacts.list(_PREFIX)}
        for release_id, release in self.catalogue.every.items():
            key = release_key(release_id)
            if key not in kept:
                self.artifacts.write(key, release.model_dump_json().encode(), media_type="application/json")
