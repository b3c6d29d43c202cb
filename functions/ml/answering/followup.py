"""Makes a follow-up question complete enough to search for: `And how long does it take?` alone finds nothing."""

import re
from collections.abc import Sequence

from functions.ml.answering.words import content_terms
from functions.ml.ports import Turn

SHORT_TERMS = 2
MAX_ADDED_WORDS = 12
_REFERS_BACK = re.compile(
    r"\b(?:it|its|he|she|they|them|their|his|her|this|that|these|those|there|one|ones|same|such|former|latter"
    r"|er|sie|es|ihn|ihm|ihr|ihre|deren|dessen|diese[rsmn]?|das|dort|davon|dafür|dazu|dabei|damit"
    r"|il|elle|ils|elles|celui|celle|cela|ça|ello|eso|esto|ellos|ellas)\b"
    r"|^\s*(?:and|or|also|what about|how about|und|oder|auch|et|y)\b"
    r"|هو|هي|هذا|هذه|ذلك|تلك|هم|它|他|她|这|那|其|それ|これ|あれ",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def is_follow_up(question: str) -> bool:
    """Tell whether a question leans on what was said before: few content words, or a word that points back."""
    return len(content_terms(question)) <= SHORT_TERMS or bool(_REFERS_BACK.search(question))


def search_text(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question, with the key words of the previous one where it leans on it.

    Args:
        question: as the person typed it.
        history: earlier turns, oldest first; only the person's own are used, since an answer may be wrong.
    """
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier or not is_follow_up(question):
        return question
    previous = search_text(earlier[-1], [Turn("user", text) for text in earlier[-2:-1]])
    if _HAN.search(previous):
        return f"{question} {previous}"
    known = frozenset(content_terms(question))
    words = [word for word in _WORD.findall(previous) if content_terms(word) and not known & set(content_terms(word))]
    return " ".join([question, *dict.fromkeys(words[:MAX_ADDED_WORDS])])
