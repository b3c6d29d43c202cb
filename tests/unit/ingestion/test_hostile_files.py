"""Hostile and damaged files: each is read or refused for a reason that a person understands, and harms nothing else."""

import atexit
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.damage import KINDS, Damage, damaged
from functions.ml.ingestion.parsing.format import by_extension, formats
from functions.ml.ingestion.parsing.limits import MIB, ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.ingestion.sandboxed_reading import READ_PASSAGES, SandboxedReader
from functions.ml.storage import load_chunks
from shared.kernel.errors import Rejected
from tests.fakes.pipeline import Pipeline
from tests.unit.ingestion.hostile_files import FILES, PATTERNS
from tests.unit.ingestion.office_files import drawing, flat, old_slides, placed_text

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"
SAMPLES = (DOCUMENTS, DATA / "office", DATA / "scans")
CODES = {
    "unsupported_type", "empty_file", "password_protected", "no_text", "unreadable",
    "too_many_pages", "too_many_pixels", "parser_limit", "zip_bomb",
}  # fmt: skip
LIMITS = ParserLimits(cpu_s=4, wall_s=60.0)
SEED_BYTES = 256 * 1024
EXAMPLES_PER_FORMAT = 12


def outcome(path: Path, limits: ParserLimits = LIMITS) -> tuple[str, str]:
    """Read and cut a file in the sandbox: the code and the sentence of its refusal, `READY` for a document."""
    try:
        with reader(limits)(path, filename=path.name) as reading:
            assert len(list(reading.chunks({}))) == len(reading.chunks({}))
    except Rejected as error:
        return error.code, error.message
    return "READY", ""


def reader(limits: ParserLimits) -> SandboxedReader:
    return SandboxedReader("structure", {}, SandboxedParser(limits, READ_PASSAGES))


@cache
def made_samples() -> Path:
    """Write what the data does not hold in a small file, into a folder that lasts as long as the tests."""
    folder = Path(mkdtemp(prefix="strata-samples-"))
    atexit.register(rmtree, folder)
    old_slides(folder / "made.ppt", [(placed_text(0, "Title", 0, 0), drawing(placed_text(1, "Body", 100, 0)))])
    for name in ("text_document_01.odt", "odf_table_with_title_01.ods", "odf_presentation_02.odp"):
        flat(folder / f"made.f{name[-3:]}", DATA / "office" / name)
    return folder


@cache
def seeds() -> dict[str, list[Path]]:
    """Return the good files of each format: whatever the data holds of it, and what is made here."""
    found: dict[str, list[Path]] = {}
    for path in sorted(path for folder in (*SAMPLES, made_samples()) for path in folder.iterdir()):
        known = by_extension().get(path.suffix[1:].lower())
        if known is not None and path.name != "manifest.jsonl" and path.stat().st_size <= SEED_BYTES:
            found.setdefault(known.name, []).append(path)
    return found


def test_every_format_has_a_sample_that_is_damaged() -> None:
    assert set(formats()) - set(seeds()) == set()


@pytest.mark.parametrize("name", [path.name for path in made_samples().iterdir()])
def test_what_is_made_to_be_damaged_is_good(name: str) -> None:
    assert outcome(made_samples() / name)[0] == "READY"


