"""Deployments, without an account."""
