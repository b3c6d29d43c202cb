"""The text of LaTeX inside a paragraph."""

from collections.abc import Callable, Sequence
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexGroupNode, LatexMacroNode, LatexNode
from pylatexenc.latexwalker import get_default_latex_context_db as get_walker_context_db
from pylatexenc.macrospec import LatexContextDb, MacroSpec

# Arguments: `{` for a group, `[` for an optional one, `*` for a star.
_MACROS = {
    "href": "{{", "hyperref": "[{", "textcolor": "[{{", "colorbox": "{{", "parbox": "[{{", "multicolumn": "{{{",
    "multirow": "[{[{[{", "frametitle": "[{", "captionof": "{[{", "citep": "[[{", "citet": "[[{", "autoref": "{",
    "cref": "{", "gls": "{", "ac": "{", "si": "{", "SI": "[{{", "num": "{", "vspace": "*{", "hspace": "*{",
    "cmidrule": "[{",
    "cline": "{", "lstinputlisting": "[{", "todo": "[{", "resizebox": "{{{", "makecell": "[{", "url": "{",
    "acknowledgments": "", "setcounter": "{{", "setlength": "{{", "pagestyle": "{", "bibliographystyle": "{",
    "addcontentsline": "{{{", "definecolor": "{{{", "hypersetup": "{", "blindtext": "[", "lipsum": "[",
    "caption": "*[{", "bibitem": "[{", "subcaption": "*[{",
}  # fmt: skip
# The arguments that are read, counted from 0.
_SAID = {
    "href": (1,), "hyperref": (1,), "textcolor": (2,), "colorbox": (1,), "parbox": (2,), "multicolumn": (2,),
    "multirow": (5,), "url": (0,), "gls": (0,), "ac": (0,), "si": (0,), "SI": (1, 2), "num": (0,), "resizebox": (2,),
    "makecell": (1,),
}  # fmt: skip
_UNSAID = (
    "cite citep citet ref eqref pageref autoref cref label vspace hspace cmidrule cline hline toprule midrule "
    "bottomrule centering noindent lstinputlisting todo setcounter setlength pagestyle thispagestyle bibliographystyle "
    "addcontentsline definecolor hypersetup index blindtext lipsum includegraphics includepdf today".split()
)


@cache
def context() -> LatexContextDb:
    """Return what the reader knows of macros and their arguments."""
    known = get_walker_context_db()
    macros = [MacroSpec(name, arguments) for name, arguments in _MACROS.items()]
    known.add_context_category("common packages", macros=macros, prepend=True)
    return known


@cache
def _writer() -> LatexNodes2Text:
    known = get_default_latex_context_db()
    said = [MacroTextSpec(name, simplify_repl=_saying(wanted)) for name, wanted in _SAID.items()]
    said.append(MacroTextSpec("footnote", simplify_repl=_footnote))
    unsaid = [MacroTextSpec(name, simplify_repl="") for name in _UNSAID]
    known.add_context_category("common packages", macros=[*said, *unsaid], prepend=True)
    return LatexNodes2Text(
        latex_context=known, math_mode="verbatim", strict_latex_spaces="macros", keep_braced_groups=False
    )


def _saying(wanted: tuple[int, ...]) -> Callable[[LatexMacroNode, LatexNodes2Text], str]:
    # The library hands itself over to a parameter of this name.
    def said(node: LatexMacroNode, l2tobj: LatexNodes2Text) -> str:
        arguments = node.nodeargd.argnlist if node.nodeargd else ()
        read = [arguments[index] for index in wanted if index < len(arguments) and arguments[index] is not None]
        return " ".join(l2tobj.nodelist_to_text([part]) for part in read)

    return said


def _footnote(node: LatexMacroNode, l2tobj: LatexNodes2Text) -> str:
    return f" ({l2tobj.nodelist_to_text(last_group(node))})"


def inline_text(nodes: Sequence[LatexNode]) -> str:
    """Return what nodes say; formulas as they are written."""
    return str(_writer().nodelist_to_text(list(nodes)))


def last_group(node: LatexMacroNode) -> list[LatexNode]:
    """Return what stands in the last argument of a macro that has one."""
    arguments = [part for part in (node.nodeargd.argnlist if node.nodeargd else ()) if part is not None]
    if not arguments:
        return []
    last = arguments[-1]
    return list(last.nodelist) if isinstance(last, LatexGroupNode) else [last]
