"""OpenDocument texts."""

from functions.ml.ingestion.parsing.format import Format

_TYPE = "application/vnd.oasis.opendocument.text"
FORMAT = Format(
    name="odt",
    title="OpenDocument text",
    extensions=("odt", "ott"),
    media_type=_TYPE,
    reader="functions.ml.ingestion.parsing.readers.odt",
    zip_types=(_TYPE, f"{_TYPE}-template"),
)
