"""What files the platform reads: published by the ML layer in `formats.json`, which `make contracts` generates."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_PUBLISHED = Path(__file__).with_name("formats.json")


class FileFormat(BaseModel):
    """One format that documents may come in.

    Attributes:
        title: as people call it, singular.
        extensions: lower case, no dot, the usual one first; an empty one stands for names without.
        media_type: of the usual extension.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    extensions: tuple[str, ...]
    media_type: str


@cache
def file_formats() -> tuple[FileFormat, ...]:
    """Return every format, by name."""
    found = json.loads(_PUBLISHED.read_text(encoding="utf-8"))
    return tuple(FileFormat.model_validate(item) for item in found["formats"])


@cache
def formats_by_extension() -> Mapping[str, FileFormat]:
    """Return the format of each extension."""
    return {extension: item for item in file_formats() for extension in item.extensions}
