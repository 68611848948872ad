# Each target works from a fresh clone with nothing but Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint docs docstrings map test-oldest test-wheel clean

demo: $(VENV)/.demo ## the first tutorial: its table and its picture
	$(BIN)/python examples/plot_airline_passengers.py

test: $(VENV)/.test ## tests and docstring examples
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal -q

lint: $(VENV)/.lint ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs ## the manual, in docs/_build/html
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "The manual is in docs/_build/html/index.html"

docstrings: $(VENV)/.lint ## signatures and docstrings of the regressors, from tools/
	$(BIN)/python tools/write_regressors.py

map: $(VENV)/.python ## the map of the files in CONTRIBUTING.md
	$(BIN)/python tools/write_map.py

test-oldest: ## the tests with the oldest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints-oldest.txt -e ".[plot,test]"
	OMP_NUM_THREADS=1 .venv-oldest/bin/python -m pytest -n auto --dist worksteal -q

test-wheel: $(VENV)/.test ## a wheel, installed and used away from the checkout
	$(BIN)/python tests/check_wheel.py

# pip's editable install writes no file of a fixed name: stamps say what is in .venv.
$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP_INSTALL) -e ".[plot]"
	touch $@

$(VENV)/.test: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP_INSTALL) -e ".[plot,test]"
	touch $@

$(VENV)/.lint: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP_INSTALL) -e ".[lint]"
	touch $@

$(VENV)/.docs: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP_INSTALL) -e ".[docs]"
	touch $@

clean:
	rm -rf $(VENV) .venv-oldest build dist docs/_build docs/api/generated docs/auto_examples
