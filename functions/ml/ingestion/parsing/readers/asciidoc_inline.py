"""The inline markup of AsciiDoc."""

import re
from collections.abc import Mapping

_RULES = (
    (re.compile(r"\+\+\+(.*?)\+\+\+|pass:\w*\[(.*?)\]"), r"\1\2"),
    (re.compile(r"<<[^<>,]*,\s*([^<>]*)>>"), r"\1"),
    (re.compile(r"<<#?([^<>]*)>>"), r"\1"),
    (re.compile(r"\[\[[^\]]*\]\]|\(\(\([^)]*\)\)\)"), ""),
    (re.compile(r"\(\(([^()]+)\)\)"), r"\1"),
    (re.compile(r"footnote:\w*\[([^\]]*)\]"), r" (\1)"),
    (re.compile(r"(?:btn|kbd|stem|latexmath|asciimath|indexterm2?):\[([^\]]*)\]"), r"\1"),
    (re.compile(r"menu:([^\[\s]+)\[([^\]]*)\]"), r"\1 \2"),
    (re.compile(r"(?:link|xref|mailto|image|icon|anchor):[^\s\[]*\[(?:\"([^\"]*)\"|([^\],]*))[^\]]*\]"), r"\1\2"),
    (re.compile(r"(?:https?|ftp|irc|mailto):[^\s\[\]<>]+\[(?:\"([^\"]*)\"|([^\],^]+))[^\]]*\]"), r"\1\2"),
    (re.compile(r"(https?://[^\s\[\]]+)\[\^?\]"), r"\1"),
    (re.compile(r"\[[\w.#%-]*\](?=[#*_`])"), ""),
    (re.compile(r"(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?![\w*])|\*\*(?=\S)(.+?)\*\*", re.DOTALL), r"\1\2"),
    (re.compile(r"(?<![\w`])`\+?(?=\S)(.+?)(?<=\S)\+?`(?![\w`])|``(?=\S)(.+?)``", re.DOTALL), r"\1\2"),
    (re.compile(r"(?<![\w_])_(?=\S)(.+?)(?<=\S)_(?![\w_])|__(?=\S)(.+?)__", re.DOTALL), r"\1\2"),
    (re.compile(r"(?<![\w#])#(?=\S)([^#\n]+?)(?<=\S)#(?![\w#])"), r"\1"),
    (re.compile(r"(?<=\w)[\^~]([\w+-]{1,12})[\^~]"), r"\1"),
    (re.compile(r"[ \t]\+(?=\n|$)"), ""),
)
_ATTRIBUTE = re.compile(r"\{([\w-]+)\}")
_KNOWN = {"nbsp": " ", "sp": " ", "empty": "", "zwsp": "", "amp": "&", "lt": "<", "gt": ">", "plus": "+", "vbar": "|"}
_DEEPEST = 5
_LONGEST = 50_000  # nobody marks up a paragraph of this size, and looking for the ends of marks in it takes minutes


def plain(text: str, attributes: Mapping[str, str]) -> str:
    """Return a text without its markup, references to known attributes replaced."""
    if len(text) > _LONGEST:
        return text
    for _ in range(_DEEPEST):
        replaced = _ATTRIBUTE.sub(lambda found: _value(found, attributes), text)
        if replaced == text or len(replaced) > 2 * len(text) + 10_000:  # attributes that name each other never end
            break
        text = replaced
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def _value(found: re.Match[str], attributes: Mapping[str, str]) -> str:
    name = found[1].lower()
    return attributes.get(name, _KNOWN.get(name, found[0]))
