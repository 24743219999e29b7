# The two commands are `make run` and `make test`; both make .venv first.
.PHONY: setup run test check bench lock clean
PYTHON ?= python3
BIN := .venv/bin
# Where this is set, each process that a test or the demo starts would compile all our modules once more.
unexport PYTHONDONTWRITEBYTECODE

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Type: sudo apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

run: setup
	@exec $(BIN)/tripupdates demo

# A test of the web or of a browser waits now and then: three at once keep two cores busy.
test: setup
	@bash tests/programs.sh
	$(BIN)/python -m pytest -n 3

check: setup
	@bash tests/programs.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m bench

# Written by hand only: needs uv. The lock holds hashes and no registry's address.
lock:
	uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --quiet -o requirements.lock

clean:
	rm -rf .venv instance/*
