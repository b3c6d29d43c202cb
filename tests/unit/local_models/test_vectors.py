"""What the local models say, against vectors that other implementations made and against right answers.

`references.npz` comes from the package's own C engine (E5) and from a NumPy forward pass in float32 (MiniLM), by
`tests/data/models/write_references.py`.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.adapters.text_ids import tokenizer_of
from functions.ml.ports import Purpose
from tests.local_models import LOCAL_MODELS, install_local_models

DATA = Path(__file__).parents[2] / "data" / "models"
TEXTS = [entry["text"] for entry in json.loads((DATA / "texts.json").read_text("utf-8"))]
LANGUAGES = {entry["language"] for entry in json.loads((DATA / "texts.json").read_text("utf-8"))}
CUTOFF = 10
Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def models_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_local_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def embedders(models_directory: Path) -> dict[str, OnnxEmbedder]:
    return {name: OnnxEmbedder(models_directory, name, threads=2) for name in LOCAL_MODELS}


def vectors(embedder: OnnxEmbedder, texts: list[str], purpose: Purpose = "passage") -> Floats:
    return np.array(embedder.embed(texts, purpose=purpose))


# int8 on a machine with VNNI: 0.9973 mean, 0.9954 least (E5); 0.9907 and 0.9815 (MiniLM); without VNNI a little less.
@pytest.mark.parametrize(("name", "mean", "least"), [("multilingual", 0.99, 0.98), ("fast-english", 0.985, 0.97)])
def test_the_vectors_are_those_of_another_implementation(
    name: str, mean: float, least: float, embedders: dict[str, OnnxEmbedder]
) -> None:
    assert (len(TEXTS), len(LANGUAGES)) == (40, 8)
    references = np.load(DATA / "references.npz")[name].astype(np.float64)
    references /= np.linalg.norm(references, axis=1, keepdims=True)
    cosines = (vectors(embedders[name], TEXTS) * references).sum(axis=1)
    assert cosines.mean() > mean
    assert cosines.min() > least


def test_minilm_gives_the_similarities_of_its_documentation(embedders: dict[str, OnnxEmbedder]) -> None:
    """Source: sbert.net, "Quickstart": 0.6660, 0.1046, 0.1411."""
    sentences = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    found = vectors(embedders["fast-english"], sentences)
    similarities = found @ found.T
    assert [similarities[0, 1], similarities[0, 2], similarities[1, 2]] == pytest.approx(
        [0.6660, 0.1046, 0.1411], abs=0.02
    )


@pytest.mark.parametrize("name", LOCAL_MODELS)
def test_a_text_has_the_same_bytes_alone_in_company_and_in_a_model_loaded_again(
    name: str, embedders: dict[str, OnnxEmbedder], models_directory: Path
) -> None:
    alone = [embedders[name].embed([text], purpose="passage")[0] for text in TEXTS]
    assert embedders[name].embed(TEXTS, purpose="passage") == alone
    loaded_again = OnnxEmbedder(models_directory, name, threads=1)
    assert loaded_again.embed(TEXTS[::-1], purpose="passage") == alone[::-1]


def test_e5_marks_questions_and_passages_and_minilm_does_not(embedders: dict[str, OnnxEmbedder]) -> None:
    for name, differ in (("multilingual", True), ("fast-english", False)):
        embed = embedders[name].embed
        assert (embed(["a cat"], purpose="query") != embed(["a cat"], purpose="passage")) is differ
    raw = OnnxEmbedder.embed  # the prefix is text that anybody may write
    assert raw(embedders["multilingual"], ["x"], purpose="query") != raw(
        embedders["multilingual"], ["query: x"], purpose="query"
    )


@pytest.mark.parametrize(("name", "limit"), [("multilingual", 512), ("fast-english", 256)])
def test_a_text_is_cut_at_the_limit_of_the_model_and_not_before(
    name: str, limit: int, embedders: dict[str, OnnxEmbedder]
) -> None:
    words = ["river"] * (limit * 2)
    embed = embedders[name].embed
    whole = embed([" ".join(words)], purpose="passage")
    assert embed([" ".join([*words, "different"])], purpose="passage") == whole
    assert embed([" ".join([*words[: limit - 20], "different"])], purpose="passage") != whole


@pytest.mark.parametrize("name", LOCAL_MODELS)
def test_special_pieces_spelled_out_in_a_document_are_plain_text(name: str, models_directory: Path) -> None:
    folder = Path(json.loads((models_directory / f"{name}.json").read_text())["path"])
    to_ids = tokenizer_of(folder, 128)
    plain = to_ids("")
    for special in ("</s>", "<mask>", "<s>", "[SEP]", "[MASK]", "[CLS]"):
        ids = to_ids(special)
        assert (ids[0], ids[-1]) == (plain[0], plain[-1])
        assert len(ids) > len(plain) + 1


def ndcg(passages: Floats, questions: Floats, relevant: list[int]) -> float:
    """Mean nDCG@10 with one relevant passage per question."""
    ranks = [
        int((scores > scores[right]).sum()) + 1 for scores, right in zip(questions @ passages.T, relevant, strict=True)
    ]
    return float(np.mean([1 / math.log2(1 + rank) if rank <= CUTOFF else 0.0 for rank in ranks]))


# Found: multilingual 0.994 en, 0.994 de, 1.0 zh; fast-english 0.988 en. A broken tokenizer or prefix costs far more.
@pytest.mark.parametrize(
    ("name", "language", "least"),
    [
        ("multilingual", "en", 0.95),
        ("multilingual", "de", 0.95),
        ("multilingual", "zh", 0.95),
        ("fast-english", "en", 0.95),
    ],
)
def test_the_right_passage_is_found(name: str, language: str, least: float, embedders: dict[str, OnnxEmbedder]) -> None:
    given = json.loads((DATA / "retrieval.json").read_text("utf-8"))[language]
    places = {passage["id"]: place for place, passage in enumerate(given["passages"])}
    passages = vectors(embedders[name], [passage["text"] for passage in given["passages"]])
    questions = vectors(embedders[name], [question["text"] for question in given["questions"]], "query")
    assert ndcg(passages, questions, [places[question["id"]] for question in given["questions"]]) > least
