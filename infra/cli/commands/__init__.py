"""One module per group of commands: arguments in, one call of the logic, one rendering out."""
