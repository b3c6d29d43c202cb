"""JSON."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="json",
    title="JSON file",
    extensions=("json", "geojson", "webmanifest"),
    media_type="application/json",
    reader="functions.ml.ingestion.parsing.readers.json",
    is_text=True,
)
