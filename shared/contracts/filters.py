"""Metadata filters: what a search can be narrowed by, the same in both REST APIs and in a bot's settings.

A filter that cannot be understood is refused and never left out, because a search without it would show more than was
asked for. So, unlike other messages between the layers, an unknown field is an error here.
"""

import difflib
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.formats import file_formats, formats_by_extension
from shared.contracts.languages import LANGUAGES

MOST_VALUES = 50
MOST_TAGS = 20
LONGEST_TAG = 50
LONGEST_NAME = 1_024
FILTER_ERRORS = frozenset({"unknown_filter", "unknown_type", "unknown_language", "invalid_filter", "invalid_tag"})
"""The codes of what can be wrong with filters, tags and days; validation tells them as its error types."""


def _wrong(code: str, told: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{told}", {"told": told})  # type: ignore[arg-type,unused-ignore]


def _unknown(code: str, kind: str, value: str, known: Collection[str]) -> PydanticCustomError:
    """Name the nearest known values, or all of them where none is near."""
    near = difflib.get_close_matches(value.casefold(), list(known), n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are: {', '.join(sorted(known))}."
    return _wrong(code, f'There is no {kind} "{value[:LONGEST_TAG]}". {hint}')


def clean_tag(given: str) -> str:
    """Bring a tag to its one form: small letters, single spaces.

    Returns:
        From 1 to 50 characters, none of them a control character or a comma.

    Raises:
        PydanticCustomError: `invalid_tag`: nothing is left of it, it is too long, or holds what no tag can.
    """
    tag = " ".join(unicodedata.normalize("NFC", given).lower().split())
    if not tag or len(tag) > LONGEST_TAG or any(unicodedata.category(c).startswith("C") or c == "," for c in tag):
        raise _wrong(
            "invalid_tag", f"A tag has 1 to {LONGEST_TAG} characters and no comma; {given[:LONGEST_TAG]!r} is none."
        )
    return tag


def clean_folder(given: str) -> str:
    """Write a folder as documents carry it: `hr/2026`, without slashes around it."""
    folder = "/".join(part for part in given.replace("\\", "/").split("/") if part.strip() not in ("", "."))
    if not folder:
        raise _wrong("invalid_filter", "A folder needs a name, such as hr/2026.")
    return folder


def clean_type(given: str) -> str:
    """Return the published name of a format that is called by its name or by an extension: `.MD` is `markdown`."""
    wanted = given.strip().lower().lstrip(".")
    names = [item.name for item in file_formats()]
    if wanted in names:
        return wanted
    if found := formats_by_extension().get(wanted):
        return found.name
    raise _unknown("unknown_type", "file type", given, names)


def clean_language(given: str) -> str:
    """Return the ISO 639-1 code of a language that is called by its code or English name: `de-AT` is `de`."""
    wanted = given.strip().casefold()
    code = wanted.partition("-")[0]
    if code in LANGUAGES:
        return code
    names = {name.casefold(): code for code, name in LANGUAGES.items()}
    if wanted in names:
        return names[wanted]
    if len(wanted) <= 3:  # noqa: PLR2004 - a code; names that look like it would mislead
        raise _wrong(
            "unknown_language", f'There is no language code "{given}". Known are: {", ".join(LANGUAGES)} (ISO 639-1).'
        )
    raise _unknown("unknown_language", "language", given, [*LANGUAGES, *names])


def clean_day(given: str) -> str:
    """Return the day of a date or of a time, in UTC, as `2026-11-23`; empty stays empty.

    Raises:
        PydanticCustomError: `invalid_filter`: it is no ISO 8601.
    """
    text = given.strip()
    try:
        if len(text) <= len("2026-11-23"):
            return date.fromisoformat(text).isoformat() if text else ""
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date().isoformat()
    except (ValueError, OverflowError) as error:
        raise _wrong("invalid_filter", f"Dates are written as 2026-11-23; {given[:30]!r} is none.") from error


def _each(clean: Callable[[str], str]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def distinct(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(clean, values)))

    return distinct


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Values = Annotated[tuple[Name, ...], Field(max_length=MOST_VALUES)]
Tags = Annotated[tuple[Name, ...], Field(max_length=MOST_TAGS), AfterValidator(_each(clean_tag))]
"""The tags of a document: in order, each once."""
Day = Annotated[str, Field(max_length=40), AfterValidator(clean_day)]
"""ISO 8601; a time is cut to its day in UTC. Empty for none."""


class Filters(BaseModel):
    """What a search is narrowed to: any of the values of a field, and that for every field that has values.

    Attributes:
        files: documents of exactly these names, as they are shown (with their folders).
        folders: these folders and what lies below them.
        types: names of the published list of formats, or extensions.
        languages: what documents are written in: ISO 639-1 codes or English names.
        tags: documents that carry at least one of them.
        since: files changed on this day or later, ISO 8601.
        until: files changed on this day or before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    files: Values = ()
    folders: Annotated[Values, AfterValidator(_each(clean_folder))] = ()
    types: Annotated[Values, AfterValidator(_each(clean_type))] = ()
    languages: Annotated[Values, AfterValidator(_each(clean_language))] = ()
    tags: Annotated[Values, AfterValidator(_each(clean_tag))] = ()
    since: Day = ""
    until: Day = ""

    @model_validator(mode="before")
    @classmethod
    def _know_every_field(cls, given: Any) -> Any:
        unknown = sorted(str(name) for name in set(given) - set(cls.model_fields)) if isinstance(given, dict) else []
        if unknown:
            known = list(cls.model_fields)
            near = difflib.get_close_matches(unknown[0], known, n=1, cutoff=0.6)
            hint = f" Did you mean {near[0]}?" if near else ""
            told = f'There is no filter "{unknown[0][:LONGEST_TAG]}".{hint} Filters are: {", ".join(known)}.'
            raise _wrong("unknown_filter", told)
        return given

    @model_validator(mode="after")
    def _end_after_the_beginning(self) -> "Filters":
        if self.since and self.until and self.since > self.until:
            raise _wrong("invalid_filter", f"since ({self.since}) is later than until ({self.until}): nothing passes.")
        return self

    @property
    def narrows(self) -> bool:
        """Any field has a value."""
        return any(getattr(self, name) for name in type(self).model_fields)

    def in_words(self) -> str:
        """Name what has values, for people: `tag hr or it, since 2026-01-01`."""
        told = []
        for name, field in _SINGULAR.items():
            values = getattr(self, field)
            if values:
                told.append(f"{name} {values if isinstance(values, str) else ' or '.join(values)}")
        return ", ".join(told)


_SINGULAR = {
    "file": "files", "folder": "folders", "type": "types", "language": "languages", "tag": "tags",
    "since": "since", "until": "until",
}  # fmt: skip
