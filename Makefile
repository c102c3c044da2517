# Two commands for a fresh machine: `make demo` and `make test`. Both set up .venv first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test lint unit audit fuzz bench chaos clean

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

unit: $(READY) ## All tests, in two processes of one thread each.
	@bash launch/test-programs.sh
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --no-loadscope-reorder

bench: $(READY) ## Measure speed and memory; prints ratios.
	$(BIN)/python -m benchmarks.main_job
	$(BIN)/python -m benchmarks.data
	$(BIN)/python -m benchmarks.losses
	$(BIN)/python -m benchmarks.explorer
	$(BIN)/python -m benchmarks.verdicts
	$(BIN)/python -m benchmarks.epoch
	$(BIN)/python -m benchmarks.step precision
	$(BIN)/python -m benchmarks.step sharing
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.scale overhead --trials 100 --slots 8 --seconds 20

chaos: $(READY) ## Damage 200 files of each kind, then a sweep under faults for 40 min; again: more, up to 100.
	PYTHONPATH=tests $(BIN)/python tests/chaos/corruption.py --each 200 --seed 1
	PYTHONPATH=tests $(BIN)/python tests/chaos/sweep.py --faults 100 --seed 1 --minutes 40 --folder .wbcray/chaos

fuzz: $(READY) ## Ten minutes of hostile bytes for each reader; needs `pip install atheris`.
	for name in archives configurations labels records; do $(BIN)/python -m fuzz $$name -max_total_time=600; done

audit: $(READY) ## Known vulnerabilities in the pinned versions; needs `pip install pip-audit` and a network.
	$(BIN)/pip-audit -r constraints.txt --no-deps --disable-pip

clean: ## Remove .venv, the demo and caches.
	rm -rf $(VENV) demo .wbcray .mypy_cache .ruff_cache .pytest_cache
