"""Which blocks of a document ask, and where the answer ends."""

import re
from collections.abc import Iterator, Sequence

from functions.ml.parsed import Block

_ENDS = ("?", "？", "؟")
_LONGEST_QUESTION = 300
_ASKS = re.compile(
    r"\s*(?:[qfp問问]\s*\d*\s*[:：]|q\s*\d+\s*[.)]|"
    r"(?:question|frage|pregunta|domanda|вопрос|سؤال|问题|質問)\s*\d*\s*[.:：)])\s*\S",
    re.IGNORECASE,
)
_QUESTION_COLUMN = re.compile(r"\s*(?:q|questions?|frage|pregunta|domanda|вопрос|问题|質問|سؤال)\s*", re.IGNORECASE)
_ANSWER_COLUMN = re.compile(
    r"\s*(?:a|answers?|antwort|réponse|respuesta|risposta|ответ|答案|回答|جواب|إجابة)\s*", re.IGNORECASE
)


def is_pair(block: Block) -> bool:
    """Tell whether a row of a table holds a question and its answer, by the names of its columns."""
    if block.kind != "table_row":
        return False
    asks = any(_QUESTION_COLUMN.fullmatch(name) for name in block.header)
    return asks and any(_ANSWER_COLUMN.fullmatch(name) for name in block.header)


def is_question(block: Block) -> bool:
    """Tell whether a heading, paragraph or item asks: by the mark at its end, or by a `Q:` at its start."""
    if block.kind not in ("heading", "paragraph", "list_item"):
        return False
    text = block.text.strip()
    asks = text.endswith(_ENDS) and len(text) <= _LONGEST_QUESTION and "\n" not in text
    return asks or bool(_ASKS.match(text[:_LONGEST_QUESTION]))


def pairs(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield the blocks of each question with its answer.

    An answer ends before the next question, before a heading that does not stand under the question, and with the file
    of a container. A question that nothing follows is none.

    Args:
        blocks: in reading order, those without text left out.

    Yields:
        (first block, one past the last), in order, apart from each other.
    """
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if is_pair(block):
            yield index, index + 1
            index += 1
        elif is_question(block):
            end = _answer_end(blocks, index)
            if end > index + 1 or _answers_itself(block):
                yield index, end
            index = end
        else:
            index += 1


def _answer_end(blocks: Sequence[Block], question: int) -> int:
    asked = blocks[question]
    end = question + 1
    while end < len(blocks):
        block = blocks[end]
        above = block.kind == "heading" and (asked.kind != "heading" or block.level <= asked.level)
        moved = (block.member, block.sheet) != (asked.member, asked.sheet)
        if above or moved or is_question(block) or is_pair(block):
            break
        end += 1
    return end


def _answers_itself(block: Block) -> bool:
    """Tell whether a `Q:` has its answer in the same paragraph."""
    text = block.text.strip()
    return bool(_ASKS.match(text[:_LONGEST_QUESTION])) and not text.endswith(_ENDS)
