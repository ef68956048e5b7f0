# Barrio Digital: what a person does here is one word. Start with `make run` and `make test`.
#
# Two stamp files in .venv say what is installed: .runtime (enough to serve) and .dev (tests, checks, benchmarks).
# A stamp is renewed only when the pins behind it change, so that every other target may ask for it.

VENV    := .venv
BIN     := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV     := $(VENV)/.dev
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup run chat test faults simulate planted mutants walk check transcripts bench docs clean \
        check-format check-lint check-types check-imports check-spelling check-city

help:         ## list these commands
	@grep -E '^[a-z]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 22

setup: $(RUNTIME) ## make .venv and install what serving needs, by pinned hash

run: setup    ## start the service; prints the address of the simulator
	@$(BIN)/python -m gateway migrate
	@$(BIN)/python -m gateway serve

chat: setup   ## talk to the service in this terminal, no browser and no account
	@$(BIN)/python -m gateway chat

test: $(DEV)  ## run every test on two cores, then hold the coverage floors
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=
	$(BIN)/coverage report --skip-covered --show-missing --fail-under=100 \
	    --include='dialogs/*,providers/*,gateway/outbound/segments.py'
	$(BIN)/coverage report --format=total --fail-under=97

# Read by the tests too: how often a loop kills.
export FAULTS ?= long
faults: $(DEV) ## break a real gateway: kills, disks, providers, clocks (FAULTS=short: in minutes)
	$(BIN)/pytest -n $(WORKERS) tests/faults -m 'faults$(if $(filter short,$(FAULTS)), and not long)' -rP

SEEDS ?= 200
simulate: $(DEV) ## live through SEEDS=200 simulated months with faults; BARRIO_SEED=17 plays one again
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --processes $(WORKERS)

walk: $(DEV)  ## go from every state of every dialog with all that may come, in every language, and say how much
	$(BIN)/python -m tests.walk

planted: $(DEV) ## plant twelve bugs into copies of the tree: each must be caught (PLANTED=--short: by the simulation)
	$(BIN)/python -m tests.planted $(PLANTED)

mutants: $(DEV) ## do each small wrong to dialogs, providers and segments: a test must notice (MUTANTS=providers: only those)
	$(BIN)/python -m tests.mutants $(MUTANTS)

check: $(DEV) ## format, lint, types, import contracts, spelling, the city's data (writes nothing)
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=2 \
	    check-types check-lint check-format check-imports check-spelling check-city

check-format:
	$(BIN)/ruff format --check --quiet .
check-lint:
	$(BIN)/ruff check --quiet .
check-types:
	$(BIN)/mypy --no-error-summary
check-imports:
	@echo $(BIN)/lint-imports; said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }
check-spelling:
	$(BIN)/codespell
check-city:
	$(BIN)/python -m gateway check

transcripts: $(DEV) ## rewrite tests/transcripts as the service talks now; the diff is the review
	-$(BIN)/pytest tests/transcripts --update-transcripts --quiet
	git diff --stat -- tests/transcripts

bench: $(DEV) ## how fast, beside which floors: all of it in twenty minutes, then docs/performance.md
	$(BIN)/python -m bench

docs: $(DEV)  ## rewrite the pages that are made from the code
	$(BIN)/python -m docs.generate

clean:        ## remove .venv and caches; var/, where the data is, stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for python in python3.11 python3; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        $$python -m venv $(VENV) && exit 0; \
	        rm -rf $(VENV); echo "$$python cannot make a virtual environment (Debian: apt install python3-venv)" >&2; exit 1; \
	    fi; \
	done; echo "Python 3.11 or newer is needed" >&2; exit 1

# --no-build-isolation: the only build tool is the pinned setuptools, so the index is asked for nothing without a hash.
$(RUNTIME): requirements.txt | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# The pins themselves: edit a requirements*.in, then `make pins`, and read the diff.
PIN := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
       --no-header --no-emit-options --no-emit-index-url --no-emit-find-links
.PHONY: pins
pins: $(DEV)
	$(PIN) requirements.in
	$(PIN) requirements-dev.in
