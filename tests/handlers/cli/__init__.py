"""The strata command against a fake of the public API that speaks real HTTP."""
