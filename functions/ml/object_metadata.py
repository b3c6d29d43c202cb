"""What the metadata of an object in the documents bucket tells about its file. Pure.

Anybody who may put objects writes it, so what cannot be read is left out and never fails a document.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from shared.contracts.filters import MOST_TAGS, clean_day, clean_tag


def told_filename(metadata: Mapping[str, str]) -> str:
    """Return the file's name, which travels percent-encoded because S3 takes only ASCII; empty when none is told."""
    return unquote(metadata.get("filename", ""))


def told_day(metadata: Mapping[str, str], put_at: datetime) -> str:
    """Return the day of the file's last change, as `2026-11-23`.

    Args:
        metadata: `modified` is ISO 8601; `mtime` seconds since 1970, as rclone and s3fs write it.
        put_at: when the object was put, which counts where the metadata tell nothing.
    """
    try:
        if told := metadata.get("modified", ""):
            return clean_day(told)
        if told := metadata.get("mtime", ""):
            return datetime.fromtimestamp(float(told), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        pass
    return put_at.astimezone(UTC).date().isoformat()


def told_tags(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags in `tags`, which stand between commas, percent-encoded; what can be no tag is left out."""
    tags: list[str] = []
    for given in metadata.get("tags", "").split(","):
        try:
            tags.append(clean_tag(unquote(given)))
        except ValueError:
            continue
    return tuple(dict.fromkeys(tags))[:MOST_TAGS]
