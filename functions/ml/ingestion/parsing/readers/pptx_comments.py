"""Comments on slides, of the kind before 2021 and of the kind with replies."""

from collections.abc import Iterator
from typing import Any

from functions.ml.ingestion.parsing.readers.opc import root_of
from functions.ml.ingestion.parsing.tables import clean

_TEXTS = frozenset({"text", "t"})


def authors(presentation: Any) -> dict[str, str]:
    """Return the names of those who comment by their id."""
    found = {}
    for root in _related(presentation.part, ("commentAuthors", "authors")):
        for element in root.iter():
            if _local(element) in {"cmAuthor", "author"}:
                found[element.get("id", "")] = clean(element.get("name", ""))
    return found


def comments(slide: Any, names: dict[str, str]) -> Iterator[str]:
    """Yield the comments on a slide, with who wrote them."""
    for root in _related(slide.part, ("comments",)):
        for element in root.iter():
            if _local(element) in {"cm", "reply"}:
                text = clean(" ".join(_own_texts(element)))
                author = names.get(element.get("authorId", ""), "")
                if text:
                    yield f"Comment by {author}: {text}" if author else f"Comment: {text}"


def _own_texts(comment: Any) -> Iterator[str]:
    for child in comment:
        if _local(child) != "replyLst":
            yield from (part.text or "" for part in child.iter() if _local(part) in _TEXTS)


def _related(part: Any, kinds: tuple[str, ...]) -> Iterator[Any]:
    for link in part.rels.values():
        if not link.is_external and link.reltype.rpartition("/")[2] in kinds:
            yield root_of(link.target_part.blob)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
