"""Readers that need a library; each is imported when the first file of its format comes."""
