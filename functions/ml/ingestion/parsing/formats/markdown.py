"""Markdown."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="markdown",
    title="Markdown text",
    extensions=("md", "markdown"),
    media_type="text/markdown",
    reader="functions.ml.ingestion.parsing.readers.markdown",
    is_text=True,
)
