"""Subtitles and transcripts: SubRip and WebVTT."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functions.ml.ingestion.parsing import refusals
from functions.ml.ingestion.parsing.encodings import decode
from functions.ml.ingestion.parsing.format import Format
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.parsed import Block, ParsedDocument

_TIMING = re.compile(r"^\s*(?:(\d+):)?(\d{1,2}):(\d{2})[.,]\d{1,3}\s*-->\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<\d[\d:.]*>|\{\\[^}]*\}")
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’)]*$")
_LONGEST_PARAGRAPH_S = 30

FORMAT = Format(
    name="subtitles",
    title="subtitle file",
    extensions=("srt", "vtt"),
    media_type="text/vtt",
    reader=__name__,
    is_text=True,
)


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is said at one time, by one person where the file tells who."""

    start_s: int
    speaker: str
    lines: tuple[str, ...]


def parse(path: Path, limits: ParserLimits) -> ParsedDocument:
    """Parse subtitles: cues joined to paragraphs, each with the time at which it begins.

    Raises:
        Invalid: the content is not text, or no line tells a time (`unreadable`).
    """
    del limits  # subtitles have no pages
    text = decode(path.read_bytes())
    cues = list(_cues(text))
    if not cues and "-->" not in text and not text.startswith("WEBVTT"):
        raise refusals.unreadable("The file should hold subtitles, but no line of it tells a time.")
    return ParsedDocument(tuple(_paragraphs(cues)), pages=1, unit="section")


def _cues(text: str) -> Iterator[_Cue]:
    """Yield the cues; identifiers, notes and styles are not said by anybody."""
    above: tuple[str, ...] = ()
    for group in re.split(r"\n[ \t]*\n", text):
        lines = group.strip("\n").split("\n")
        timed = [(index, found) for index, line in enumerate(lines) if (found := _TIMING.match(line))]
        ends = [index - 1 if lines[index - 1].strip().isdecimal() else index for index, _ in timed[1:]]
        for (index, found), end in zip(timed, [*ends, len(lines)], strict=False):
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            said = lines[index + 1 : end]
            for speaker, spoken in _voices(said):
                fresh = spoken[1:] if above and spoken and spoken[0] == above[-1] else spoken
                above = spoken or above
                if fresh:
                    yield _Cue(hours * 3600 + minutes * 60 + seconds, speaker, fresh)


def _voices(lines: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield who speaks and what; a cue may hold several voices."""
    parts = _VOICE.split("\n".join(lines))
    for speaker, text in zip(["", *parts[1::2]], parts[::2], strict=True):
        spoken = (html.unescape(_TAG.sub("", line)).strip() for line in text.split("\n"))
        yield html.unescape(speaker.strip()), tuple(line for line in spoken if line)


def _paragraphs(cues: list[_Cue]) -> Iterator[Block]:
    """Join cues while one person speaks, up to the sentence that ends after half a minute."""
    group: list[_Cue] = []
    for cue in cues:
        if group and (cue.speaker != group[0].speaker or _is_long(group, cue)):
            yield _paragraph(group)
            group = []
        group.append(cue)
    if group:
        yield _paragraph(group)


def _is_long(group: list[_Cue], cue: _Cue) -> bool:
    lasts_s = cue.start_s - group[0].start_s
    ended = _SENTENCE_END.search(group[-1].lines[-1])
    return lasts_s >= 2 * _LONGEST_PARAGRAPH_S or (lasts_s >= _LONGEST_PARAGRAPH_S and ended is not None)


def _paragraph(group: list[_Cue]) -> Block:
    first = group[0]
    time = f"[{first.start_s // 3600:02}:{first.start_s // 60 % 60:02}:{first.start_s % 60:02}]"
    speaker = f" {first.speaker}:" if first.speaker else ""
    return Block("paragraph", f"{time}{speaker} {' '.join(line for cue in group for line in cue.lines)}")
