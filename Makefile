PYTHON ?= python3
BIN := .venv/bin

.PHONY: help environment development check format lock test-llm

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

environment:
	@$(PYTHON) infra/local/bootstrap.py platform

development:
	@$(PYTHON) infra/local/bootstrap.py development

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

test-llm: development ## Ask a real, very small language model (compiles its engine for about 8 minutes, once)
	$(BIN)/pytest tests/llm/small_model.py
