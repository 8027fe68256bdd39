# Everything happens in .venv; pyproject.toml says what goes into it, constraints.txt which versions.
# The stamp makes a second start independent of any network.

PYTHON ?= python3
NOTEBOOK ?= workbench
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests of a file share pages and models: a process takes whole files, in the order of tests/conftest.py,
# which also says how many processes there are.
SCHEDULE := -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder
# Packages are compiled when they are first imported: most of their files never are.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help dashboard lab test soak docs lint format clean

help:  ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "colbert_explain needs Python 3.11 or later, $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
	       "name another one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --upgrade-deps $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile -c constraints.txt -e '.[dev]'
	@touch $@

dashboard: $(STAMP)  ## open the workbench in a browser (NOTEBOOK=02_paraphrased for another page)
	@$(BIN)/colbert-explain dashboard $(NOTEBOOK)

lab: $(STAMP)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks

test: $(STAMP)  ## run every test, including those in a browser
	@tests/browser/install_chromium.sh $(BIN)/python
	@cache=$$(mktemp -d) && trap 'rm -rf "$$cache"' EXIT && \
	OMP_NUM_THREADS=1 TESTS_CACHE_FOLDER="$$cache" \
	$(BIN)/python -m pytest $(SCHEDULE)

soak: $(STAMP)  ## simulate a hundred visits by ten visitors, check what they leave behind (SOAK=options)
	@tests/browser/install_chromium.sh $(BIN)/python
	$(BIN)/python -m tests.soak $(SOAK)

docs: $(STAMP)  ## regenerate docs/api.md from the docstrings
	$(BIN)/python docs/make_api.py

lint: $(STAMP)  ## check style, types, layers, scripts and that notebooks carry no outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -x $(BIN)/biome ]; then $(BIN)/biome check --error-on-warnings; \
	else echo "JavaScript and CSS are not checked: biome comes for Linux on x86-64 only"; fi
	find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(BIN)/nbstripout --verify {} +

format: $(STAMP)  ## format code and notebooks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(BIN)/nbstripout {} +

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
