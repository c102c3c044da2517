# Two commands for a fresh machine: `make demo` and `make test`. Both set up .venv first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test lint unit bench clean

help: ## Say what there is.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(READY) ## Install wbcray and its tools into .venv.

$(READY): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash launch/setup.sh
	@touch $@

demo: $(READY) ## Tune, compare and report on synthetic cells, in minutes.
	@$(BIN)/wbcray demo

test: lint unit ## Everything: style, types, layers, all tests.

lint: $(READY) ## Style, types, docstrings, layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate -q wbcray

unit: $(READY) ## All tests.
	$(BIN)/python -m pytest -q

bench: $(READY) ## Measure speed and memory; prints ratios.
	$(BIN)/python -m benchmarks.main_job
	$(BIN)/python -m benchmarks.data
	$(BIN)/python -m benchmarks.losses

clean: ## Remove .venv, the demo and caches.
	rm -rf $(VENV) demo .wbcray .mypy_cache .ruff_cache .pytest_cache
