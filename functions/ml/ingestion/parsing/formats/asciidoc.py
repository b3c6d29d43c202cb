"""AsciiDoc."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="asciidoc",
    title="AsciiDoc file",
    extensions=("adoc", "asciidoc", "asc"),
    media_type="text/asciidoc",
    reader="functions.ml.ingestion.parsing.readers.asciidoc",
    is_text=True,
)
