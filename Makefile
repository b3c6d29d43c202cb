PYTHON ?= python3
BIN := .venv/bin

NAME ?= multilingual


.PHONY: help environment development check contracts format lock model package test test-fast test-llm up down

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

environment:
	@$(PYTHON) infra/local/bootstrap.py platform

development:
	@$(PYTHON) infra/local/bootstrap.py development

model: environment ## Install a local embedding model: make model NAME=fast-english
	@$(BIN)/python -m infra.local.models $(NAME)

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
	$(BIN)/cfn-lint template.yaml infra/*.yaml
	$(BIN)/pytest tests/architecture/test_templates.py

package: development ## Build every function for the cloud into build/ (STAGE=dev)
	$(BIN)/python -m infra.deployment.package --stage $(or $(STAGE),dev)
