"""JSON, one value per line."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="jsonl",
    title="JSON lines file",
    extensions=("jsonl", "ndjson"),
    media_type="application/x-ndjson",
    reader="functions.ml.ingestion.parsing.readers.jsonl",
    is_text=True,
)
