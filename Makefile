# Everything a newcomer needs: `make run`, `make desk`, `make test`. Needs Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt

# Where `make desk` works: made anew each time.
DESK := .demo

.PHONY: run desk test check bench screenshots clean

run: $(VENV)/.run
	$(BIN)/otklik demo --once

desk: $(VENV)/.run
	rm -rf $(DESK)
	$(BIN)/otklik demo --dir $(DESK)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Needs a chromium.
screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.browser.screenshots docs

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
	$(PIP) --editable '.[dev,browser]'
	touch $@

clean:
	rm -rf $(VENV) $(DESK) otklik.db otklik.db-wal otklik.db-shm otklik.db.lock outbox