@pytest.mark.parametrize("name", FILES)
def test_a_file_made_to_harm_is_read_or_refused_for_a_reason(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    code, message = outcome(tmp_path / name)
    assert code in {*CODES, "READY"}
    assert code == "READY" or message.endswith(".")


@pytest.mark.parametrize("name", ["zeros.zip", "overlaps.zip", "nested.zip", "zeros.docx", "overlaps.xlsx"])
def test_a_bomb_is_called_one(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    assert outcome(tmp_path / name)[0] == "zip_bomb"


def test_an_external_entity_brings_nothing_in(tmp_path: Path) -> None:
    FILES["external.xml"](tmp_path / "external.xml")
    document = SandboxedParser()(tmp_path / "external.xml", filename="external.xml")
    assert "root" not in "".join(block.text for block in document.blocks)


damages = st.lists(
    st.builds(
        Damage,
        kind=st.sampled_from(KINDS),
        at=st.floats(0, 1, exclude_max=True),
        size=st.integers(1, 512),
        choice=st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("name", sorted(seeds()))
@settings(
    max_examples=EXAMPLES_PER_FORMAT,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), changes=damages)
def test_a_damaged_file_is_read_or_refused_for_a_reason(
    tmp_path: Path, name: str, data: st.DataObject, changes: list[Damage]
) -> None:
    seed = data.draw(st.sampled_from(seeds()[name]))
    path = tmp_path / f"damaged{seed.suffix}"
    path.write_bytes(damaged(seed.read_bytes(), changes))
    code, message = outcome(path, ParserLimits(cpu_s=20, wall_s=60.0))
    assert code in {*CODES, "READY"}
    assert code != "parser_limit"  # a small file may be broken, but not costly
    assert code == "READY" or message.endswith(".")


_SENTENCE = "The committee read the report and measured again what people had told about it. "
LARGE = {
    "prose.md": ("## Section\n\n" + _SENTENCE * 20 + "\n\n- an *item*\n- a [link](http://a.example)\n\n") * 3_000,
    "table.md": "| a | b |\n|---|---|\n" + f"| 1 | {_SENTENCE} |\n" * 20_000,
    "sections.rst": f"Section\n=======\n\n{_SENTENCE * 5}\n\n* item\n\n" * 3_000,
    "table.rst": ".. list-table:: Table\n\n" + f"   * - 1\n     - {_SENTENCE}\n" * 2_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_ordinary_file_is_read_well_within_the_limits(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LARGE[name], encoding="utf-8")
    assert outcome(tmp_path / name, ParserLimits(cpu_s=20))[0] == "READY"


def text_formats() -> list[str]:
    return [item.extensions[0] for item in formats().values() if item.is_text and item.extensions[0]]


@pytest.mark.parametrize("extension", text_formats())
def test_no_text_makes_a_pattern_try_without_end(tmp_path: Path, extension: str) -> None:
    for number, pattern in enumerate(PATTERNS):
        path = tmp_path / f"{number}.{extension}"
        path.write_bytes(pattern)
        assert outcome(path, ParserLimits(cpu_s=10, wall_s=60.0))[0] != "parser_limit", pattern[:20]


class Batch(Pipeline):
    """The pipeline of the fakes, with the real sandbox in front."""

    def drop(self, name: str, content: bytes) -> None:
        row = self.announce(name, size_bytes=1_000 * MIB)
        renamed = row.model_copy(update={"filename": name})
        self.registry.replace_document(row, renamed)
        self.documents.write(renamed.object_key, content)

    def chunks(self, name: str) -> list[tuple[str, object]]:
        keys = sorted(key for key in self.artifacts.versions if key.startswith("parts/") and f"/{name}/" in key)
        return [(one.text, one.place) for key in keys for one in load_chunks(self.artifacts.read(key))]


def batch(files: dict[str, bytes]) -> Batch:
    """Ingest the files one after the other by one worker."""
    pipeline = Batch(reader=reader(ParserLimits(memory_bytes=512 * MIB, cpu_s=2, wall_s=20.0)))
    for name, content in files.items():
        pipeline.drop(name, content)
    for row in list(pipeline.registry.rows.values()):
        pipeline.hint(row)
    return pipeline


def test_a_good_document_is_the_same_among_hostile_ones(tmp_path: Path) -> None:
    good = {name: (DOCUMENTS / name).read_bytes() for name in ("duck.md", "stanley-cups.csv", "docx_lists.docx")}
    hostile = {}
    for name in ("zeros.zip", "deep.html", "cyclic-pages.pdf", "line.json", "laughs.docx"):
        FILES[name](tmp_path / name)
        hostile[name] = (tmp_path / name).read_bytes()
    mixed = [pair for pairs in zip(hostile.items(), [*good.items(), *good.items()], strict=False) for pair in pairs]
    together = batch(dict(mixed))
    for name, content in good.items():
        alone = batch({name: content})
        assert together.state(name).status == alone.state(name).status == "EMBEDDING"
        assert together.chunks(name) == alone.chunks(name) != []
    for name in hostile:
        assert together.state(name).status == "FAILED"
        assert together.state(name).reason.endswith(".")
