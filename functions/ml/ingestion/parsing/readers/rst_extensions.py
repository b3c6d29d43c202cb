"""Directives and roles that Sphinx adds to reStructuredText, and any other that docutils does not know.

A directive is read for its argument and content; one that stands for something generated or from elsewhere says
nothing.
"""

from functools import cache
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles, states

_SILENT = frozenset(
    "toctree index automodule autoclass autofunction automethod autoattribute autosummary currentmodule module "
    "py:module highlight literalinclude include raw default-role meta contents sectnum tabularcolumns only-html".split()
)
_CODE = frozenset("code-block sourcecode prompt testcode doctest mermaid graphviz uml ipython ipython3".split())


class _AnyOptions(dict[str, Any]):
    """Takes every option as it is written."""

    def __missing__(self, key: str) -> Any:
        return lambda value: value

    def __contains__(self, key: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


class _Said(Directive):
    """Reads what any directive says: argument, then content."""

    optional_arguments = 100
    final_argument_whitespace = True
    option_spec = _AnyOptions()
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the argument as a paragraph and the content as it is."""
        name = self.name.lower()
        if name in _SILENT:
            return []
        container = nodes.container()
        if name in _CODE:
            text = "\n".join(self.content)
            return [nodes.literal_block(text, text)] if text.strip() else []
        if self.arguments:
            text = " ".join(self.arguments)
            inline, messages = self.state.inline_text(text, self.lineno)
            container += [nodes.paragraph(text, "", *inline), *messages]
        self.state.nested_parse(self.content, self.content_offset, container, match_titles=True)
        return [container]


def _said_role(  # noqa: PLR0917 - the library calls it so
    name: str, rawtext: str, text: str, lineno: int, inliner: states.Inliner, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the words of a role: the title of `title <target>`, else the target."""
    del name, lineno, inliner, options, content
    title, found, _ = text.rpartition("<")
    words = title.strip() if found and title.strip() else text.lstrip("~!")
    return [nodes.inline(rawtext, words)], []


@cache
def understand_sphinx() -> None:
    """Let docutils read every directive and role, once per process."""
    known_directive, known_role = directives.directive, roles.role

    def directive(name: str, language: Any, document: Any) -> tuple[Any, list[Any]]:
        if name.lower() in _SILENT | _CODE:
            return _Said, []
        found, messages = known_directive(name, language, document)
        return (found, messages) if found is not None else (_Said, [])

    def role(name: str, language: Any, lineno: int, reporter: Any) -> tuple[Any, list[Any]]:
        found, messages = known_role(name, language, lineno, reporter)
        return (found, messages) if found is not None else (_said_role, [])

    directives.directive = directive  # type: ignore[assignment]
    roles.role = role  # type: ignore[assignment]
