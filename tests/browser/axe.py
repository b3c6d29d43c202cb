"""Accessibility, judged by axe-core (MPL-2.0), which comes with the dashboard's packages."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from infra.local.dashboard.build import Builder

BAD = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page as it is now, one line each."""
    script: Path = Builder(print).packages() / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(script.read_text())  # through the debugger, which the page's policy does not concern
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in BAD
        for node in rule["nodes"]
    ]
