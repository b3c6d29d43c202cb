"""OpenDocument spreadsheets."""

from functions.ml.ingestion.parsing.format import Format

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
FORMAT = Format(
    name="ods",
    title="OpenDocument spreadsheet",
    extensions=("ods", "ots"),
    media_type=_TYPE,
    reader="functions.ml.ingestion.parsing.readers.ods",
    zip_types=(_TYPE, f"{_TYPE}-template"),
)
