# Everything that a person or CI runs. `make` alone lists it.
# Portable on purpose: GNU make 3.81, which macOS has, and a POSIX shell.

.DEFAULT_GOAL := help
SHELL := /bin/sh

# A PYTHONPATH or PYTHONHOME of the user would put other packages, or another Python, before those of .venv; of another virtual
# environment that is active IPython warns.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

# The Pythons to try, best first. A name may stand there and still fail to run (a shim of pyenv), so each is run.
PYTHON ?= python3.11 python3 python3.12 python3.13
NO_PYTHON = Break/Fix needs Python 3.11 or newer with its venv module. One of these brings it: `uv python install 3.11` | \
`conda create -n py311 python=3.11 && conda activate py311` | your system, as `apt install python3.11-venv` or `brew install \
python@3.11`. Then run make again, with PYTHON=/path/to/python3.11 if it is not found.

# A virtual environment knows its own path: after the folder was moved or copied, this stamp is not there, and it is made anew.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
RUNS := $(shell .venv/bin/python -c 'print("yes")' 2>/dev/null)
READY := .venv/.ready-$(HERE)
READY_DEV := $(READY)-dev
BIN := .venv/bin
SOLVED = $(wildcard solutions/*/*.ipynb)
RELEASED = $(wildcard notebooks/*/*.ipynb)
NBVAL = --nbval-lax --nbval-current-env --nbval-cell-timeout=900

# What can be made anew, kept between calls: simulated runs, rows of `make release-check` (labs/kit/worlds/run_cache.py).
KEPT = $${BREAKFIX_KEPT:-$${XDG_CACHE_HOME:-$$HOME/$$(if [ "$$(uname)" = Darwin ]; then echo Library/Caches; else echo .cache; \
fi)}/breakfix}

.PHONY: help lab setup test lint check build release-check bench constraints clean

help: ## list what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /: /' | awk -F ': ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

lab: $(READY) ## set up if need be, and open JupyterLab at the start page
	@exec $(BIN)/breakfix start

setup: $(READY) ## make .venv and install what a learner needs
	@echo "Ready. \`make lab\` opens the course; $(BIN)/breakfix is its command line."

# A simulated run is a value: tests, build and notebooks that want the same one share it, and the next call reads it again.
# Each solution is executed once, by tests/test_built.py. docs/testing.md says what is proved where.
test: $(READY_DEV) ## set up if need be, and run everything that CI runs
	@BREAKFIX_RUN_CACHE="$${BREAKFIX_RUN_CACHE:-$(KEPT)/runs}"; export BREAKFIX_RUN_CACHE; \
	BREAKFIX_PAGES="$${BREAKFIX_PAGES:-changed}"; export BREAKFIX_PAGES; \
	BREAKFIX_REST="$${BREAKFIX_REST-$(KEPT)/passed}"; export BREAKFIX_REST; \
	$(MAKE) --no-print-directory lint && \
	$(BIN)/python -m pytest tests $(RELEASED) -n 3 --dist loadfile --no-loadscope-reorder -q $(NBVAL) -m 'not alone and not release' && \
	$(BIN)/python -m pytest tests -q -m alone -n 2 --dist worksteal

lint: $(READY_DEV) ## lint, format, types, the README's table, docs/adversities.md, docs/outages.md
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m breakfix.readme --check
	$(BIN)/python -m breakfix.adversities --check
	$(BIN)/python -m breakfix.outages --check
	$(BIN)/python -m breakfix.words

check: lint ## the same, and whether all notebooks are what their sources give; `make test` asks it too
	$(BIN)/breakfix build --check

build: $(READY_DEV) ## make solutions/ and notebooks/ from the labs' notebook.py, the README's table, docs/adversities.md, docs/outages.md
	$(BIN)/breakfix build
	$(BIN)/python -m breakfix.readme
	$(BIN)/python -m breakfix.adversities
	$(BIN)/python -m breakfix.outages

release-check: $(READY_DEV) ## every repair at 20 seeds and in both worlds, slips in right ones, every page; may be stopped, and goes on where it was
	$(BIN)/breakfix release-table
	$(BIN)/breakfix agreement-table
	$(BIN)/python -m pytest tests -q -m release
	$(BIN)/python -m pytest tests/test_built.py $(SOLVED) $(RELEASED) -n 2 --dist loadfile -q $(NBVAL)
	$(BIN)/breakfix mutate

bench: $(READY_DEV) ## the benchmarks, each beside its yardstick
	$(BIN)/breakfix bench

constraints: ## resolve all dependencies anew and write constraints.txt
	@$(find_python); set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	"$$python" -m venv "$$fresh/venv"; \
	"$$fresh/venv/bin/python" -m pip install --quiet --disable-pip-version-check '.[dev]'; \
	{ sed -n '/^#/p' constraints.txt; \
	  "$$fresh/venv/bin/python" -m pip freeze --exclude breakfix; \
	  sed -n '/;/p' constraints.txt | sed '/^#/d'; } > "$$fresh/new"; \
	cp "$$fresh/new" constraints.txt; echo 'Wrote constraints.txt. Read what changed, and run `make test`.'

clean: ## remove .venv and caches, kept runs too; never work/, which is the learner's
	@rm -rf "$(KEPT)"
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where the Python of .venv has gone, with an upgrade of the system, say, the stamps mean nothing.
.PHONY: broken
broken:
STALE := pyproject.toml constraints.txt $(if $(RUNS),,broken)

$(READY): $(STALE)
	@$(call install,.)
	@touch $@

$(READY_DEV): $(STALE)
	@$(call install,.[dev])
	@touch $(READY) $@

# Sets $python to the first of PYTHON that runs, is new enough and can make a virtual environment.
define find_python
python=; for name in $(PYTHON); do \
  if "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
    python=$$name; break; fi; done; \
if [ -z "$$python" ]; then printf '%s\n' '$(NO_PYTHON)' >&2; exit 1; fi
endef

# $(1): what to install. Keeps a .venv that runs and was made here; else makes one.
define install
if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  || ! grep -qF "$$(pwd)/.venv" $(BIN)/activate; then \
  $(find_python); \
  echo "Making .venv with $$("$$python" --version)."; \
  rm -rf .venv; "$$python" -m venv .venv || exit 1; \
fi; \
echo 'Installing the packages that constraints.txt pins. This takes a minute or two, once; a dot is a second of it.'; \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt -e '$(1)' & pip=$$!; \
trap 'kill $$pip 2>/dev/null; exit 130' INT TERM; \
while kill -0 $$pip 2>/dev/null; do printf .; sleep 1; done; echo; wait $$pip
endef
