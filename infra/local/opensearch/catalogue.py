"""What the server is made of: pinned artifacts by their Maven coordinates (`catalogue.json`).

The published server archive holds only the transport modules. The modules that an index needs are published as jars,
and a module is such jars in a folder with a description.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

CATALOGUE = Path(__file__).with_name("catalogue.json")


class Artifact(BaseModel):
    """One published file.

    Attributes:
        into: folder inside the server that it belongs to, empty for the server itself; a zip is unpacked there.
    """

    model_config = ConfigDict(frozen=True)

    group: str
    artifact: str
    version: str
    packaging: str
    into: str
    size_bytes: int
    sha256: str

    @property
    def filename(self) -> str:
        """The name that its publisher gave it."""
        return f"{self.artifact}-{self.version}.{self.packaging}"


class Module(BaseModel):
    """What the server must be told of a folder of jars.

    Attributes:
        permissions: what its code may do, as a Java policy names it.
    """

    model_config = ConfigDict(frozen=True)

    classname: str
    description: str
    extends: tuple[str, ...]
    permissions: tuple[str, ...]


class Catalogue(BaseModel):
    """One version of the server."""

    model_config = ConfigDict(frozen=True)

    version: str
    modules: Mapping[str, Module]
    artifacts: tuple[Artifact, ...]

    @property
    def digest(self) -> str:
        """Twelve hex digits: another digest is another server."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def descriptions(self) -> dict[str, str]:
        """Return the files that make modules of folders of jars: text by path inside the server."""
        texts = {}
        for name, module in self.modules.items():
            texts[f"modules/{name}/plugin-descriptor.properties"] = _descriptor(name, module, self.version)
            if module.permissions:
                granted = "".join(f"  permission {permission};\n" for permission in module.permissions)
                texts[f"modules/{name}/plugin-security.policy"] = f"grant {{\n{granted}}};\n"
        return texts


def _descriptor(name: str, module: Module, version: str) -> str:
    return (
        f"description={module.description}\nversion={version}\nname={name}\nclassname={module.classname}\n"
        f"java.version=21\nopensearch.version={version}\ncustom.foldername=\n"
        f"extended.plugins={','.join(module.extends)}\nhas.native.controller=false\n"
    )


@cache
def catalogue() -> Catalogue:
    """Return what is pinned."""
    return Catalogue.model_validate_json(CATALOGUE.read_text())
