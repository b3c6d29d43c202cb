"""Embeds texts with a local ONNX model: no account, no network.

The folder of models holds `<name>.json` that points to an installed model, or the model itself in `<name>/`. Where
neither is, the embedder leaves `<name>.wanted`, which the platform on one machine answers by installing it.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.ml.adapters.readable_text import whole_characters
from functions.ml.adapters.text_ids import ToIds, tokenizer_of
from functions.ml.ports import Purpose, Vector
from shared.kernel.errors import Unavailable

CHARACTERS_PER_TOKEN = 64
"""A longer text cannot reach the model's limit of tokens otherwise; cutting first keeps a book out of the tokenizer."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory.

    Attributes:
        description: the content of its `model.json`.
        to_ids: the tokenizer, cutting at the model's limit.
        session: an `onnxruntime.InferenceSession` of one thread.
        pool: the threads that share the session.
    """

    description: Mapping[str, Any]
    to_ids: ToIds
    session: Any
    pool: ThreadPoolExecutor


class OnnxEmbedder:
    """An `Embedder` over a model of the folder, loaded on first use.

    A dynamically quantised model gives a text another vector when it is padded in a batch, so each text runs alone:
    its vector does not depend on its neighbours. Several threads share one session, each run on one thread, which is
    as fast as batches and reproducible.

    Args:
        models_directory: the folder of models.
        name: the model's name there, e.g. `multilingual`.
        threads: texts embedded at the same time, at least 1.
    """

    def __init__(self, models_directory: Path, name: str, threads: int) -> None:
        self._models_directory = models_directory
        self._name = name
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: LoadedModel | None = None

    @property
    def model_id(self) -> str:
        """The model and the digest of its build.

        Raises:
            Unavailable: the model is not installed yet (`model_not_ready`).
        """
        return str(self._model().description["model_id"])

    @property
    def dimensions(self) -> int:
        """Length of every vector.

        Raises:
            Unavailable: the model is not installed yet (`model_not_ready`).
        """
        return int(self._model().description["dimensions"])

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[Vector]:
        """Return one vector of L2 norm 1 per text, in order; the same text gives the same bytes in any company.

        Raises:
            Unavailable: the model is not installed yet, or not whole (`model_not_ready`).
        """
        model = self._model()
        prefix = model.description["prefixes"][purpose]
        longest = model.description["max_tokens"] * CHARACTERS_PER_TOKEN

        def run(text: str) -> Vector:
            ids = model.to_ids(prefix + whole_characters(text[:longest]))
            return tuple(model.session.run(None, {"input_ids": [ids]})[0][0].tolist())

        return [run(texts[0])] if len(texts) == 1 else list(model.pool.map(run, texts))

    def _model(self) -> LoadedModel:
        """Return the model, loaded once; what failed is tried again at the next call."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> LoadedModel:
        """Read the model into memory; the vocabulary is mapped, not read."""
        import onnxruntime

        folder = self._folder()
        description = self._describe(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        try:
            session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
            to_ids = tokenizer_of(folder, description["max_tokens"])
        except Exception as error:  # the libraries' errors share no class; a damaged file is installed again
            raise self._missing() from error
        pool = ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix=f"embed-{self._name}")
        return LoadedModel(description=description, to_ids=to_ids, session=session, pool=pool)

    def _folder(self) -> Path:
        """Find the model; ask for it where it is not."""
        pointer = self._models_directory / f"{self._name}.json"
        try:
            return Path(json.loads(pointer.read_text(encoding="utf-8"))["path"])
        except FileNotFoundError:
            beside = self._models_directory / self._name
            if (beside / "model.json").is_file():
                return beside
            raise self._missing() from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._missing() from error

    def _describe(self, folder: Path) -> Mapping[str, Any]:
        """Read `model.json` and check that every file it names is there in its size: cheap, at each cold start."""
        try:
            description: Mapping[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            whole = all(
                (folder / file).stat().st_size == pinned["size_bytes"] for file, pinned in description["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._missing() from error
        if not whole:
            raise self._missing()
        return description

    def _missing(self) -> Unavailable:
        """Leave the mark that asks for the model, where the folder can be written, and say what happens next."""
        with suppress(OSError):
            self._models_directory.mkdir(parents=True, exist_ok=True)
            (self._models_directory / f"{self._name}.wanted").touch()
        return Unavailable(
            f"The embedding model {self._name} is not installed yet. The platform on this machine installs it now; try "
            f"again in a minute. Anywhere else, install it with `make model NAME={self._name}`.",
            code="model_not_ready",
        )
