# Souffleur. `make` alone lists what can be made. Works with GNU make 3.81 (macOS) and later, on Linux and macOS.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
UV     := $(BIN)/uv
INSTALL = $(UV) pip install --python $(BIN)/python --no-deps
COMPILE = $(UV) pip compile pyproject.toml --universal --generate-hashes --no-annotate --no-header \
          --no-emit-index-url --no-emit-find-links --quiet

# A file of tests stays with one worker, so that what its tests share is made once; slow files start first.
WORKERS = -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# A project that is installed as it stands must not be shadowed by what the shell happens to export.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Without bytecode each process (a worker, a notebook, a server) would compile some thousand files again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help serve setup test lab dashboards bench lint lock clean install install-all chromium

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

serve: setup ## Set everything up, then serve on http://127.0.0.1:3000 (a few seconds from the second time on)
	@$(BIN)/souffleur serve

setup: install ## Environment, knowledge index, intent model and first bundle, without serving
	@$(BIN)/souffleur setup

test: install-all chromium ## Every test, then lint and types (adds the test tools to the environment)
	@echo "==> pytest" && $(BIN)/python -m pytest $(WORKERS)
	@$(MAKE) --no-print-directory lint

lab: install-all ## JupyterLab on the notebooks
	@$(BIN)/jupyter lab --notebook-dir=notebooks

dashboards: install-all ## MLflow's pages on the runs in mlruns/, on http://127.0.0.1:5000
	@$(BIN)/mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db --host 127.0.0.1 --port 5000 --workers 1

bench: install-all setup ## Measure everything that the data in this repository allows; one JSON file each in artifacts/bench
	@$(BIN)/souffleur bench all --out artifacts/bench

lint: install-all ## ruff and mypy (strict)
	@echo "==> ruff" && $(BIN)/ruff check .
	@echo "==> mypy" && $(BIN)/mypy

lock: $(UV) ## Resolve both lock files again, keeping their pins (UPGRADE=--upgrade moves them)
	@$(COMPILE) $(UPGRADE) --all-extras --output-file requirements.lock
	@$(COMPILE) --extra serve --extra build --constraints requirements.lock --output-file requirements-serve.lock

clean: ## Remove the environment, indexes, bundles and caches (not the embedding models in the user's cache)
	rm -rf $(VENV) .cache var artifacts dist build .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment, in steps that are only taken when a lock file changed -------------------------------------

install: $(STAMPS)/serve $(STAMPS)/project
install-all: $(STAMPS)/all $(STAMPS)/project

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	  echo "Souffleur needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)."; \
	  echo "Name another: make serve PYTHON=python3.12"; exit 1; }
	@echo "==> Making the environment $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "The module venv is missing or broken. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }

# Only pip can be counted on at first, so pip fetches uv: the version and hashes of the lock, nothing else.
$(UV): | $(BIN)/python
	@echo "==> Installing uv, as pinned in requirements-serve.lock"
	@awk '/^[a-z]/ { on = /^uv==/ } on' requirements-serve.lock > $(VENV)/uv.lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.lock.txt

$(STAMPS)/serve: requirements-serve.lock | $(UV)
	@echo "==> Installing what the service needs (requirements-serve.lock, hashes checked)"
	@$(INSTALL) --require-hashes -r requirements-serve.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/all: requirements.lock | $(UV)
	@echo "==> Installing the workbench and the test tools too (requirements.lock, hashes checked)"
	@$(INSTALL) --require-hashes -r requirements.lock
	@mkdir -p $(STAMPS) && touch $@

# hatchling and editables come from the lock: nothing is fetched here, hence --offline.
$(STAMPS)/project: pyproject.toml | $(UV)
	@echo "==> Installing Souffleur itself, from this folder"
	@$(INSTALL) --offline --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

chromium:
	@sh .ci/chromium
