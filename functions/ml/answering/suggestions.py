"""Suggests what to ask next: about the sections that were found beside those that the answer quotes.

Without a model, so that it costs nothing and works everywhere. A suggestion names a section of the documents. It is
made of the section's heading and words that carry no content, so a search for it finds that section; and it is made
only where the release's gate would let the section answer it. Nobody is led into a refusal.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence

from functions.ml.answering.followup import is_follow_up
from functions.ml.answering.words import content_terms, language_of
from functions.ml.ports import RankedHit

MOST_SUGGESTIONS = 3
MOST_CHARACTERS = 80
LEAST_TERMS = 2
"""A question of one term leans on the conversation (`followup.is_follow_up`), and many sections are called `Scope`."""
LEAST_PASSAGE_TERMS = 8
_FORMS = {
    "en": "Tell me more about “{}”.",
    "de": "Was gibt es zu „{}“?",
    "fr": "Qu’y a-t-il sur « {} » ?",
    "es": "¿Qué hay sobre «{}»?",
    "it": "Che cosa c’è su «{}»?",
    "pt": "O que há sobre “{}”?",
    "ar": "ماذا عن «{}»؟",
    "zh": "“{}”是什么？",
    "ja": "「{}」とは？",
}
_ALONE = "{}"
_NUMBERING = re.compile(
    r"^(?:(?:§+|Art\.?|Section|Chapter|Kapitel|Abschnitt)\s*)?"
    r"(?:\d+|[IVXLC]+(?=[.)])|[A-Z](?=[.)]))(?:\.\d+)*[.):]?\s+",
    re.IGNORECASE,
)
_QUOTES = str.maketrans(dict.fromkeys('“”„«»「」"<>[]`*_#|', " "))
_QUESTION_ENDS = ("?", "？", "؟")


def suggestions(
    asked: Sequence[str],
    found: Sequence[RankedHit],
    cited: Collection[str],
    *,
    is_answered_by: Callable[[str, RankedHit], bool],
) -> tuple[str, ...]:
    """Return up to three questions, best first, none of them asked before.

    Args:
        asked: the person's questions, the present one last; at least one.
        found: what was retrieved for it, best first.
        cited: ids of the chunks that the answer quotes.
        is_answered_by: would this passage answer this question?
    """
    known = [frozenset(content_terms(question)) for question in asked]
    known += [frozenset(content_terms(_title(hit))) for hit in found if hit.indexed.chunk_id in cited]
    made: list[str] = []
    for hit in found:
        title = "" if hit.indexed.chunk_id in cited else _title(hit)
        terms = frozenset(content_terms(title))
        if len(terms) < LEAST_TERMS or any(terms <= other for other in known):
            continue
        text = hit.indexed.chunk.text
        question = _question(title, asked[-1], text)
        says_something = len(content_terms(text)) >= LEAST_PASSAGE_TERMS and not is_follow_up(question)
        if says_something and is_answered_by(question, hit):
            made.append(question)
            known.append(terms)
        if len(made) == MOST_SUGGESTIONS:
            break
    return tuple(made)


def _title(hit: RankedHit) -> str:
    """Call a section by its nearest heading, and by those around it as long as that says too little; empty for none."""
    title = ""
    for heading in _headings(hit):
        title = f"{heading}: {title}" if title else heading
        if len(content_terms(title)) >= LEAST_TERMS:
            return title if len(title) <= MOST_CHARACTERS else ""
    return ""


def _headings(hit: RankedHit) -> Iterator[str]:
    """Yield the headings, the nearest first, without numbers, marks and signs that are not seen."""
    for heading in reversed(hit.indexed.chunk.place.heading_path):
        seen = "".join(sign for sign in heading if unicodedata.category(sign)[0] != "C" or sign.isspace())
        plain = " ".join(_NUMBERING.sub("", " ".join(seen.split())).translate(_QUOTES).split()).rstrip(" .:;,-–—")
        if plain:
            yield plain


def _question(title: str, asked: str, text: str) -> str:
    """Put a title into a question in the language of the person, or of the passage where that cannot be told."""
    if title.endswith(_QUESTION_ENDS):
        return title
    return _FORMS.get(language_of(asked) or language_of(text), _ALONE).format(title)
