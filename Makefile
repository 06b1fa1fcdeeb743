SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install demo sandbox check pure test flows proofs mirrors lint bench simulate mutate screenshots clean python

PYTHON ?= python3
UV_PINNED := 0.13.9
# An older uv may not read the lock as it was written.
uv_on_path := $(shell found=$$(uv --version 2>/dev/null | cut -d ' ' -f 2); \
	test "$$(printf '%s\n' $(UV_PINNED) "$$found" | sort -V | tail -n 1)" = "$$found" && command -v uv)
UV := $(or $(uv_on_path),.uv/bin/uv)
RUN := $(UV) run --no-sync

# All that is downloaded, cached or left over stays in the checkout.
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
export PIP_NO_CACHE_DIR := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export TMPDIR := $(CURDIR)/.cache/tmp
demo bench: export PREFECT_HOME := $(CURDIR)/.demo/prefect
pure flows proofs mirrors mutate: export PREFECT_HOME = $(CURDIR)/.cache/prefect-$@
export PREFECT_SERVER_ANALYTICS_ENABLED := false
# A fresh database takes Prefect longer than the 20 seconds that it waits by itself.
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS := 120
# Another environment, or a Prefect server that the shell points to, is not ours to touch.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PREFECT_API_URL PREFECT_API_KEY PREFECT_PROFILE
# Each process would compile all modules again, and pytest rewrite all asserts.
unexport PYTHONDONTWRITEBYTECODE

help: ## these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 13

install: .venv/installed ## install what uv.lock says into .venv

demo: install ## invoice the month before, from a demo OMS to drafts in an easybill sandbox
	@$(RUN) python -m demo.run

sandbox: install ## show the demo's drafts at http://127.0.0.1:8900/ (Ctrl-C ends it)
	@$(RUN) python -m blocks.easybill.sandbox --port 8900 --state .demo/easybill.db

check: install ## lint, and the tests that need no server, no other process and no browser: for every few minutes
	@$(MAKE) --no-print-directory --jobs=2 --output-sync lint pure

pure: install
	@$(RUN) pytest -q -m pure --numprocesses=2 --dist=worksteal

test: lint ## lint, then ten thousand stories and fresh ones beside the whole test suite, as CI runs it
	@$(MAKE) --no-print-directory --jobs=3 --output-sync JOBS=1 flows mirrors simulate proofs

# They wait for servers and browsers half of their time, so they run beside the others.
# The browser comes first, while the server has no runs but its own.
FLOWS := tests/browser tests/flows
flows: install
	@$(RUN) pytest -q $(FLOWS)

# Coverage makes these take more than twice as long, and counts what the mirrors count already.
PROOFS := tests/crash tests/mutation tests/simulation tests/small_scope
proofs: install
	@$(RUN) pytest -q $(PROOFS)

mirrors: install
	@$(RUN) coverage run -m pytest -q tests $(addprefix --ignore=,$(FLOWS) $(PROOFS))
	@$(RUN) coverage report

lint: install ## linter, formatter and type checker
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy

bench: install ## the benchmarks
	@$(RUN) python -m bench.run

JOBS ?= 2
SEEDS ?= 10000
FRESH ?= 2000

simulate: install ## tell SEEDS=10000 stories of what can go wrong and FRESH=2000 others, and count how they end
	@$(RUN) python -m tests.simulation --seeds $(SEEDS) --fresh $(FRESH) --jobs $(JOBS)

mutate: install ## change the code that decides and delivers bit by bit (MODULE=file for one): who notices?
	@$(RUN) python -m tests.mutation --jobs $(JOBS) $(if $(MODULE),--module $(MODULE))

screenshots: install ## take the pictures of docs/first-of-the-month.md anew, with Chromium
	@mkdir -p docs/images
	@SCREENSHOTS_TO=docs/images $(RUN) pytest -q tests/browser --basetemp=/tmp/oms-to-easybill

clean: ## remove what the commands above made, the demo's state included
	@rm -rf .venv .uv .cache .demo .hypothesis .mypy_cache .pytest_cache .ruff_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: uv.lock pyproject.toml | $(UV) .cache/tmp
	@$(UV) sync --locked --quiet --python "$$(command -v $(PYTHON))"
	@touch $@

# pip asks rustc for its version, and rustup's stand-in for it would settle down in HOME.
.uv/bin/uv: export RUSTUP_HOME := $(CURDIR)/.cache/rustup
.uv/bin/uv: | .cache/tmp
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet uv==$(UV_PINNED)

.cache/tmp: | python
	@mkdir -p $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or newer is needed, and $(PYTHON) is not that.' \
			'Install it, or name another: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11' >&2; \
		exit 1; }
