"""The `strata` command: the public API from a terminal."""
