import subprocess
import sys

from functions.ml.ingestion.parsing.format import by_extension, formats

_LOADED = """
import sys
from functions.ml.ingestion.parsing.format import formats
formats()
print(*sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names))
"""


def test_declaring_the_formats_loads_no_parser_library() -> None:
    ours = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True).stdout.split()
    assert set(ours) & {"pptx", "lxml", "pypdfium2", "selectolax", "python_calamine", "bs4"} == set()


def test_no_two_formats_claim_an_ending() -> None:
    claimed = [extension for item in formats().values() for extension in item.extensions]
    assert sorted(claimed) == sorted(by_extension())


def test_every_format_has_a_reader_and_a_name_that_is_its_module() -> None:
    for name, item in formats().items():
        assert item.name == name
        assert callable(item.parse)
