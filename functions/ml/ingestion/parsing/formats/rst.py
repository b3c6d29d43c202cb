"""reStructuredText."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="rst",
    title="reStructuredText file",
    extensions=("rst", "rest"),
    media_type="text/x-rst",
    reader="functions.ml.ingestion.parsing.readers.rst",
    is_text=True,
)
