# Everything happens in .venv, built from constraints.txt; a second call finds its stamps and is quick.
# Another Python: make demo PYTHON=python3.13

PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(python))))
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
.DEFAULT_GOAL := help
.PHONY: help demo test check test-browser test-cluster torture bench reproduce gallery clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

demo: .venv/lab  ## run experiments/iris.toml: a report and its animations under results/
	$(BIN)/kmeans-lab run experiments/iris.toml

test: .venv/test  ## the tests that need nothing else (some minutes)
	$(PYTEST) -n 2
	@echo "make test: the laws, the rooms and the walkthrough hold. Skipped where reference data is missing: published figures."
	@echo "Not run: make test-browser, make test-cluster, make torture, make bench."

check: .venv/check  ## linter, formatter, strict types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@echo "make check: nothing to mend."

test-browser: .venv/browser  ## open the report in a real browser
	$(PYTEST) tests/browser -m browser
	@echo "make test-browser: the report opens and its films play."

test-cluster: .venv/cluster  ## runs on a real Dask scheduler whose workers come, go and differ (3 minutes)
	$(PYTEST) tests/cluster -m cluster
	@echo "make test-cluster: the same bits, whoever computed them."

torture: .venv/test  ## an hour of kills, full disks, flipped bits and hostile text; prints its counts
	$(PYTEST) tests -m torture --durations 0 --durations-min 60
	@echo "make torture: the same bits, whatever was done to the study."

bench: .venv/bench  ## the lab beside its peers, half an hour; QUICK=1 for a look of three minutes
	$(BIN)/python benchmarks $(if $(QUICK),--quick)
	@echo "make bench: the figures are in benchmarks/RESULTS$(if $(QUICK),-quick).md"

reproduce: .venv/lab  ## published figures beside ours, from the data that experiments/reproductions/README.md names
	$(BIN)/python experiments/reproductions/reproduce.py $(if $(REFERENCE),--reference $(REFERENCE))

gallery: .venv/lab  ## the README's pictures, from real runs on iris, blobs and digits
	$(BIN)/python experiments/gallery/gallery.py

clean:  ## remove .venv and every cache; results stay
	rm -rf .venv build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer was not found; install it, or name it: make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make: $(PYTHON) is not Python 3.11 or newer: $$($(PYTHON) --version 2>&1)" >&2; exit 1; }
	@echo "make: building .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "make: $(PYTHON) has no venv; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

.venv/lab: .venv/python pyproject.toml constraints.txt
	@echo "make: installing kmeans_lab"
	@$(PIP) --editable .
	@touch $@

.venv/test: .venv/lab
	@echo "make: installing what the tests need"
	@$(PIP) --editable '.[test]'
	@touch $@

.venv/check: .venv/lab
	@echo "make: installing the linter and the type checker"
	@$(PIP) --editable '.[check]'
	@touch $@

.venv/bench: .venv/lab
	@echo "make: installing the peers of the benchmark"
	@$(PIP) --editable '.[bench]' || \
		for peer in faiss-cpu opencv-python-headless scikit-learn-intelex mlpack; do $(PIP) $$peer || \
			echo "make: $$peer cannot be installed here; the benchmark goes without it" >&2; done
	@command -v Rscript >/dev/null || \
		echo "make: the benchmark goes without R; on Debian: apt-get install --no-install-recommends r-base-core" >&2
	@touch $@

.venv/cluster: .venv/test
	@echo "make: installing the scheduler"
	@$(PIP) --editable '.[test,dask]'
	@touch $@

.venv/browser: .venv/test
	@echo "make: installing what drives the browser, and the browser itself where it is missing"
	@$(PIP) --editable '.[test,browser]'
	@command -v chromium >/dev/null || { \
		run=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		{ [ -z "$$run" ] || command -v sudo >/dev/null; } && command -v apt-get >/dev/null && \
		$$run apt-get update -qq && $$run apt-get install -qq --yes --no-install-recommends chromium </dev/null >/dev/null; } || \
		{ echo "make: chromium is missing and could not be installed; on Debian: apt-get install chromium" >&2; exit 1; }
	@touch $@
