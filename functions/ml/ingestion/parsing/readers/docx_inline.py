"""What stands in a paragraph of a Word document: its text, and what hangs on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from functions.ml.ingestion.parsing.readers import omml
from functions.ml.ingestion.parsing.readers.docx_styles import W, is_on, tag_value
from functions.ml.ingestion.parsing.readers.opc import R

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DEEPEST = 100
_SIGNS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_REMOVED = frozenset({f"{W}del", f"{W}moveFrom"})
_SKIPPED = frozenset({f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText", f"{W}rt", f"{W}sdtPr", _FALLBACK})
# Boxes and ticks of the fonts Wingdings and Wingdings 2, by their code.
_SYMBOLS = {
    "F0FE": "[x]", "F0FD": "[x]", "F0A8": "[ ]", "F06F": "[ ]", "F071": "[ ]", "F0FC": "✓", "F0FB": "✗", "F0E0": "→",
    "F0B7": "•", "F0A7": "▪", "F052": "[x]", "F0A3": "[ ]", "F050": "✓", "F04F": "✗",
}  # fmt: skip


@dataclass(slots=True)
class Paragraph:
    """A paragraph as read.

    Attributes:
        text: what is shown, as it stands.
        page: the page that it starts on.
        turns: pages that begin in it.
        boxes: text boxes anchored in it, as elements.
        notes: ids of notes and comments by their kind, in order.
        charts: relationship ids of charts.
        diagrams: relationship ids of the texts of diagrams.
        pictures: descriptions of pictures.
        hidden: whether some of it is hidden.
        changed: whether some of it was deleted with changes tracked.
    """

    text: str = ""
    page: int = 1
    turns: int = 0
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    hidden: bool = False
    changed: bool = False


class Inline:
    """Reads one paragraph."""

    def __init__(self, page: int, hidden_styles: frozenset[str]) -> None:
        self._found = Paragraph(page=page)
        self._pieces: list[str] = []
        self._hidden_styles = hidden_styles

    def read(self, element: Any) -> Paragraph:
        """Return what a paragraph holds."""
        self._read(element, 0)
        self._found.text = "".join(self._pieces)
        return self._found

    def _read(self, element: Any, depth: int) -> None:
        for child in element:
            tag = child.tag
            if tag == f"{W}t":
                self._pieces.append(child.text or "")
            elif tag == f"{W}r":
                self._run(child, depth)
            elif handler := _HANDLERS.get(tag):
                handler(self, child)
            elif tag in _SIGNS:
                self._pieces.append(_SIGNS[tag])
            elif tag in _REMOVED:
                self._found.changed = True
            elif tag not in _SKIPPED and len(child) and depth < _DEEPEST:
                self._read(child, depth + 1)

    def _run(self, run: Any, depth: int) -> None:
        properties = run.find(f"{W}rPr")
        if properties is not None and (
            is_on(properties, "vanish") or tag_value(properties, "rStyle") in self._hidden_styles
        ):
            self._found.hidden = self._found.hidden or run.find(f"{W}t") is not None
        elif depth < _DEEPEST:
            self._read(run, depth + 1)

    def _formula(self, element: Any) -> None:
        self._pieces.append(f" {omml.linear(element)} ")

    def _box(self, element: Any) -> None:
        self._found.boxes.append(element)

    def _page_turn(self, _element: Any) -> None:
        self._found.turns += 1
        if not "".join(self._pieces).strip():
            self._found.page += 1

    def _note(self, element: Any) -> None:
        kind = element.tag.removeprefix(W).removesuffix("Reference")
        self._found.notes.append((kind, element.get(f"{W}id", "")))

    def _described(self, element: Any) -> None:
        self._found.pictures.append(element.get("descr") or "")

    def _chart(self, element: Any) -> None:
        self._found.charts.append(element.get(f"{R}id", ""))

    def _diagram(self, element: Any) -> None:
        self._found.diagrams.append(element.get(f"{R}dm", ""))

    def _symbol(self, element: Any) -> None:
        self._pieces.append(_SYMBOLS.get(element.get(f"{W}char", "").upper(), ""))

    def _control(self, element: Any) -> None:
        """A box to tick is written `[x]` or `[ ]`; any other control is its content."""
        box = element.find(f"{W}sdtPr/{_W14}checkbox")
        if box is None:
            self._read(element, 1)
        else:
            checked = box.find(f"{_W14}checked")
            ticked = checked is not None and checked.get(f"{_W14}val") in {"1", "true", "on"}
            self._pieces.append("[x]" if ticked else "[ ]")

    def _old_control(self, element: Any) -> None:
        box = element.find(f"{W}ffData/{W}checkBox")
        if box is not None:
            state = "checked" if box.find(f"{W}checked") is not None else "default"
            self._pieces.append("[x] " if is_on(box, state) else "[ ] ")


_HANDLERS: dict[str, Callable[[Inline, Any], None]] = {
    f"{omml.M}oMath": Inline._formula,
    f"{W}txbxContent": Inline._box,
    f"{W}lastRenderedPageBreak": Inline._page_turn,
    f"{W}footnoteReference": Inline._note,
    f"{W}endnoteReference": Inline._note,
    f"{W}commentReference": Inline._note,
    f"{_DRAWING}docPr": Inline._described,
    _CHART: Inline._chart,
    _DIAGRAM: Inline._diagram,
    f"{W}sym": Inline._symbol,
    f"{W}sdt": Inline._control,
    f"{W}fldChar": Inline._old_control,
}
