"""Org."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="org",
    title="Org file",
    extensions=("org",),
    media_type="text/org",
    reader="functions.ml.ingestion.parsing.readers.org",
    is_text=True,
)
