"""Web pages."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="html",
    title="HTML page",
    extensions=("html", "htm", "xhtml"),
    media_type="text/html",
    reader="functions.ml.ingestion.parsing.readers.html",
    is_text=True,
)
