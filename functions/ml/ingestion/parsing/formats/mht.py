"""Web pages saved with all their parts in one file."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="mht",
    title="web archive",
    extensions=("mht", "mhtml"),
    media_type="multipart/related",
    reader="functions.ml.ingestion.parsing.readers.mht",
    is_text=True,
)
