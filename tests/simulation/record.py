"""The record of a large run, as docs/reliability.md keeps it."""

from collections import Counter
from pathlib import Path

from benchmarks.machine import machine_line

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- run: begin -->", "<!-- run: end -->"
COUNTED = {
    "operations of people and other systems": ("operations",),
    "steps": ("steps",),
    "searches checked": ("searches",),
    "kills": ("kill", "died"),
    "lost answers": ("lost", "repeated", "unacknowledged"),
    "stalls": ("stall",),
    "refusals of stores": ("throttle",),
    "notifications and events dropped": ("dropped",),
    "messages duplicated": ("duplicated",),
    "messages late": ("late",),
    "bulk items throttled": ("item",),
    "bulk writes acknowledged and lost": ("forgotten",),
    "outages": ("outages",),
    "stores lost as a whole": ("loss-index", "loss-registry"),
    "dead letters": ("dead_letters",),
    "deletes acknowledged": ("deletes_acknowledged",),
    "documents that a person had to retry": ("rescued",),
    "embedding calls": ("embedding_calls",),
    "distinct texts": ("texts",),
}


def record_of(total: Counter[str], *, first: int, seconds: float, violations: int) -> str:
    """Return the record as Markdown."""
    last = first + total["seeds"] - 1
    summary = (
        f"Seeds {first:,} to {last:,}: **{violations} violations** in {total['seeds']:,} runs "
        f"({seconds / 60:,.0f} minutes; {machine_line()})."
    )
    lines = [summary, "", "| | |", "|---|---:|"]
    lines += [f"| {name} | {sum(total[kind] for kind in kinds):,} |" for name, kinds in COUNTED.items()]
    return "\n".join(lines)


def keep(record: str) -> None:
    """Put the record between its markers into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{record}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
