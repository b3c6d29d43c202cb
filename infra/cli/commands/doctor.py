"""`strata doctor`: what is not as it should be, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from infra.cli.failures import ExitCode
from infra.cli.options import JsonOption
from infra.cli.output import as_json, one_line, print_json, print_table, print_text

if TYPE_CHECKING:
    from shared.contracts import api


def doctor(json: JsonOption = False) -> None:
    """Look for what is not as it should be; exit 0 when all is well, 1 with findings and what mends each."""
    from infra.cli.session import connected

    with connected() as client:
        found = client.diagnosis()
    if as_json.get():
        print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    raise typer.Exit(ExitCode.OK if found.healthy else ExitCode.ERROR)


def _show(found: api.Diagnosis) -> None:
    from infra.cli.states import age_text

    if found.healthy:
        print_text("All is well: no dead letters, no late documents, nothing waits, registry and index agree.")
        return
    for number, finding in enumerate(found.findings, start=1):
        print_text(f"{number}. {one_line(finding.title)}")
        print_text(f"   {one_line(finding.detail)}")
        print_text(f"   {one_line(finding.remedy)}")
        print_text(f"   -> {finding.command}")
        rows = [
            (d.filename or "(not yours to read)", d.document_id, d.status, age_text(d.since), d.reason or d.code)
            for d in finding.documents
        ]
        if rows:
            print_table(("Document", "Id", "State", "For", "Why"), rows)
        if finding.count > len(rows) > 0:
            print_text(f"   and {finding.count - len(rows)} more")
    print_text(f"{len(found.findings)} findings.")
