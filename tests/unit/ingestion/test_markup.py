from collections.abc import Callable
from pathlib import Path

import pytest

from functions.ml.ingestion.parsing.files import parse_file
from functions.ml.ingestion.parsing.limits import ParserLimits
from functions.ml.ingestion.sandbox import SandboxedParser
from functions.ml.parsed import ParsedDocument

LIMITS = ParserLimits()
Read = Callable[[str, str], ParsedDocument]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(ending: str, text: str) -> ParsedDocument:
        path = tmp_path / f"a.{ending}"
        path.write_text(text, encoding="utf-8")
        return parse_file(path, filename=path.name, limits=LIMITS)

    return reading


def shape(document: ParsedDocument) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks]


RST = """
Guide
=====

.. comment: not said

See :ref:`the pump <pump>` and :py:class:`~flow.Meter`. [1]_

.. note:: Mind the valve.

.. versionadded:: 3.2
   It counts.

Parts
-----

* one
* two

  .. code-block:: python

     x = 1

term
   meaning

+-----+-----+
| A   | B   |
+=====+=====+
| 1   | 2   |
|     +-----+
|     | 3   |
+-----+-----+

.. [1] A footnote.
"""

ADOC = """= Guide
:version: 3.2
// not said

Version {version} of *the pump*, see <<x,there>> and https://example.com[our page].

NOTE: Mind the valve.

== Parts

* one
** two
. first
term:: meaning

.Sizes
[cols="1,1"]
|===
|A |B

|1 |2
.2+|tall |3
|4
2+|wide
|===

[source,python]
----
x = 1
----

image::a.png[A pump]
////
hidden
////
"""

ORG = """#+TITLE: Guide
# not said
* TODO [#A] Parts :tag:
:PROPERTIES:
:ID: 7
:END:
The *pump* and [[https://example.com][our page]].

- one
- term :: meaning

| A | B |
|---+---|
| 1 | 2 |

#+BEGIN_SRC python
x = 1
#+END_SRC

[fn:1] A footnote.
"""

TEX = r"""\documentclass{article}
\title{A \emph{Guide}}
\begin{document}
\maketitle
\section{Parts}\label{x}
Fl\"ussig, 50\,\% off, $x^2$, see \href{http://x}{our page}\footnote{A note.}. % not said

\begin{itemize}\item one \item[two] three\end{itemize}
\begin{table}\caption{Sizes}
\begin{tabular}{ll} A & B \\ \hline \multirow{2}{*}{tall} & 1 \\ & 2 \\ \multicolumn{2}{c}{wide} \\ \end{tabular}
\end{table}
\begin{lstlisting}
x = {1} % said
\end{lstlisting}
\[ E = mc^2 \]
\end{document}
not said
"""


def test_restructured_text_keeps_its_structure_and_reads_what_sphinx_adds(read: Read) -> None:
    document = read("rst", RST)
    assert shape(document) == [
        ("heading", 1, "Guide"),
        ("paragraph", 0, "See the pump and flow.Meter. 1"),
        ("caption", 0, "Note"),
        ("paragraph", 0, "Mind the valve."),
        ("paragraph", 0, "3.2 It counts."),
        ("heading", 2, "Parts"),
        ("list_item", 0, "one"),
        ("list_item", 0, "two"),
        ("code", 0, "x = 1"),
        ("list_item", 0, "term"),
        ("list_item", 0, "meaning"),
        ("table_row", 0, "1 | 2"),
        ("table_row", 0, "1 | 3"),
        ("note", 0, "1 A footnote."),
    ]
    assert document.blocks[-2].header == ("A", "B")


