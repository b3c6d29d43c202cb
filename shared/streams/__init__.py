"""Answers while they grow: written by the ML layer, read by the application layer."""
