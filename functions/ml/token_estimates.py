"""How many tokens a text will take, estimated without a tokenizer."""

import re

# Average of the multilingual tokenizers in use: a Latin word piece is four characters, a digit or a mark is half a
# token, an ideograph, kana or syllable block is one, a letter of another script half.
_HALVES = re.compile(r"[0-9!-/:-@\[-`{-~]")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U0001f000-\U0003ffff]")
_OTHER = re.compile(r"[\u0250-\u2e7f\ua000-\uabff\ufb00-\ufeff\U00010000-\U0001efff]")
_LATIN_WEIGHT = 0.25


def estimate_tokens(text: str) -> float:
    """Return the estimated count of tokens; the estimate of a text is the sum over its characters."""
    tokens = _LATIN_WEIGHT * (len(text) + len(_HALVES.findall(text)))
    if text.isascii():
        return tokens
    return tokens + 0.75 * len(_WIDE.findall(text)) + _LATIN_WEIGHT * len(_OTHER.findall(text))
