"""Scripts that measure; none of them is a test. `docs/benchmarks.md` holds what they printed, with the machine."""
