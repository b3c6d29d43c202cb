"""Excel workbooks before 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="xls",
    title="Excel workbook of the years before 2007",
    extensions=("xls", "xlt"),
    media_type="application/vnd.ms-excel",
    reader="functions.ml.ingestion.parsing.readers.xls",
    ole_streams=("Workbook", "Book"),
)
