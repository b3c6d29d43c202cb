"""Plugins for LocalStack; installed into its own environment, never imported by the platform."""
