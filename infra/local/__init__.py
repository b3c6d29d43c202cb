"""The platform on one machine: environment, models, emulator, deployment, seed."""
