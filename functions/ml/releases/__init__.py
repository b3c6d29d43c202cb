"""Pipeline releases: immutable, named by the hash of what they hold."""
