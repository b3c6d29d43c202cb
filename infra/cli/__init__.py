"""The `strata` command: the public REST API from a terminal, for people and for programs (`--json`)."""
