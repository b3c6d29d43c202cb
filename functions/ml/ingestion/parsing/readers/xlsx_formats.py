"""Numbers of a workbook as a person reads them: dates, percentages, currencies and units by the cell's format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Source: ISO/IEC 29500-1, 18.8.30 (built-in formats; 27 to 58 in the East Asian editions).
_BUILT_IN = {
    9: "0%", 10: "0.00%", 14: "y-m-d", 15: "d-m-y", 16: "d-m", 17: "y-m", 18: "h:m", 19: "h:m:s", 20: "h:m",
    21: "h:m:s", 22: "y-m-d h:m", 45: "m:s", 46: "[h]:m:s", 47: "m:s",
    **dict.fromkeys((*range(27, 32), *range(34, 37), *range(50, 59)), "y-m-d"), 32: "h:m", 33: "h:m:s",
}  # fmt: skip
_PIECES = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[(h+|m+|s+)\]|\[[^\]]*\]|[_*].|(AM/PM|A/P)|(.)', re.DOTALL
)
_DATES = frozenset("ydhsmgebYDHSM")
_EXACT_INTEGERS = 1e15
_LAST_SERIAL = 2_958_465  # 9999-12-31
_LEAP_BUG = 60  # the 29th of February 1900, which there never was
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a sheet knows no time zone

Kind = Literal["number", "percent", "date", "time", "moment", "duration"]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a format code says of a number.

    Attributes:
        kind: how the number is to be read.
        before: what is written before it, a currency for instance.
        after: what is written after it, a unit for instance.
    """

    kind: Kind = "number"
    before: str = ""
    after: str = ""

    def shown(self, text: str, *, since_1904: bool) -> str:
        """Return a stored number as a person reads it; digits are never rounded away.

        Args:
            text: as stored.
            since_1904: whether days are counted from 1904.
        """
        try:
            value = float(text)
        except ValueError:
            return text
        if self.kind == "number":
            return f"{self.before}{plain(value)}{self.after}"
        if self.kind == "percent":
            return f"{plain(round(value * 100, 8))}%"
        if not 0 <= value <= _LAST_SERIAL:
            return plain(value)
        return self._in_time(value, since_1904)

    def _in_time(self, value: float, since_1904: bool) -> str:
        if self.kind == "duration":
            seconds = round(value * 86_400)
            return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        days = value + (not since_1904 and value < _LEAP_BUG)
        moment = _EPOCHS[since_1904] + timedelta(seconds=round(days * 86_400))
        clock = moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
        if self.kind == "time":
            return clock
        date = moment.date().isoformat()
        return date if self.kind == "date" or clock == "00:00" else f"{date} {clock}"


def plain(value: float) -> str:
    """Write a number: whole ones without a point, others without the noise of their binary form."""
    if value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return str(int(value))
    return f"{value:.12g}"


def cell_formats(root: Any) -> list[NumberFormat]:
    """Return the format of each cell style, by its number; of no styles when there is no part."""
    if root is None:
        return []
    codes = {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in root.iter(f"{S}numFmt")}
    styles = root.find(f"{S}cellXfs")
    known: dict[int, NumberFormat] = {}
    found = []
    for style in styles if styles is not None else ():
        key = int(style.get("numFmtId", "0"))
        if key not in known:
            known[key] = number_format(_code(key, codes))
        found.append(known[key])
    return found


def _code(key: int, codes: Mapping[int, str]) -> str:
    return codes.get(key) or _BUILT_IN.get(key, "General")


def number_format(code: str) -> NumberFormat:
    """Read a format code; only its first section, the one for positive numbers, counts."""
    before, after, signs, elapsed = _taken_apart(code)
    if "general" in signs.lower():
        return NumberFormat("number", before, after)
    letters = {sign.lower() for sign in signs if sign in _DATES}
    if elapsed:
        return NumberFormat("duration")
    if letters - {"e", "b", "g"} and not set(signs) & set("0#?"):
        return NumberFormat(_time_kind(letters))
    return NumberFormat("percent") if "%" in signs else NumberFormat("number", before, after)


def _taken_apart(code: str) -> tuple[str, str, str, bool]:
    """Return what stands before and after the digits, the signs that are no literals, and whether time adds up."""
    before, after, signs, elapsed = "", "", "", False
    for quoted, escaped, currency, counted, half, sign in _PIECES.findall(code):
        if sign == ";":
            break
        literal = quoted or escaped or currency or (sign if sign in "$€£¥ " else "")
        elapsed = elapsed or bool(counted)
        if any(place in signs for place in "0#?") or "general" in signs.lower():
            after += literal
        else:
            before += literal
        signs += "" if literal else half.lower()[:0] + sign
    return before.lstrip(), after.rstrip(), re.sub(r"\.0+$", "", signs) if _is_clock(signs) else signs, elapsed


def _is_clock(signs: str) -> bool:
    return "s" in signs.lower() and not set(signs.lower()) & set("#?")


def _time_kind(letters: set[str]) -> Kind:
    has_clock = bool(letters & {"h", "s"})
    has_date = bool(letters & {"y", "d"}) or not has_clock
    return "moment" if has_clock and has_date else "time" if has_clock else "date"
