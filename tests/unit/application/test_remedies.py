"""Every failure has a remedy in plain words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.application.domain.remedies import OPERATORS, REMEDIES, WAIT, remedy_for

ROOT = Path(__file__).parents[3]


def codes() -> Iterator[tuple[str, str]]:
    """Yield (code, where) of every failure that the sources can make."""
    for path in sorted((*(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            for text in literal_codes(node):
                yield text, f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def literal_codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr == "Finding"):
        values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        values = [node.value] if names & {"default_code", "UPLOAD_MISSING"} and node.value else []
    else:
        values = []
    for value in values:
        if isinstance(value, ast.JoinedStr):
            continue  # `<service>_unavailable`, see shared/kernel/aws.py
        for inner in ast.walk(value):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.isidentifier():
                yield inner.value


def test_every_code_that_the_sources_can_raise_has_a_remedy() -> None:
    found = dict(codes())
    assert len(found) > 60
    assert "upload_missing" in found
    missing = {code: where for code, where in found.items() if remedy_for(code) == OPERATORS and code not in REMEDIES}
    assert missing == {}, "add a line to functions/application/domain/remedies.py for each"


@pytest.mark.parametrize("code", sorted(REMEDIES))
def test_a_remedy_is_a_sentence_that_says_what_to_do(code: str) -> None:
    assert remedy_for(code).endswith(".")
    assert code not in remedy_for(code)


def test_an_unknown_code_sends_people_to_the_operators_and_none_to_nobody() -> None:
    assert remedy_for("made_up_yesterday") == OPERATORS
    assert remedy_for("") == ""
    assert remedy_for("registry_unavailable") == WAIT
