"""From a file to text with structure: one module per format behind the registry in `formats`.

Parsers run inside the sandbox's child process. A format's module imports its library at the top and is itself
imported by the registry on first use. Nothing here imports more than the standard library and the one parser.
"""
