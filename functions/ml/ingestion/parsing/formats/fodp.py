"""OpenDocument presentations in one XML file."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="fodp",
    title="OpenDocument presentation in one XML file",
    extensions=("fodp",),
    media_type="application/vnd.oasis.opendocument.presentation-flat-xml",
    reader="functions.ml.ingestion.parsing.readers.odp",
    is_text=True,
)
