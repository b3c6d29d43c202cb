"""Lines of Arabic, Hebrew and their kin, read from where the glyphs stand.

PDFium turns right-to-left text round character by character, and with it the letters that one glyph stands for (the
Arabic lam-alef comes out swapped), puts vowel signs before their letters and spaces on the wrong side of foreign words.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_WORD_GAP = 0.15  # of the line's height
_SAME_PLACE = 0.01  # points: letters of one glyph have one box

Glyph = tuple[str, float, float, float, float]
Run = list[list[Glyph]]


def rebuilt(glyphs: Sequence[Glyph], spaces: Sequence[Glyph]) -> list[tuple[str, float, float]]:
    """Return the words of a line in the order in which they are read.

    Args:
        glyphs: characters without spaces, in PDFium's order, each with left, top, right, bottom; at least one.
        spaces: those of the file itself, in the same form.

    Returns:
        Words with their left and right ends. A run of Latin letters or digits is a word of its own, since no space may
        stand between it and the letters beside it.
    """
    clusters = _clusters(glyphs)
    clusters.sort(key=lambda cluster: -(cluster[0][1] + cluster[0][3]))
    gap = _WORD_GAP * max(max(glyph[4] for glyph in glyphs) - min(glyph[2] for glyph in glyphs), 1.0)
    centres = sorted((space[1] + space[3]) / 2 for space in spaces)
    words: list[Run] = []
    foreign = [_is_foreign(cluster) for cluster in clusters]
    _neutral_between(clusters, foreign)
    for index, cluster in enumerate(clusters):
        near = index and not _apart(clusters[index - 1], cluster, gap, centres)
        if near and foreign[index] == foreign[index - 1]:
            words[-1].append(cluster)
        else:
            words.append([cluster])
    return _in_reading_order(words, [bool(_is_foreign_word(word)) for word in words])


def columns(words: Sequence[tuple[str, float, float]], gap: float) -> list[list[tuple[str, float, float]]]:
    """Part words in reading order where the next begins further than `gap` points away."""
    found = [[words[0]]]
    for before, word in pairwise(words):
        apart = max(before[1] - word[2], word[1] - before[2])
        if apart > gap and word[2] < before[1]:
            found.append([word])
        else:
            found[-1].append(word)
    return found


def _apart(right: list[Glyph], left: list[Glyph], gap: float, centres: Sequence[float]) -> bool:
    start, end = (left[0][1] + left[0][3]) / 2, (right[0][1] + right[0][3]) / 2
    return right[0][1] - _right(left) >= gap or bisect_right(centres, end) > bisect_left(centres, start)


def _clusters(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Return letters with their marks; the letters of one glyph are put back into their own order."""
    clusters: list[list[Glyph]] = []
    marks = []
    for glyph in glyphs:
        if unicodedata.combining(glyph[0]):
            marks.append(glyph)
            continue
        last = clusters[-1][0] if clusters else None
        together = last is not None and abs(last[1] - glyph[1]) < _SAME_PLACE and abs(last[3] - glyph[3]) < _SAME_PLACE
        if together and RIGHT_TO_LEFT.match(glyph[0]):
            clusters[-1].insert(0, glyph)
        else:
            clusters.append([glyph])
    for mark in marks:
        centre = (mark[1] + mark[3]) / 2
        if clusters:
            min(clusters, key=lambda cluster: abs((cluster[0][1] + cluster[0][3]) / 2 - centre)).append(mark)
        else:
            clusters.append([mark])
    return clusters


def _right(cluster: list[Glyph]) -> float:
    return max(glyph[3] for glyph in cluster)


def _is_foreign(cluster: list[Glyph]) -> bool | None:
    """Latin letters and digits (Arabic ones too) run to the right; None for what takes the direction around it."""
    kind = unicodedata.bidirectional(cluster[0][0])
    return True if kind in ("L", "EN", "AN") else False if kind in ("R", "AL") else None


def _neutral_between(clusters: Sequence[list[Glyph]], foreign: list[bool | None]) -> None:
    """Give signs the direction of both their neighbours; between two kinds they belong to the line."""
    known: bool | None = None
    for index, value in enumerate(foreign):
        if value is None:
            after = next((later for later in foreign[index + 1 :] if later is not None), False)
            inside = bool(known and after) and clusters[index][0][0] not in "()[]{}"
            foreign[index] = inside
        else:
            known = value


def _is_foreign_word(word: Run) -> bool | None:
    return next((kind for kind in map(_is_foreign, word) if kind is not None), None)


def _in_reading_order(words: Sequence[Run], foreign: Sequence[bool]) -> list[tuple[str, float, float]]:
    """Turn each stretch of foreign words back, and the letters inside each of them."""
    found: list[tuple[str, float, float]] = []
    stretch: list[tuple[str, float, float]] = []
    for word, is_foreign in zip(words, foreign, strict=True):
        letters = list(reversed(word)) if is_foreign else word
        text = "".join(glyph[0] for cluster in letters for glyph in cluster)
        left = min(glyph[1] for cluster in word for glyph in cluster)
        entry = (unicodedata.normalize("NFKC", text), left, max(map(_right, word)))
        if is_foreign:
            stretch.insert(0, entry)
        else:
            found += [*stretch, entry]
            stretch = []
    return [*found, *stretch]
