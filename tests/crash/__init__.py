"""Crash tests: the process ends just before and just after every effect of the real flows."""
