"""PowerPoint presentations before 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="ppt",
    title="PowerPoint presentation of the years before 2007",
    extensions=("ppt", "pps", "pot"),
    media_type="application/vnd.ms-powerpoint",
    reader="functions.ml.ingestion.parsing.readers.ppt",
    ole_streams=("PowerPoint Document",),
)
