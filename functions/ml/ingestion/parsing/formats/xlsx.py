"""Excel workbooks since 2007."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="xlsx",
    title="Excel workbook",
    extensions=("xlsx", "xlsm", "xltx", "xltm"),
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    reader="functions.ml.ingestion.parsing.readers.xlsx",
    zip_types=("spreadsheetml", "ms-excel.sheet.macroEnabled", "ms-excel.template"),
)
