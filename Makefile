# Everything a newcomer needs: `make run`, `make test`. Needs Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: run test check bench clean

run: $(VENV)/.run
	$(BIN)/otklik demo --once

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python bench/idle_pass.py
	$(BIN)/python bench/intake.py
	$(BIN)/python bench/drafts.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "otklik needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

# What the program needs to run, and what its developers need on top.
$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) otklik.db otklik.db-wal otklik.db-shm otklik.db.lock outbox
