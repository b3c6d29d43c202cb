"""OpenDocument texts in one XML file."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="fodt",
    title="OpenDocument text in one XML file",
    extensions=("fodt",),
    media_type="application/vnd.oasis.opendocument.text-flat-xml",
    reader="functions.ml.ingestion.parsing.readers.odt",
    is_text=True,
)
