"""Documents for Hypothesis: blocks of every kind, in many scripts, some very long."""

from hypothesis import strategies as st

from functions.ml.ingestion.parsing.tables import row_text
from functions.ml.parsed import Block, ParsedDocument

_WORDS = [
    "word",
    "Σ",
    "数据库",
    "مرحبا",
    "हिन्दी।",
    "end.",
    "What?",
    "それは。",
    "1,234.5",
    "a-b",
    "…",
    "(x)",
    "I.",
    "x" * 90,
    "漢" * 70,
]
_texts = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=120).map(" ".join)
_odd = st.text(max_size=60)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(
        st.sampled_from(["heading", "paragraph", "paragraph", "list_item", "code", "note", "caption", "table_row"])
    )
    if kind == "table_row":
        cells = tuple(draw(st.lists(_odd, min_size=1, max_size=4)))
        header = draw(st.sampled_from([(), ("Name", "", "Size")]))
        table = draw(st.integers(0, 2))
        return Block("table_row", row_text(cells), table=table, header=header, cells=cells, row=draw(st.integers(1, 9)))
    if kind == "heading":
        return Block("heading", draw(_odd), level=draw(st.integers(1, 6)))
    return Block(kind, draw(st.one_of(_texts, _odd)))  # type: ignore[arg-type]


@st.composite
def documents(draw: st.DrawFn) -> ParsedDocument:
    found = draw(st.lists(blocks(), max_size=25))
    page = 1
    placed = []
    for block in found:
        page += draw(st.integers(0, 1))
        placed.append(
            Block(block.kind, block.text, block.level, page, block.table, block.header, block.cells, block.row, None)
        )
    return ParsedDocument(tuple(placed), page, "page", draw(st.sampled_from(["", "Title"])))
