"""Word documents before 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="doc",
    title="Word document of the years before 2007",
    extensions=("doc", "dot"),
    media_type="application/msword",
    reader="functions.ml.ingestion.parsing.readers.doc",
    ole_streams=("WordDocument",),
)
