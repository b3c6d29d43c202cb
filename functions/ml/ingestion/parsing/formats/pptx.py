"""PowerPoint presentations since 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="pptx",
    title="PowerPoint presentation",
    extensions=("pptx", "pptm", "ppsx", "ppsm", "potx", "potm"),
    media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
    reader="functions.ml.ingestion.parsing.readers.pptx",
    zip_types=("presentationml", "ms-powerpoint"),
)
