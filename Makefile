# Two commands do all of their own set-up:   make repro   and   make test
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PROFILE ?= $(shell sed -n 's/^profile: *//p' params.yaml)
BASE ?= main
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile
export OMP_NUM_THREADS := 1
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: repro test fast lint bench gate report folder study lock clean help

help:            ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ —/'

$(VENV)/ready: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $@

repro: $(VENV)/ready  ## from nothing to tables (profile in params.yaml)
	$(BIN)/dvc repro
	@$(BIN)/speak report --path-only

test: $(VENV)/ready   ## the whole test suite
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(PYTEST)

fast: $(VENV)/ready   ## the tests that need no pipeline, browser or real videos
	$(PYTEST) -m "not dag and not browser and not realdata"

lint: $(VENV)/ready   ## format and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

bench: $(VENV)/ready  ## speed of the hot paths, as ratios measured in one run
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_ingest
	$(BIN)/python -m tests.bench_training $(PROFILE)
	$(BIN)/python -m tests.bench_study

gate: $(VENV)/ready   ## is HEAD worse than BASE? the smoke profile of both: make gate BASE=main
	.ci/gate "$(BASE)"

report: $(VENV)/ready ## open the report, or print where it is
	$(BIN)/speak report

folder: $(VENV)/ready ## your own videos: make folder DATA=/path/to/videos
	$(BIN)/python -m pipelines.folder "$(PROFILE)" "$(DATA)"

study: $(VENV)/ready  ## try the user study: the profile's videos, three test participants
	test -e work/$(PROFILE)/study/design.json || $(BIN)/speak-bench study new work/$(PROFILE)/study --generated work/$(PROFILE)/generated --participants 3
	$(BIN)/speak-bench study serve work/$(PROFILE)/study --show-links

lock: $(VENV)/ready   ## resolve the dependencies anew into requirements.lock
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report $(VENV)/report.json '.[dev]' 'setuptools>=77'
	$(BIN)/python .ci/lock.py $(VENV)/report.json > requirements.lock

clean:           ## forget every profile's work and reports (not the virtual environment)
	rm -rf work .dvc/cache .dvc/tmp dvc.lock && find reports -mindepth 1 ! -name .gitkeep -delete
