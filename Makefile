PYTHON ?= python3
BIN := .venv/bin

PORT ?= $(or $(STRATA_PORT),4566)

.PHONY: help environment development up down check format lock

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

environment:
	@$(PYTHON) infra/local/bootstrap.py platform

development:
	@$(PYTHON) infra/local/bootstrap.py development

up: environment ## Start the platform on this machine, in the foreground (PORT=4566)
	@$(BIN)/python -m infra.local.up --port $(PORT)

down: ## Stop it; its state is kept
	@$(PYTHON) -m infra.local.down

lock: ## Compile the lock files from pyproject.toml
	@$(BIN)/python infra/local/lock.py

format: development ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: development ## Formatting, lint, types, layers, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
