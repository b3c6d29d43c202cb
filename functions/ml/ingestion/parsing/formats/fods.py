"""OpenDocument spreadsheets in one XML file."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="fods",
    title="OpenDocument spreadsheet in one XML file",
    extensions=("fods",),
    media_type="application/vnd.oasis.opendocument.spreadsheet-flat-xml",
    reader="functions.ml.ingestion.parsing.readers.ods",
    is_text=True,
)
