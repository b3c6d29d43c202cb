"""What stands in a paragraph of an OpenDocument file: its text, and what hangs on it."""

from dataclasses import dataclass, field
from typing import Any

from functions.ml.ingestion.parsing.readers.odf import DRAW, OFFICE, SVG, TEXT, Odf, formula_text

_DEEPEST = 100
_MOST_SPACES = 100
_SHAPES = frozenset({f"{DRAW}{name}" for name in ("frame", "custom-shape", "g", "rect", "ellipse", "text-box", "a")})
_RUBY_TEXT = f"{TEXT}ruby-text"
_SKIPPED = frozenset({
    _RUBY_TEXT, f"{TEXT}note", f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{TEXT}tracked-changes",
    f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph", f"{SVG}title", f"{SVG}desc",
})  # fmt: skip


@dataclass(slots=True)
class Paragraph:
    """A paragraph as read.

    Attributes:
        text: what is shown, as it stands.
        turns: pages that begin in it; negative nowhere.
        leads: whether the first of them begins before any text.
        notes: notes and comments, as elements.
        shapes: text boxes, pictures, charts, as elements.
        hidden: whether some of it is hidden.
    """

    text: str = ""
    turns: int = 0
    leads: bool = False
    notes: list[Any] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    hidden: bool = False


class Inline:
    """Reads one paragraph."""

    def __init__(self, document: Odf) -> None:
        self._document = document
        self._found = Paragraph()
        self._pieces: list[str] = []

    def read(self, element: Any) -> Paragraph:
        """Return what a paragraph holds."""
        self._inside(element, 0)
        self._found.text = "".join(self._pieces)
        return self._found

    def _inside(self, element: Any, depth: int) -> None:
        self._pieces.append(_flat(element.text))
        for child in element:
            if isinstance(child.tag, str) and depth < _DEEPEST:
                self._child(child, depth)
            self._pieces.append(_flat(child.tail))

    def _child(self, child: Any, depth: int) -> None:
        tag = child.tag
        if tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c", "1")
            self._pieces.append(" " * min(int(count) if count.isdigit() else 1, _MOST_SPACES))
        elif tag in {f"{TEXT}tab", f"{TEXT}line-break"}:
            self._pieces.append("\n" if tag.endswith("break") else "\t")
        elif tag == f"{TEXT}soft-page-break":
            self._found.leads = self._found.leads or not "".join(self._pieces).strip()
            self._found.turns += 1
        elif tag in {f"{TEXT}note", f"{OFFICE}annotation"}:
            self._found.notes.append(child)
        elif tag in _SHAPES:
            self._shape(child)
        elif self._is_hidden(child):
            self._found.hidden = True
        elif tag not in _SKIPPED:
            self._inside(child, depth + 1)

    def _shape(self, shape: Any) -> None:
        """Keep a shape for after the paragraph; a formula is text of the paragraph."""
        formula = formula_text(self._document.embedded(shape)) if shape.tag == f"{DRAW}frame" else ""
        if formula:
            self._pieces.append(f" {formula} ")
        else:
            self._found.shapes.append(shape)

    def _is_hidden(self, span: Any) -> bool:
        name = span.get(f"{TEXT}style-name", "") if span.tag == f"{TEXT}span" else ""
        return bool(name) and self._document.says("text", name, "text-properties", f"{TEXT}display") == "none"


def _flat(text: str | None) -> str:
    """Spaces and line ends of the XML are one space. Source: OpenDocument 1.3, part 3, 6.1.2."""
    return " ".join(f"·{text}·".split())[1:-1] if text else ""
