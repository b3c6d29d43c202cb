"""Which descriptions of pictures say something to a reader."""

import re

from functions.ml.ingestion.parsing.tables import clean

# What the program wrote by itself: a guess at the picture, or the name of its file.
_BY_MACHINE = re.compile(
    r"automatically generated|AI-generated|automatisch generiert|générée? automatiquement|generada automáticamente|"
    r"gerada automaticamente|generata automaticamente|automatisch gegenereerd|自动生成|自動的に生成",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"^\S*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp)$|^https?://\S*$", re.IGNORECASE)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")
_LEAST_WORDS = 3  # fewer name the thing ("logo", "owner avatar") and say nothing of it


def described(text: str) -> str:
    """Return a picture's description as a person wrote it, empty where it says nothing."""
    plain = clean(text)
    if len(_WORD.findall(plain)) < _LEAST_WORDS or _BY_MACHINE.search(plain) or _FILE_NAME.match(plain):
        return ""
    return plain
