"""Outlook's messages."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="msg",
    title="Outlook message",
    extensions=("msg",),
    media_type="application/vnd.ms-outlook",
    reader="functions.ml.ingestion.parsing.readers.msg",
    ole_streams=("__properties_version1.0",),
)
