"""OpenDocument presentations."""

from functions.ml.ingestion.parsing.format import Format

_TYPE = "application/vnd.oasis.opendocument.presentation"
FORMAT = Format(
    name="odp",
    title="OpenDocument presentation",
    extensions=("odp", "otp"),
    media_type=_TYPE,
    reader="functions.ml.ingestion.parsing.readers.odp",
    zip_types=(_TYPE, f"{_TYPE}-template"),
)
