"""CSV and its relatives: comma, semicolon, tab and pipe."""

import csv
import io
from collections import Counter
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.format import Format
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.parsing.tables import table_blocks
from functions.ml.parsed import Block, ParsedDocument

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
_LONGEST_FIELD = 1_000_000

FORMAT = Format(
    name="delimited",
    title="CSV table",
    extensions=("csv", "tsv"),
    media_type="text/csv",
    reader=__name__,
    is_text=True,
)


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse a delimited file; rows keep the number of columns that they have.

    Raises:
        Invalid: the content is not text, or a field never ends (`unreadable`).
    """
    del limits  # a delimited file has no pages
    text = decode(path.read_bytes())
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), skipinitialspace=True))
    except csv.Error as error:
        raise refusals.unreadable("The rows of the file cannot be told apart: a quoted field never ends.") from error
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    captions = []
    while len(numbered) > 1 and _filled(numbered[0][1]) == 1 < _filled(numbered[1][1]):
        number, row = numbered.pop(0)
        captions.append(Block("caption", "".join(row).strip(), row=number))
    body = table_blocks([row for _, row in numbered], table=0, row_numbers=[number for number, _ in numbered])
    return ParsedDocument((*captions, *body), pages=1, unit="section")


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def delimiter_of(text: str) -> str:
    """Choose the delimiter that splits the first lines most evenly into most columns; a comma when none does."""
    sample = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
        widths = Counter(len(row) for row in reader if row)
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    columns, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if columns == 1:
        split_rows = widths.total() - widths[1]
        return (0.5 * split_rows / widths.total(), 0)
    return (count / widths.total(), columns)
