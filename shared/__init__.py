"""The ground both layers stand on: contracts, kernel, registry."""
