"""Mails as they travel (MIME)."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="eml",
    title="mail",
    extensions=("eml",),
    media_type="message/rfc822",
    reader="functions.ml.ingestion.parsing.readers.eml",
    is_text=True,
)
