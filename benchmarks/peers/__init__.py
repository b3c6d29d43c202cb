r"""Other parsers, each in an environment of its own: what they are pinned to and the script that runs inside.

A pin is compiled from its `.in` file in this folder (with `--override unstructured.overrides` for that one):

    uv pip compile --python-version 3.11 --python-platform linux --no-emit-index-url --no-annotate --no-header \
        X.in -o X.txt
"""
