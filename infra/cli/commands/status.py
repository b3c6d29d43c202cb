"""`strata status` and `strata releases`: what operators look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_fields, print_json, print_table, print_text

if TYPE_CHECKING:
    from shared.contracts import api


def status(json: JsonOption = False) -> None:
    """Show documents by state and failure, what the queues hold, dead letters, and the reconciler's last run."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.status()
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    _show(found)


def _show(found: api.PlatformStatus) -> None:
    from infra.cli.states import age_text

    age = age_text(found.oldest_in_work)
    last = found.reconciliation
    changed = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in last.found.items()) if last else ""
    ran = f"{age_text(last.finished_at)} ago, {changed or 'no differences'}" if last else ""
    print_fields(
        [
            ("Knowledge bases", found.knowledge_bases),
            ("Being deleted", found.deleting_knowledge_bases or ""),
            ("Late documents", found.late_documents),
            ("Oldest in work", f"in its state for {age}" if age else ""),
            ("Reconciler", ran),
        ]
    )
    print_table(("Documents", "Number"), found.documents.items(), right=("Number",))
    if found.failed:
        print_table(("Failed because of", "Number"), found.failed.items(), right=("Number",))
    if found.waiting:
        print_table(("Waiting for a neighbour", "Number"), found.waiting.items(), right=("Number",))
    queues = [(name, depth.waiting, depth.in_flight, depth.meaning) for name, depth in found.queues.items()]
    print_table(("Queue", "Waiting", "In flight", "What that is"), queues, right=("Waiting", "In flight"))
    print_table(("Dead letters", "Number"), found.dead_letters.items(), right=("Number",))
    if any(found.dead_letters.values()) or found.late_documents:
        print_text("Something needs a look: strata doctor")


def releases(json: JsonOption = False) -> None:
    """List the pipeline releases that a knowledge base can choose by name."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.releases()
    if as_json.get():
        print_json({"items": [release.model_dump(mode="json") for release in found]})
        return
    rows = [(r.name, "yes" if r.is_default else "", r.embedder, r.chunker, r.model, r.description) for r in found]
    print_table(("Name", "Default", "Embedder", "Chunker", "Model", "Description"), rows)
