# make run    builds the site and serves it with the contact form on http://127.0.0.1:8000
# make test   runs every test
# Both prepare what they need first: see `make setup`.

PYTHON ?= python3
PORT   ?= 8000
BIN    := .venv/bin

.PHONY: setup run test lint check format needs clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

setup: .venv/.ready var/models/.tried

# The locked packages. uv itself comes from PyPI into a folder of its own.
.venv/.ready: uv.lock pyproject.toml | .tools/bin/uv
	.tools/bin/uv sync --locked --quiet
	@touch $@

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Name one: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || sh .ci/install python3-venv
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

# The sentence model, 23 MB. Without it the search goes by words alone, so a failure does not stop anything.
var/models/.tried: .venv/.ready
	@mkdir -p var/models
	@$(BIN)/deflector model prepare || echo "Going on without the sentence model: suggestions go by words alone."
	@touch $@

run: setup
	$(BIN)/kb build
	@echo "The help centre is on http://127.0.0.1:$(PORT), its mail on http://127.0.0.1:$(PORT)/dev/mail"
	DEFLECTOR_BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/deflector serve --site build/site --port $(PORT)

# The suite starts some hundred programs: they share what Python compiles, also where it is told to keep nothing.
test: setup needs
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3 --dist loadfile

# Browser and servers that tests use; where they cannot be installed, the tests that need them say so.
needs:
	@command -v chromium >/dev/null || sh .ci/install chromium || true
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || sh .ci/install postgresql || true
	@command -v redis-server >/dev/null || sh .ci/install redis-server || true

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: setup
	$(BIN)/kb check

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build .venv .tools .pytest_cache .mypy_cache .ruff_cache
