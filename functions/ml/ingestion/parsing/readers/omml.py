"""Formulas of Word and PowerPoint as a line of text that a person and a model can read."""

from collections.abc import Callable, Iterable
from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FORMULA = f"{M}oMath"
_DEEPEST = 60
_INTEGRAL = "∫"
_PROPERTY_ENDING = "Pr"
# Combining signs that stand over a letter, as a word before it.
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u20d7": "vec", "\u0307": "dot"}


def linear(element: Any, depth: int = 0) -> str:
    """Return a formula on one line, fractions as `a/b`, powers as `x^n`, indices as `x_i`.

    Args:
        element: an element of the namespace of formulas, or one that holds such.
        depth: of the element in the formula; what lies deeper than 60 is left out.
    """
    if depth > _DEEPEST:
        return ""
    if element.tag == f"{M}t":
        return element.text or ""
    write = _WRITERS.get(element.tag.removeprefix(M) if isinstance(element.tag, str) else "")
    return write(element, depth + 1) if write else _inside(element, depth + 1)


def _inside(element: Any, depth: int) -> str:
    return "".join(
        linear(child, depth)
        for child in element
        if isinstance(child.tag, str) and not child.tag.endswith(_PROPERTY_ENDING)
    )


def _part(element: Any, name: str, depth: int) -> str:
    found = element.find(f"{M}{name}")
    return linear(found, depth).strip() if found is not None else ""


def _value(element: Any, path: str) -> str | None:
    found = element.find("/".join(f"{M}{name}" for name in path.split("/")))
    return None if found is None else found.get(f"{M}val", "")


def _grouped(text: str) -> str:
    """Put what is more than one name or number into brackets."""
    return text if len(text) == 1 or text.isalnum() or _is_bracketed(text) else f"({text})"


def _is_bracketed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    level = 0
    for place, sign in enumerate(text):
        level += (sign == "(") - (sign == ")")
        if level == 0:
            return place == len(text) - 1
    return False


def _fraction(element: Any, depth: int) -> str:
    over, under = _part(element, "num", depth), _part(element, "den", depth)
    if _value(element, "fPr/type") == "noBar":
        return f"({over} choose {under})" if over or under else ""
    return f"{_grouped(over)}/{_grouped(under)}"


def _scripts(*names: tuple[str, str]) -> Callable[[Any, int], str]:
    def write(element: Any, depth: int) -> str:
        text = _part(element, "e", depth)
        for sign, name in names:
            if script := _part(element, name, depth):
                text += f"{sign}{_grouped(script)}"
        return text

    return write


def _radical(element: Any, depth: int) -> str:
    degree = _part(element, "deg", depth)
    inside = _part(element, "e", depth)
    return f"root_{_grouped(degree)}({inside})" if degree else f"√({inside})"


def _operator(element: Any, depth: int) -> str:
    sign = _value(element, "naryPr/chr")
    low, high = _part(element, "sub", depth), _part(element, "sup", depth)
    limits = (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")
    return f"{_INTEGRAL if sign is None else sign}{limits} {_part(element, 'e', depth)}"


def _delimited(element: Any, depth: int) -> str:
    opening, closing = _value(element, "dPr/begChr"), _value(element, "dPr/endChr")
    between = _value(element, "dPr/sepChr")
    inside = (between or "|").join(linear(part, depth).strip() for part in element.findall(f"{M}e"))
    text = f"{'(' if opening is None else opening}{inside}{')' if closing is None else closing}"
    return inside if _is_bracketed(inside) and _is_bracketed(text) else text


def _matrix(element: Any, depth: int) -> str:
    rows = (_joined(row.findall(f"{M}e"), ", ", depth) for row in element.findall(f"{M}mr"))
    return f"[{'; '.join(rows)}]"


def _equations(element: Any, depth: int) -> str:
    return _joined(element.findall(f"{M}e"), "; ", depth)


def _joined(parts: Iterable[Any], between: str, depth: int) -> str:
    return between.join(linear(part, depth).strip() for part in parts)


def _accent(element: Any, depth: int) -> str:
    sign = _value(element, "accPr/chr")
    return f"{_ACCENTS.get(sign or chr(0x302), 'accent')}({_part(element, 'e', depth)})"


def _named(element: Any, depth: int) -> str:
    return f" {_part(element, 'fName', depth)} {_part(element, 'e', depth)}"


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "f": _fraction,
    "sSup": _scripts(("^", "sup")),
    "sSub": _scripts(("_", "sub")),
    "sSubSup": _scripts(("_", "sub"), ("^", "sup")),
    "sPre": _scripts(("_", "sub"), ("^", "sup")),
    "limLow": _scripts(("_", "lim")),
    "limUpp": _scripts(("^", "lim")),
    "rad": _radical,
    "nary": _operator,
    "d": _delimited,
    "m": _matrix,
    "eqArr": _equations,
    "acc": _accent,
    "func": _named,
}