def test_asciidoc_keeps_its_structure(read: Read) -> None:
    assert shape(read("adoc", ADOC)) == [
        ("heading", 1, "Guide"),
        ("paragraph", 0, "Version 3.2 of the pump, see there and our page."),
        ("paragraph", 0, "NOTE: Mind the valve."),
        ("heading", 2, "Parts"),
        ("list_item", 0, "one"),
        ("list_item", 0, "two"),
        ("list_item", 0, "first"),
        ("list_item", 0, "term: meaning"),
        ("caption", 0, "Sizes"),
        ("table_row", 0, "1 | 2"),
        ("table_row", 0, "tall | 3"),
        ("table_row", 0, "tall | 4"),
        ("table_row", 0, "wide | "),
        ("code", 0, "x = 1"),
        ("caption", 0, "A pump"),
    ]


def test_org_keeps_its_structure(read: Read) -> None:
    document = read("org", ORG)
    assert document.title == "Guide"
    assert shape(document) == [
        ("heading", 1, "Guide"),
        ("heading", 2, "Parts"),
        ("paragraph", 0, "The pump and our page."),
        ("list_item", 0, "one"),
        ("list_item", 0, "term: meaning"),
        ("table_row", 0, "1 | 2"),
        ("code", 0, "x = 1"),
        ("note", 0, "1 A footnote."),
    ]


def test_latex_keeps_its_structure(read: Read) -> None:
    document = read("tex", TEX)
    assert document.title == "A Guide"
    assert shape(document) == [
        ("heading", 1, "A Guide"),
        ("heading", 2, "Parts"),
        ("paragraph", 0, "Flüssig, 50 % off, $x^2$, see our page (A note.)."),
        ("list_item", 0, "one"),
        ("list_item", 0, "two three"),
        ("caption", 0, "Sizes"),
        ("table_row", 0, "tall | 1"),
        ("table_row", 0, "tall | 2"),
        ("table_row", 0, "wide | "),
        ("code", 0, "x = {1} % said"),
        ("code", 0, "\\[ E = mc^2 \\]"),
    ]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (
            "rst",
            ".. include:: {secret}\n\n.. literalinclude:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\nwords\n",
        ),
        ("rst", ".. csv-table:: t\n   :file: {secret}\n\nwords\n"),
        ("adoc", "include::{secret}[]\n\nwords\n"),
        ("org", '#+INCLUDE: "{secret}"\n\nwords\n'),
        ("tex", "\\input{{{secret}}} \\include{{{secret}}} \\lstinputlisting{{{secret}}} words\n"),
    ],
)
def test_no_markup_draws_another_file_in(tmp_path: Path, ending: str, text: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Canary-4711")
    path = tmp_path / f"a.{ending}"
    path.write_text(text.format(secret=secret))
    said = " ".join(block.text for block in SandboxedParser()(path, filename=path.name).blocks)
    assert "Canary-4711" not in said
    assert "words" in said


def test_an_unknown_directive_loses_no_words(read: Read) -> None:
    said = " ".join(
        text for _, _, text in shape(read("rst", ".. odd-thing:: First words\n   :x: 1\n\n   More words\n"))
    )
    assert ("First words" in said, "More words" in said) == (True, True)


@pytest.mark.parametrize("ending", ["rst", "adoc", "org"])
def test_one_line_of_megabytes_is_read_as_text(read: Read, ending: str) -> None:
    assert sum(len(text) for _, _, text in shape(read(ending, "`a *b _c /d " * 200_000))) > 2_000_000


def test_markdown_reads_footnotes_definitions_and_the_pages_inside(read: Read) -> None:
    document = read(
        "md",
        "# T\n\nText[^1]\n\nTerm\n: Meaning\n\n<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"  # noqa: E501 - it is data
        "\n\n| C | D |\n|---|---|\n| 3 | 4 |\n\n[^1]: A note.\n",
    )
    assert shape(document)[1:] == [
        ("paragraph", 0, "Text"),
        ("list_item", 0, "Term"),
        ("list_item", 0, "Meaning"),
        ("table_row", 0, "1 | 2"),
        ("table_row", 0, "3 | 4"),
        ("note", 0, "A note."),
    ]
    assert [block.table for block in document.blocks if block.cells] == [0, 1]
