"""Makes a draft fit to be shown: every citation exists, is supported by its passage and carries a verbatim quote.

What a model says is untrusted. A citation of a passage that does not exist is dropped; so is one whose passage does not
hold the sentence's numbers, names and words. A sentence with a number or a name that no passage holds is left out;
other unsupported sentences stay without a citation. An answer with no supported citation left, or with too few, is
refused: a person never sees an uncited answer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.ml.answering.grounding import GroundingParameters, best_quote, invents, is_claim, supports
from functions.ml.answering.markers import cited_numbers, leading_markers, without_markers
from functions.ml.answering.sentences import Sentence, split_sentences
from functions.ml.ports import Draft, Passage

Refusal = Literal["", "said_so", "no_citation", "not_supported"]


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """A supported citation: `quote` is exactly `passage.text[start:end]`."""

    n: int
    passage: Passage
    start: int
    end: int

    @property
    def quote(self) -> str:
        """The exact slice of the passage."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """What may be shown.

    Attributes:
        text: Markdown, its markers numbered from 1 in order of first use without gaps; empty when refused.
        refusal: why there is no answer; empty when there is one.
        unknown: citations dropped because no such passage was given.
        unsupported: citations dropped because the passage does not hold the sentence.
        removed: sentences left out because their numbers or names stand in no passage.
    """

    text: str
    citations: tuple[CheckedCitation, ...]
    refusal: Refusal = ""
    unknown: int = 0
    unsupported: int = 0
    removed: int = 0

    @property
    def refused(self) -> bool:
        """There is no answer to show."""
        return bool(self.refusal)


@dataclass(frozen=True, slots=True)
class _Evidence:
    passages: dict[int, Passage]
    quotes: tuple[tuple[int, str], ...]
    rules: GroundingParameters
    question: str


@dataclass(slots=True)
class _Tally:
    """What has been seen while an answer is read from top to bottom."""

    citations: list[CheckedCitation] = field(default_factory=list)
    cited: int = 0
    unknown: int = 0
    unsupported: int = 0
    removed: int = 0
    claims: int = 0
    supported: int = 0

    def number(self, passage: Passage, quote: Sentence) -> int:
        """Return the citation's number, a new one for a new place."""
        for known in self.citations:
            if known.passage is passage and (known.start, known.end) == (quote.start, quote.end):
                return known.n
        self.citations.append(CheckedCitation(len(self.citations) + 1, passage, quote.start, quote.end))
        return len(self.citations)


_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?")
_ACTIVE_HTML = re.compile(
    r"<\s*/?\s*(?:img|script|iframe|object|embed|link|style|svg|video|audio|form|meta|base)\b[^>]*>?", re.I
)
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]\n]+\]:\s*\S+.*$", re.MULTILINE)


def without_active_content(text: str) -> str:
    """Take out images, reference definitions and HTML that would load or run something; the texts of images stay."""
    return _ACTIVE_HTML.sub("", _REFERENCE.sub("", _IMAGE.sub(r"\1", text)))


def _claims(line: str) -> Iterator[str]:
    """Cut a line into sentences, each with the markers that follow it."""
    pending = ""
    for sentence in split_sentences(line) if line.strip() else []:
        text = line[sentence.start : sentence.end]
        markers = leading_markers(text) if pending else 0
        if markers:
            pending, text = f"{pending} {text[:markers].strip()}", text[markers:]
        if text.strip():
            if pending:
                yield pending
            pending = text
    if pending:
        yield pending


def _verbatim(sentence: str, passage: Passage, quotes: Sequence[tuple[int, str]]) -> Sentence | None:
    """Find the generator's own quote for this sentence; None when it gave none that really stands there."""
    wanted = "".join(sentence.split())
    for n, quote in quotes:
        words = quote.split()
        if n != passage.n or not words:
            continue
        match = re.search(r"\s+".join(map(re.escape, words)), passage.text)
        if match and ("".join(words) in wanted or wanted in "".join(words)):
            return Sentence(match.group(), match.start(), match.end())
    return None


def _with_citations(sentences: Sequence[str]) -> list[tuple[str, tuple[int, ...]]]:
    """Pair sentences with the passages they cite; one without takes those of the next in its paragraph."""
    paired: list[tuple[str, tuple[int, ...]]] = []
    following: tuple[int, ...] = ()
    for sentence in reversed(sentences):
        following = cited_numbers(sentence) or following
        paired.append((sentence, following))
    return paired[::-1]


def _check(sentence: str, asked: Sequence[int], evidence: _Evidence, tally: _Tally) -> str:
    """Return the sentence with only its supported citations, renumbered; empty when it is an invention."""
    plain, rules = without_markers(sentence), evidence.rules
    known = [evidence.passages[number] for number in asked if number in evidence.passages]
    held = [passage for passage in known if supports(plain, passage, rules, question=evidence.question)]
    tally.cited += len(asked)
    tally.unknown += len(asked) - len(known)
    tally.unsupported += len(known) - len(held)
    if is_claim(plain, rules):
        tally.claims += 1
        tally.supported += bool(held)
    if not held and invents(plain, evidence.passages.values()):
        tally.removed += 1
        return ""
    quotes = [(item, _verbatim(plain, item, evidence.quotes) or best_quote(plain, item, rules)) for item in held]
    markers = dict.fromkeys(f"[{tally.number(passage, quote)}]" for passage, quote in quotes)
    return f"{plain} {''.join(markers)}" if markers else plain


def check(
    draft: Draft, passages: Sequence[Passage], rules: GroundingParameters | None = None, *, question: str = ""
) -> CheckedAnswer:
    """Check a draft against the passages it was written from.

    Args:
        draft: what the generator says.
        passages: what it was given, numbered.
        rules: the release's thresholds.
        question: what was asked; repeating its words supports nothing.

    Returns:
        An answer with at least one citation, or a refusal without any.
    """
    if draft.refused:
        return CheckedAnswer("", (), "said_so")
    rules = rules or GroundingParameters()
    evidence = _Evidence({passage.n: passage for passage in passages}, draft.quotes, rules, question)
    tally = _Tally()
    lines = []
    for line in without_active_content(draft.text).splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        cited = _with_citations(list(_claims(line)))
        sentences = [_check(sentence, asked, evidence, tally) for sentence, asked in cited]
        lines.append(indent + " ".join(sentence for sentence in sentences if sentence))
    refusal: Refusal = ""
    if not tally.citations:
        refusal = "not_supported" if tally.cited else "no_citation"
    elif tally.supported < rules.min_supported * tally.claims:
        refusal = "not_supported"
    if refusal:
        return CheckedAnswer("", (), refusal, tally.unknown, tally.unsupported, tally.removed)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return CheckedAnswer(text, tuple(tally.citations), "", tally.unknown, tally.unsupported, tally.removed)
