"""`strata ingest`: upload files or folders and wait until every document is terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.failures import ExitCode, Failure
from infra.cli.options import JsonOption
from infra.cli.output import as_json, complain, one_line, print_json, print_table, print_text, say

if TYPE_CHECKING:
    from infra.cli.ingestion import Ingestion, Item
    from shared.contracts import api

SHOWN_NAMES = 10


def ingest(
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with all below them.")],
    kb: Annotated[str, typer.Option("--kb", metavar="NAME", help="The knowledge base; made when missing.")],
    release: Annotated[
        str | None, typer.Option("--release", metavar="NAME", help="For a new one: a name from `strata releases`.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete an older document of the same name once the new one is READY.")
    ] = False,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out files whose name is there already.")
    ] = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Tag every file with it; may be repeated.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Upload files and wait until every document is READY or FAILED."""
    if replace and skip_existing:
        raise typer.BadParameter("Give either --replace or --skip-existing.")
    from infra.cli.files import find_files
    from infra.cli.filtering import clean_tags
    from infra.cli.ingestion import Ingestion
    from infra.cli.planning import ensure_knowledge_base, plan
    from infra.cli.progress import following
    from infra.cli.session import connected

    files, tags = find_files(paths), clean_tags(tag)
    with connected() as client:
        base, is_new = ensure_knowledge_base(client, kb, release)
        if is_new:
            say(f'Made knowledge base "{base.name}".')
        items = plan(files, [] if is_new else client.documents(base.kb_id), skip_existing=skip_existing)
        _warn_of_same_names(items, replace=replace)
        with following(items) as watcher:
            run = Ingestion(client, base.kb_id, items, watcher, replace=replace, tags=tags)
            ending = _end_of(run)
    raise typer.Exit(_report(base, items, ending))


def _end_of(run: Ingestion) -> KeyboardInterrupt | Failure | None:
    """Run to the end; what cut it short comes back, so that the report is printed in any case."""
    try:
        run.run()
    except (KeyboardInterrupt, Failure) as ending:
        return ending
    return None


def _warn_of_same_names(items: list[Item], *, replace: bool) -> None:
    same = [item for item in items if item.older and item.status == "WAITING"]
    if same and not replace:
        say(
            f"{len(same)} files have the name of a document that is there already; both will answer. "
            "Use --replace to replace the older one, --skip-existing to leave such files out."
        )


def _report(base: api.KnowledgeBase, items: list[Item], ending: KeyboardInterrupt | Failure | None) -> int:
    """Print what became of every file and return the exit code."""
    counts = {state: sum(item.status == state for item in items) for state in ("READY", "FAILED", "SKIPPED")}
    if as_json.get():
        content: dict[str, object] = {"kb_id": base.kb_id, "kb": base.name}
        content |= {"ready": counts["READY"], "failed": counts["FAILED"], "skipped": counts["SKIPPED"]}
        content |= {"interrupted": ending is not None, "documents": [item.as_data() for item in items]}
        if isinstance(ending, Failure):
            content["error"] = ending.as_data()
        print_json(content)
    else:
        rows = [(i.status, i.found.filename, i.pages or "", i.chunks or "", i.reason) for i in items]
        print_table(("State", "Document", "Pages", "Chunks", "Reason"), rows, right=("Pages", "Chunks"))
        print_text(", ".join(f"{number} {state}" for state, number in counts.items() if number) or "Nothing finished.")
    if ending is None:
        return ExitCode.SOME_FAILED if counts["FAILED"] else ExitCode.OK
    _explain_the_rest(base, items)
    if isinstance(ending, Failure):
        complain(ending)
        return ending.exit_code
    return ExitCode.INTERRUPTED


def _explain_the_rest(base: api.KnowledgeBase, items: list[Item]) -> None:
    """After an early end: what is being processed, what was never sent, how to look and how to go on."""
    going_on = [item for item in items if item.uploaded and not item.is_settled]
    missing = [item for item in items if not item.uploaded and not item.is_settled]
    if going_on:
        say(f'Stopped waiting. {len(going_on)} uploaded documents go on being processed in "{base.name}".')
    if missing:
        names = ", ".join(one_line(item.found.filename) for item in missing[:SHOWN_NAMES])
        say(f"{len(missing)} files were not uploaded: {names}" + (", ..." if len(missing) > SHOWN_NAMES else "."))
    say(f"Look with: strata documents list --kb {shlex.quote(one_line(base.name))}")
    if missing:
        say("Go on with the same command and --skip-existing.")
