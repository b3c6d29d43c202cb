"""What a change of a JSON Schema breaks, read in the direction in which data flows.

Covers the keywords that the contracts' generator writes (JSON Schema 2020-12, Validation, sections 6 and 10).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
UPPER_BOUNDS = ("maximum", "maxLength", "maxItems", "maxProperties")
LOWER_BOUNDS = ("minimum", "minLength", "minItems")
DEEPEST = 12
"""A schema that names itself is followed this far."""


@dataclass(frozen=True)
class Schemas:
    """The two documents that references point into."""

    before: Document
    after: Document

    def old(self, schema: Document) -> Document:
        """Follow a reference of the released document."""
        return _followed(schema, self.before)

    def new(self, schema: Document) -> Document:
        """Follow a reference of the current document."""
        return _followed(schema, self.after)


def request_breaks(schemas: Schemas, before: Document, after: Document) -> list[str]:
    """Return what of the data that was valid before is no longer taken."""
    return list(_Narrowing(schemas, flows_forward=True).of(before, after, "", 0))


def answer_breaks(schemas: Schemas, before: Document, after: Document) -> list[str]:
    """Return what of the data that is sent now an old reader would not understand."""
    return list(_Narrowing(schemas, flows_forward=False).of(before, after, "", 0))


def _followed(schema: Document, document: Document) -> Document:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


@dataclass(frozen=True)
class _Narrowing:
    """Finds where the reader takes less than the writer sends.

    Attributes:
        flows_forward: old data meets the new schema (a request); otherwise new data meets the old one (an answer).
    """

    schemas: Schemas
    flows_forward: bool

    def of(self, before: Document, after: Document, place: str, depth: int) -> Iterator[str]:
        """Yield one sentence a problem, with the place of the value."""
        if depth > DEEPEST:
            return
        old, new = self.schemas.old(before), self.schemas.new(after)
        writer, reader = (old, new) if self.flows_forward else (new, old)
        where = place or "body"
        if "anyOf" in old or "anyOf" in new:
            yield from self._options(old, new, place, depth)
            return
        if not _is_taken(writer.get("type"), reader.get("type")):
            yield f"{where}: was {_kind(old)}, is {_kind(new)}"
            return
        yield from self._values(writer, reader, where)
        yield from self._bounds(writer, reader, where)
        yield from self._properties(old, new, place, depth)
        if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
            yield from self.of(old["items"], new["items"], f"{place}[]", depth + 1)
        if isinstance(old.get("additionalProperties"), dict) and isinstance(new.get("additionalProperties"), dict):
            yield from self.of(old["additionalProperties"], new["additionalProperties"], f"{place}{{}}", depth + 1)

    def _options(self, old: Document, new: Document, place: str, depth: int) -> Iterator[str]:
        """Every option of the writer must fit some option of the reader."""
        olds, news = old.get("anyOf", [old]), new.get("anyOf", [new])
        for written in olds if self.flows_forward else news:
            problems = []
            for read in news if self.flows_forward else olds:
                pair = (written, read) if self.flows_forward else (read, written)
                problems.append(list(self.of(*pair, place, depth + 1)))
            if all(problems):
                yield min(problems, key=len)[0]

    def _values(self, writer: Document, reader: Document, where: str) -> Iterator[str]:
        taken = _enumerated(reader)
        if taken is None:
            return
        sent = _enumerated(writer)
        if sent is None:
            yield f"{where}: only {', '.join(map(str, taken))} are taken, and anything may be sent"
        elif beyond := [str(value) for value in sent if value not in taken]:
            yield f"{where}: {', '.join(beyond)} may be sent, and the other side does not know it"

    def _bounds(self, writer: Document, reader: Document, where: str) -> Iterator[str]:
        for names, is_beyond in ((UPPER_BOUNDS, _is_above), (LOWER_BOUNDS, _is_below)):
            for name in names:
                # A reader of answers is not harmed by longer ones: only what is sent to us is refused by its bounds.
                if self.flows_forward and name in reader and is_beyond(writer.get(name), reader[name]):
                    yield f"{where}: {name} was {writer.get(name, 'none')}, is {reader[name]}"

    def _properties(self, old: Document, new: Document, place: str, depth: int) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(set(before) & set(after)):
            yield from self.of(before[name], after[name], f"{place}.{name}", depth + 1)
        yield from self._refused(old, new, place) if self.flows_forward else self._missed(old, new, place)

    def _refused(self, old: Document, new: Document, place: str) -> Iterator[str]:
        """What an old client sends or leaves out, and is refused for."""
        for name in sorted(_required(new) - _required(old)):
            yield f"{place}.{name}: is required now, and old data lacks it"
        if new.get("additionalProperties") is False:
            for name in sorted(_names(old) - _names(new)):
                yield f"{place}.{name}: was removed, and what still sends it is refused"

    def _missed(self, old: Document, new: Document, place: str) -> Iterator[str]:
        """What an old reader looks for and does not find, or does not know."""
        for name in sorted(_names(old) - _names(new)):
            yield f"{place}.{name}: was removed, and old readers look for it"
        for name in sorted((_required(old) - _required(new)) & _names(new)):
            yield f"{place}.{name}: was always there, and now may be missing"
        if old.get("additionalProperties") is False:
            for name in sorted(_names(new) - _names(old)):
                yield f"{place}.{name}: is new, and old readers refuse what they do not know"


def _names(schema: Document) -> set[str]:
    return set(schema.get("properties", ()))


def _required(schema: Document) -> set[str]:
    return set(schema.get("required", ()))


def _is_taken(sent: str | None, taken: str | None) -> bool:
    return taken in (None, sent) or (sent, taken) == ("integer", "number")


def _enumerated(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _kind(schema: Document) -> str:
    return str(schema.get("type", "anything"))


def _is_above(sent: float | None, taken: float) -> bool:
    return sent is None or sent > taken


def _is_below(sent: float | None, taken: float) -> bool:
    return sent is None or sent < taken
