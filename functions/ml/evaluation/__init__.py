"""Scoring a dataset."""
