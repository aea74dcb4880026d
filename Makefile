# Everything a developer types. Needs Python 3.11 or newer and make; the rest is installed in .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test check lint types layers architecture bench soak lock upgrade clean

# The first Python that is recent enough. Name another: make PYTHON=/path/to/python3 setup
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)

VENV := .venv
BIN := $(VENV)/bin
# Not compiled at once: what is never imported need not be, and the set-up takes half the time.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-compile
CODE := orchestrator channels tests
ARGS ?=

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# -------------------------------------------------------------------------------------------- set up

setup: $(VENV)/.dev ## install Relance and its development tools in .venv

demo: $(VENV)/.run ## a whole campaign on invented debts, on this machine only
	@$(BIN)/relance demo $(ARGS)

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Relance needs Python 3.11 or newer; here python3 is: $$(python3 --version 2>&1 || true)" >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Relance needs Python 3.11 or newer; $(PYTHON) is: $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment: its venv module is not installed." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

# A stamp is newer than what it was made from. The development lock holds everything of the other.
$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@$(call install,requirements/dev.txt)
	@touch $(VENV)/.run $@

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@$(call install,requirements/run.txt)
	@touch $@

define install
	echo "Installing $$(grep -c == $(1)) locked packages (a minute or two the first time)"; \
	$(INSTALL) --require-hashes --requirement $(1) && $(INSTALL) --no-build-isolation --editable . || { \
		echo "The packages of $(1) could not be installed: pip says why above." >&2; \
		echo "It needs the network once; pip's own settings name another index or a proxy." >&2; exit 1; }
endef

# --------------------------------------------------------------------------------------------- judge

test: $(VENV)/.dev ## run the tests; ARGS=tests/domain for some of them
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} $(BIN)/python -m pytest --quiet -n 2 $(ARGS)

check: lint types layers architecture ## everything a machine can judge without running the product

lint: $(VENV)/.dev
	@$(BIN)/python -m ruff check --quiet --output-format concise .
	@$(BIN)/python -m ruff format --quiet --check --output-format concise . || { \
		echo "To format them: $(BIN)/ruff format ." >&2; exit 1; }
	@echo "lint: fine"

types: $(VENV)/.dev
	@$(BIN)/python -m mypy --no-error-summary $(CODE)
	@echo "types: fine"

layers: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo > $(VENV)/.layers 2>&1 || { cat $(VENV)/.layers; exit 1; }
	@echo "layers: fine"

architecture: $(VENV)/.dev
	@$(BIN)/python -m pytest --quiet tests/architecture

bench: $(VENV)/.dev ## measure speed beside a bare reference; never fails for being slow
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(VENV)/.dev ## property tests and simulations, many more examples, fresh seeds
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest --quiet -n 2 -m "hypothesis or soak" $(ARGS)

# --------------------------------------------------------------------------------------------- renew

lock: | $(BIN)/python ## write requirements/*.txt again after a change of pyproject.toml
	@$(INSTALL) uv
	@$(call compile,run.txt,--group build)
	@$(call compile,dev.txt,--group build --group dev --constraint requirements/run.txt)

upgrade: ## as lock, with the newest versions
	@$(MAKE) --no-print-directory lock UPGRADE=--upgrade

define compile
	$(BIN)/python -m uv pip compile pyproject.toml $(2) $(UPGRADE) --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements/$(1) && echo "requirements/$(1): $$(grep -c == requirements/$(1)) packages"
endef

clean: ## remove what tools have made, the environment too
	@rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
