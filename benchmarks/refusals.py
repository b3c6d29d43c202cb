"""Fits when to refuse, on some sets, and says how it does on the others.

    python -m benchmarks.refusals --data DIR --vectors DIR --models DIR [--release NAME] [--write]

The weights are a logistic regression over the signs of `functions/ml/answering/gate.py`, every pair of source and kind
counting the same. Each row of the report is of a set that was left out of the fit (all languages of XQuAD together,
because they ask the same). `--write` puts the weights of all sets into the release catalogue.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answer_cases import SETS, Case, Cases
from functions.ml.adapters.onnx_embedder import OnnxEmbedder
from functions.ml.answering.gate import GateParameters, Signs, confidence, read_signs
from functions.ml.answering.words import content_terms
from functions.ml.releases import catalogue
from functions.ml.releases.catalogue import load_releases

SCALES: dict[str, dict[str, Any]] = {
    "multilingual": {"noise_cosine": 0.765, "cosine_unit": 0.1},
    "fast-english": {"noise_cosine": 0.12, "cosine_unit": 0.3},
}
"""What a passage about something else scores, and what a right one scores above it, both on average over the sets."""
SIGNS = {
    "one_language": ("passage", "sentence", "nearest", "stands_out"),
    "two_languages": ("nearest", "nearness", "stands_out"),
    "words_alone": ("passage", "sentence"),
}
REFUSED_ANSWERABLE = {"one_language": 0.055, "two_languages": 0.10, "words_alone": 0.08}
"""What is given up of the answerable: under the 10 % that may be, because other sets are other."""
REFUSED_WITH_MODEL = 0.003


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with its signs."""

    source: str
    kind: str
    signs: Signs

    @property
    def family(self) -> str:
        """What is left out together."""
        return self.source.partition("_")[0]


def seen(case: Case, parameters: GateParameters) -> Seen:
    """Read the signs of a case."""
    return Seen(case.source, case.kind, read_signs(case.judged, case.passages, parameters, further=case.further))


