"""How Strata is deployed, run on one machine and used from the command line."""
