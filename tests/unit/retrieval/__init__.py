"""Tests of search and ranking."""
