"""Other parsers, each in an environment of its own: what they are pinned to and the script that runs inside."""
