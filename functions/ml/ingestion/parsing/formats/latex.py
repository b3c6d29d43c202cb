"""LaTeX."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="latex",
    title="LaTeX file",
    extensions=("tex", "ltx", "latex"),
    media_type="text/x-tex",
    reader="functions.ml.ingestion.parsing.readers.latex",
    is_text=True,
)
