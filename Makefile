PYTHON ?= python3
BIN := .venv/bin

NAME ?= multilingual

PORT ?= $(or $(STRATA_PORT),4566)

.PHONY: check contracts deploy development down environment format help lock model package rollback screenshots simulate teardown test test-fast test-llm up

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

environment:
	@$(PYTHON) infra/local/bootstrap.py platform

development:
	@$(PYTHON) infra/local/bootstrap.py development

model: environment ## Install a local embedding model: make model NAME=fast-english
	@$(BIN)/python -m infra.local.models $(NAME)

up: environment ## Start the platform on this machine, in the foreground (PORT=4566 SEARCH=sqlite|opensearch)
	@$(if $(SEARCH),STRATA_SEARCH=$(SEARCH)) $(BIN)/python -m infra.local.up --port $(PORT)

down: ## Stop it; its state is kept
	@$(PYTHON) -m infra.local.down

lock: ## Compile the lock files from pyproject.toml
	@$(BIN)/python infra/local/lock.py

contracts: development ## Generate the schemas and OpenAPI documents
	@$(BIN)/python -m infra.local.contracts

format: development ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: development ## Formatting, lint, types, layers, templates, known vulnerabilities, the dashboard's sources
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml infra/*.yaml
	$(BIN)/pytest tests/architecture/test_templates.py
	$(BIN)/python -m infra.deployment.compatibility
	$(BIN)/python -m infra.deployment.audit
	$(BIN)/python -m infra.local.dashboard.build check

package: development ## Build every function for the cloud into build/: STAGE=dev RUNTIME=3.13 ARCH=arm64
	$(BIN)/python -m infra.deployment.package --stage $(or $(STAGE),dev) --python $(or $(RUNTIME),3.13) \
		--architecture $(or $(ARCH),arm64)

deploy: development ## Deploy a stage of infra/stages.toml: STAGE=dev (STACK=ml) (YES=1)
	$(BIN)/strata deploy --stage $(or $(STAGE),dev) $(STACK:%=--stack %) $(if $(YES),--yes)

rollback: development ## Put a stack back to its release before: STAGE=dev STACK=ml (YES=1)
	$(BIN)/strata rollback --stage $(or $(STAGE),dev) --stack $(STACK) $(if $(YES),--yes)

teardown: development ## Delete a stage's stacks, data kept: STAGE=dev (YES=1)
	$(BIN)/strata teardown --stage $(or $(STAGE),dev) $(if $(YES),--yes)

# What starts no server, no platform and builds no model.
FAST := tests/unit tests/handlers tests/contracts tests/architecture tests/ports tests/rights
SLOW := tests/unit/local_models tests/handlers/cli tests/ports/test_embedder.py tests/ports/test_generator.py

test: development ## All tests, on the real platform too
	$(BIN)/pytest --ignore=tests/localstack

test-localstack: development ## On LocalStack, a second emulator (installed once into the cache)
	$(BIN)/pytest tests/localstack

test-fast: development ## What needs no server, in under two minutes
	$(BIN)/pytest $(FAST) $(SLOW:%=--ignore=%) -m "not opensearch"

screenshots: development ## A picture of every page of the dashboard: FOLDER=screenshots ONLY=chat
	@$(BIN)/python -m tests.browser.screenshots $(or $(FOLDER),screenshots) $(ONLY)

simulate: development ## The ingestion protocol under faults: SEEDS=20000 FIRST=0 JOBS=2, or SEED=123 for its trace
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),2000) --first $(or $(FIRST),0) \
		--jobs $(or $(JOBS),2)) $(if $(ONLY),--only $(ONLY)) $(if $(WITHOUT),--without $(WITHOUT)) $(if $(OFF),--off $(OFF)) $(if $(RECORD),--record)

test-llm: development ## Ask a real, very small language model (compiles its engine for about 8 minutes, once)
	@$(BIN)/python -m tests.llm.engine
	$(BIN)/pytest tests/llm/small_model.py