def logistic(values: Any, labels: Any, weights: Any, *, ridge: float = 1e-3) -> Any:
    """Fit a logistic regression by Newton's method.

    Args:
        values: n x k.
        labels: n, 0 or 1.
        weights: n, what each row counts; they are scaled to sum to 1.
        ridge: penalty on the k weights, not on the bias.

    Returns:
        k weights and the bias.

    Source:
        Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, section 4.4.1.
    """
    rows = np.c_[values, np.ones(len(values))]
    shares, fitted = weights / weights.sum(), np.zeros(rows.shape[1])
    penalty = np.r_[np.full(rows.shape[1] - 1, ridge), 1e-9]
    for _ in range(50):
        likely = 1 / (1 + np.exp(-rows @ fitted))
        gradient = rows.T @ (shares * (likely - labels)) + penalty * fitted
        curvature = (rows * (shares * likely * (1 - likely))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        fitted -= step
        if np.abs(step).max() < 1e-9:
            break
    return fitted


def shares(rows: Sequence[Seen]) -> Any:
    """Let every pair of source and kind count the same."""
    counts = Counter((row.source, row.kind) for row in rows)
    return np.array([1 / counts[row.source, row.kind] for row in rows])


def weighted_quantile(values: Any, weights: Any, share: float) -> float:
    """Return the value under which this share of the weight lies."""
    order = np.argsort(values)
    place = int(np.searchsorted(np.cumsum(weights[order]) / weights.sum(), share))
    return float(values[order][min(place, len(values) - 1)])


def fit(rows: Sequence[Seen], name: str) -> dict[str, float]:
    """Fit one set of weights, its bias so that 0.5 refuses what may be refused of the answerable."""
    fits = np.array([name in (row.signs.weighed_by, "words_alone") for row in rows])
    fitting = [row for row, one in zip(rows, fits, strict=True) if one]
    values = np.array([[getattr(row.signs, sign) for sign in SIGNS[name]] for row in fitting])
    labels, counting = np.array([row.kind == "own" for row in fitting], dtype=float), shares(rows)[fits]
    found = logistic(values, labels, counting)
    logits, own = values @ found[:-1], labels == 1
    bias = -weighted_quantile(logits[own], counting[own], REFUSED_ANSWERABLE[name])
    weights = dict(zip(SIGNS[name], found[:-1].tolist(), strict=True))
    return {sign: round(weight, 3) for sign, weight in (weights | {"bias": bias}).items()}


def calibrated(rows: Sequence[Seen], scale: Mapping[str, float]) -> dict[str, Any]:
    """Fit a whole gate."""
    gate: dict[str, Any] = dict(scale)
    for name in SIGNS:
        gate[name] = fit([row for row in rows if name != "words_alone" or row.signs.weighed_by == "one_language"], name)
    parameters = GateParameters(**gate)
    own = [row for row in rows if row.kind == "own"]
    sure = np.array([confidence(row.signs, parameters) for row in own])
    gate["refuse_below_with_model"] = round(weighted_quantile(sure, shares(own), REFUSED_WITH_MODEL), 3)
    return gate


def refused(rows: Sequence[Seen], parameters: GateParameters, *, with_model: bool = False) -> dict[str, float]:
    """Return the share of refusals by source and kind."""
    least = parameters.refuse_below_with_model if with_model else parameters.refuse_below
    told: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        told[f"{row.source}: {row.kind}"].append(confidence(row.signs, parameters) < least)
    return {name: float(np.mean(values)) for name, values in told.items()}


def left_out(rows: Sequence[Seen], scale: Mapping[str, float]) -> dict[str, float]:
    """Return the refusals of every family by a gate that was fitted on the others.

    Only XQuAD asks across languages, so that its weights for two languages are fitted on two languages and judged on
    the third.
    """
    result: dict[str, float] = {}
    for family in dict.fromkeys(row.family for row in rows):
        mine = [row for row in rows if row.family == family]
        others = [row for row in rows if row.family != family]
        across = [row for row in mine if " of " in row.source]
        gate: dict[str, Any] = dict(scale) | {name: fit(others, name) for name in ("one_language", "words_alone")}
        result |= refused([row for row in mine if row not in across], GateParameters(**gate))
        for source in dict.fromkeys(row.source for row in across):
            elsewhere = [row for row in across if row.source != source]
            weights = fit(elsewhere, "two_languages") if elsewhere else {}
            parameters = GateParameters(**(gate | {"two_languages": weights}))
            result |= refused([row for row in across if row.source == source], parameters)
    return result


def write(name: str, gate: dict[str, Any]) -> None:
    """Put a calibrated gate into the catalogue."""
    path = Path(catalogue.__file__).with_name("catalogue.json")
    content = json.loads(path.read_text("utf-8"))
    for release in content["releases"]:
        if release["name"] == name:
            release["answer"]["gate"] = gate
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """Fit, report and perhaps write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True, help="folder with one folder per release")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--release", default="multilingual", choices=tuple(SCALES))
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    release = load_releases("extractive", options.release).default
    embedder = OnnxEmbedder(options.models, options.release, 2)
    cases = Cases(options.data, options.vectors / options.release, release, embedder, tuple(options.sets))
    scale = SCALES[options.release]
    first = GateParameters(**scale)
    rows = [seen(case, first) for case in cases.every() if content_terms(case.judged)]
    gate = calibrated(rows, scale)
    print(json.dumps(gate, indent=1))
    by_others, by_all = left_out(rows, scale), refused(rows, GateParameters(**gate))
    with_model = refused(rows, GateParameters(**gate), with_model=True)
    print(f"{'':44}left out  fitted  with a model")
    for name, value in by_all.items():
        print(f"{name:44}{by_others[name]:8.3f}{value:8.3f}{with_model[name]:8.3f}")
    if options.write:
        write(options.release, gate)


if __name__ == "__main__":
    main()
