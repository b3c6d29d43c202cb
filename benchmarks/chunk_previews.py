"""How long a preview takes: the first 50 pages of a PDF, read in the sandbox, cut in every way, as JSON.

`python -m benchmarks.chunk_previews FILE.pdf`. The reading server is warm, as in a function that has served before.
"""

import argparse
import time
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pypdfium2

from benchmarks.machine import machine_line
from functions.ml.ingestion.chunking import STRATEGIES
from functions.ml.ingestion.preview import PreviewChunks
from functions.ml.ingestion.sandboxed_reading import SandboxedReader
from functions.ml.releases.catalogue import load_releases
from functions.ml.releases.store import ReleaseStore
from shared.contracts.ml_api import Caller, ChunkPreviewRequest, PreviewFile
from tests.fakes.object_store import MemoryObjects
from tests.fakes.registry import MemoryRegistry

PAGES = 50


def first_pages(path: Path, count: int) -> bytes:
    """Return a PDF of the first pages of another."""
    part, whole = pypdfium2.PdfDocument.new(), pypdfium2.PdfDocument(path)
    part.import_pages(whole, list(range(min(count, len(whole)))))
    into = BytesIO()
    part.save(into)
    return into.getvalue()


def main() -> None:
    """Print a line per strategy."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=Path)
    path = arguments.parse_args().file
    content = b64encode(first_pages(path, PAGES)).decode()
    file = PreviewFile.model_construct(filename=path.name, content=content)
    nothing = MemoryObjects()
    releases = ReleaseStore(load_releases("extractive", "multilingual"), nothing)
    preview = PreviewChunks(MemoryRegistry(), nothing, nothing, SandboxedReader, releases)
    caller = Caller(tenant_id="t", user_id="u", readers=("tenant:t",))
    preview(ChunkPreviewRequest(caller=caller, file=file))
    print(machine_line())
    for strategy in STRATEGIES:
        started, cpu_started = time.perf_counter(), time.process_time()
        shown = preview(ChunkPreviewRequest(caller=caller, file=file, chunking=strategy, limit=200))
        size = len(shown.model_dump_json())
        spent, cpu = time.perf_counter() - started, time.process_time() - cpu_started
        print(
            f"{strategy:<18}{shown.pages:>4} pages {shown.chunks_total:>5} chunks {size / 1e3:>6.0f} kB"
            f"{spent:>7.2f} s, {cpu:.2f} s of it outside the sandbox"
        )


if __name__ == "__main__":
    main()
