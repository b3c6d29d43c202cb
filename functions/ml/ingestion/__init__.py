"""From a file to parts that wait to be embedded."""
