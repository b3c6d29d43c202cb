"""Makes a follow-up question complete enough to search for: `And how long does it take?` alone finds nothing.

Without a model: whether a question leans on the conversation is told by words that point back with nothing before them
in their own sentence to point to, by openings such as `what about`, and by questions of next to no content. Such a
question gets the key words of the person's question before it, and the names of the last answer, because `Where was she
born?` asks about someone whom only the answer named. A question that is complete is never touched, so that a change of
topic is not polluted by the old one.
"""

import re
from collections.abc import Iterator, Sequence

from functions.ml.answering.words import HAN, content_terms
from functions.ml.ports import Turn

SHORT_TERMS = 1
FRAGMENT_WORDS = 3
ANTECEDENT_TERMS = 2
MAX_ADDED_WORDS = 12
MAX_NAMES = 4
_NAMING_SENTENCES = 3

_END = r"(?=\s*(?:[?.!,;]|$))"
_POINTS_BACK = re.compile(
    r"\b(?:he|she|they|them|him|this|these|those|former|latter|the same)\b"
    # `is it possible`, `how long does it take to` and `are there` point to nothing
    r"|(?<!is )\bit\b(?!\s+(?:takes?|costs?)\b[^?.!]*\bto\b)"
    r"|\bis it\b(?!\s+(?:possible|necessary|allowed|true|safe|legal|mandatory)\b)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )\bthere\b(?!\s+(?:is|are|was|were|be)\b)"
    r"|(?:^|\b(?:is|was|does|did|about|of|for|to|with|like|why|how)\s+)that\b"
    r"|\b(?:er|ihn|ihm|deren|dessen|diese[rsmn]?|dort|jene[rsmn]?)\b"
    r"|\b(?:davon|dafür|dazu|dabei|damit|dagegen|darüber)\b(?!,)"
    # `Sie` and `Ihr` are polite forms, `gibt es` and a leading `Es` say nothing, `das` is an article elsewhere
    r"|(?<!gibt )(?<!gab )(?-i:\bes\b)(?! (?:gibt|gab)\b)|(?-i:\b(?:sie|ihnen)\b)"
    r"|\b(?:elle|ils|elles|celui|celle|ceux|cela|ça|ello|eso|esto|ellos|ellas|él|ele|ela|eles|elas|isso|isto|lui|lei"
    r"|esso|essa|ciò|questo|quello)\b"
    r"|\b(?:он|она|оно|они|ему|ей|им|это|этот|эта|эти|там)\b"
    r"|(?<!ما )(?<!من )\b(?:هو|هي|هم)\b|\b(?:هذا|هذه|ذلك|تلك)\b"
    r"|它|(?<!其)他|她|这|那(?!么)|其(?!他|中|实|余|它)|それ|これ|あれ|その|この",
    re.IGNORECASE,
)
_ENDS_BACK = re.compile(rf"\b(?:ones?|that|das|(?<!are )(?<!is )there)\b{_END}", re.IGNORECASE)
_POSSESSIVE = re.compile(
    r"\b(?:its|his|her|their|hers|theirs)\b|(?-i:\b(?:ihr|ihre[mnrs]?|seine[mnrs]?|sein)\b)|\b(?:его|её|ее|их)\b",
    re.IGNORECASE,
)
_OPENS_AS_ONE = re.compile(
    r"^\s*(?:(?:ok|okay|oh|oops|sorry|yes|no|well|great|thanks?|thank you|i see)\b[\s,.!]*)*"
    r"(?:and|or|also|but|so|then|what about|how about|why(?=\s*[?.!]|$)|i meant?|und|oder|auch|aber|dann|et|mais|alors"
    r"|y|pero|e|mas|ma|а|и|но)\b|^(?:那么|那|では|じゃあ)",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"^\s*(?:(?:what|who)(?:'s|\s+(?:is|are|was|were))\s+(?!the\b)|(?:define|explain)\s"
    r"|(?:was|wer)\s+(?:ist|sind|war|waren)\s+(?!d(?:er|ie|as|en)\b)|qu['’]est-ce qu|qui est"
    r"|(?:qué|qui[eé]n(?:es)?)\s+(?:es|son)\s|что такое|кто так)|^(?:什么|谁)是|(?:是什么|是谁)[？?]?$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.?!。？！])\s*")
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_PLAIN_WORD = re.compile(r"[^\W_][\w'’-]*")
_HAN = re.compile(f"[{HAN}]")


def is_follow_up(question: str) -> bool:
    """Tell whether a question leans on what was said before."""
    if _OPENS_AS_ONE.match(question) or any(map(_points_out, _SENTENCE_END.split(question))):
        return True
    terms, words = content_terms(question), _WORD.findall(question)
    is_fragment = len(words) <= FRAGMENT_WORDS and len(terms) == len(words) and not _HAN.search(question)
    return not terms or is_fragment or (len(terms) <= SHORT_TERMS and not _DEFINES.search(question))


def _points_out(sentence: str) -> bool:
    """Does a word of the sentence point to something that the sentence has not named before it?"""
    pointers = ((_POINTS_BACK, ANTECEDENT_TERMS), (_POSSESSIVE, 1))
    return bool(_ENDS_BACK.search(sentence)) or any(
        len(content_terms(sentence[: match.start()])) < enough
        for pattern, enough in pointers
        for match in pattern.finditer(sentence)
    )


def search_text(question: str, history: Sequence[Turn]) -> str:
    """Return what to search for: the question, with what it leans on where it leans on something.

    Args:
        question: as the person typed it.
        history: earlier turns, oldest first. The person's own give their words; of answers only the last counts, and
            only its names, since an answer may be wrong.
    """
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier or not is_follow_up(question):
        return question
    previous = search_text(earlier[-1], [Turn("user", text) for text in earlier[-2:-1]])
    if _HAN.search(previous):
        return f"{question} {previous}"
    complete = _with_words(question, _WORD.findall(previous), limit=MAX_ADDED_WORDS)
    answers = [turn.content for turn in history if turn.role == "assistant"]
    return _with_words(complete, _names(answers[-1]) if answers else (), limit=MAX_NAMES)


def _with_words(question: str, words: Sequence[str] | Iterator[str], *, limit: int) -> str:
    """Add the words of content that the question does not hold yet, each once."""
    known = frozenset(content_terms(question))
    new = (word for word in words if (terms := content_terms(word)) and not known & frozenset(terms))
    return " ".join([question, *list(dict.fromkeys(new))[:limit]])


def _names(answer: str) -> Iterator[str]:
    """Yield the capitalised words within the first sentences of an answer."""
    for sentence in _SENTENCE_END.split(answer)[:_NAMING_SENTENCES]:
        yield from (word for word in _PLAIN_WORD.findall(sentence)[1:] if word[0].isupper())
