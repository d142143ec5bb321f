# make demo   sets everything up, trains a model of tables, shows scores, pictures and their folder;
#             ARGS="--data FILE.csv" learns a table of yours, ARGS=--help tells the rest
# make test   sets everything up, then runs everything: lint, both checkers, the corpus, the tests
#             in a random order that is printed; SEED=7 gives the one of that number
# make test-faults  every fault at every place, of which `make test` causes some; 12 minutes
# make check  the static part of `make test`
# make bench  what all of it costs beside what others cost: a table, benchmarks/results.json and
#             docs/performance.md. SECTIONS="loop data" measures some anew;
#             PUBLISHED_PYTHON names a Python that has the published package
# make bench-smoke  whether all that is measured can be, at tiny sizes; part of `make test`
# make docs   refreshes the pages that quote the checkers, builds the site from docs/ into site/

SHELL := bash
.SHELLFLAGS := -o pipefail -c

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STUBS := $(shell find stubs -type f)
# another order of the tests each time
SEED := $(or $(SEED),$(shell echo $$RANDOM))

.PHONY: venv demo test test-faults check pytest bench bench-smoke docs clean

venv: $(VENV)/.complete

# The installed stub packages are copies: an editable install has no links to them.
$(VENV)/.complete: pyproject.toml constraints.txt $(STUBS)
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip
	$(RUN) -m pip install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'
	$(RUN) -m compileall -q -j 0 -x '/tests?/|torch/testing' $(VENV)/lib # pip compiles on one core
	touch $@

demo: venv
	OMP_NUM_THREADS=1 $(RUN) -m demo $(ARGS)

test: check pytest

check: venv
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m pyright
	$(RUN) -m mypy
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(RUN) -m pyright --verifytypes artifact_torch --ignoreexternal | grep -v '^   artifact_torch'
	$(RUN) typecheck/run.py

pytest: venv
	OMP_NUM_THREADS=1 $(RUN) -m pytest -q -p randomly --randomly-seed=$(SEED)

test-faults: venv
	ARTIFACT_TORCH_FAULTS=all OMP_NUM_THREADS=1 $(RUN) -m pytest -q -p no:randomly tests/faults tests/testing tests/checkpoints tests/trainer/test_observers.py

bench: venv
	$(RUN) -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(RUN) -m benchmarks $(SECTIONS)
	$(RUN) -m benchmarks.page

bench-smoke: venv
	$(RUN) -m pytest -q -p no:randomly tests/benchmarks

docs: venv
	$(RUN) typecheck/docs.py
	$(RUN) typecheck/compare.py
	$(RUN) -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	$(RUN) -m zensical build --config-file mkdocs.yml

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
