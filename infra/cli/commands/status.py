"""`strata status` and `strata releases`: what operators look at first."""

from infra.cli.options import JsonOption
from infra.cli.output import as_json, print_fields, print_json, print_table


def status(json: JsonOption = False) -> None:
    """Show documents by state, queue depths and dead letters."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.status()
    if as_json.get():
        print_json(found.model_dump(mode="json"))
        return
    print_fields([("Knowledge bases", found.knowledge_bases), ("Late documents", found.late_documents)])
    print_table(("Documents", "Number"), found.documents.items(), right=("Number",))
    queues = [(name, depth.waiting, depth.in_flight) for name, depth in found.queues.items()]
    print_table(("Queue", "Waiting", "In flight"), queues, right=("Waiting", "In flight"))
    print_table(("Dead letters", "Number"), found.dead_letters.items(), right=("Number",))


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
