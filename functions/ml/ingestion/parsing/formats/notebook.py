"""Jupyter notebooks."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="notebook",
    title="Jupyter notebook",
    extensions=("ipynb",),
    media_type="application/x-ipynb+json",
    reader="functions.ml.ingestion.parsing.readers.notebook",
    is_text=True,
)
