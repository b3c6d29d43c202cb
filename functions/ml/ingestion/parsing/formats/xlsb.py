"""Binary Excel workbooks."""

from functions.ml.ingestion.parsing.format import Format

FORMAT = Format(
    name="xlsb",
    title="binary Excel workbook",
    extensions=("xlsb",),
    media_type="application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    reader="functions.ml.ingestion.parsing.readers.xls",
    zip_types=("ms-excel.sheet.binary",),
)
