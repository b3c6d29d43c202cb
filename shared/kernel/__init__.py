"""Errors, ids, clock, settings, observability and AWS clients that every function uses."""
