"""XML: articles and books by their sections, anything else as records and values."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="xml",
    title="XML file",
    extensions=("xml", "nxml", "jats", "dbk", "rss", "atom", "opml", "tei", "kml", "gpx", "plist"),
    media_type="application/xml",
    reader="functions.ml.ingestion.parsing.readers.xml",
    is_text=True,
)
