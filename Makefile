# Each target works from a fresh clone with nothing but Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
KERNEL := $(wildcard skrnn/_recurrent/_compiled/kernel/*) skrnn/_recurrent/_compiled/build.py hatch_build.py
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal -q

.PHONY: demo test test-cpus test-memory lint docs docstrings map pretrain test-oldest test-wheel clean

demo: $(VENV)/.demo ## the first tutorial: its table and its picture
	$(BIN)/python examples/plot_airline_passengers.py

test: $(VENV)/.test ## tests and docstring examples
	OMP_NUM_THREADS=1 $(PYTEST)

# As on x86 processors of several generations: the kernels of OpenBLAS, the instructions that
# skrnn, torch, MKL and oneDNN use, one and two threads.
OLD_CPU := SKRNN_ISA=baseline ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41

test-cpus: $(VENV)/.test ## the tests as other processors compute, about four times as long
	OPENBLAS_CORETYPE=Haswell SKRNN_ISA=avx2 OMP_NUM_THREADS=2 $(PYTEST)
	OPENBLAS_CORETYPE=Sandybridge OMP_NUM_THREADS=1 $(PYTEST)
	OPENBLAS_CORETYPE=Nehalem OMP_NUM_THREADS=1 $(OLD_CPU) $(PYTEST)
	OPENBLAS_CORETYPE=Prescott OMP_NUM_THREADS=2 $(OLD_CPU) $(PYTEST)

test-memory: $(VENV)/.test ## the compiled library, each access to memory checked; needs g++
	$(BIN)/python tests/check_memory.py

lint: $(VENV)/.lint ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.docs ## the manual, in docs/_build/html
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "The manual is in docs/_build/html/index.html"

docstrings: $(VENV)/.lint ## the docstrings of the regressors, from tools/
	$(BIN)/python tools/write_regressors.py

map: $(VENV)/.python ## the map of the files in CONTRIBUTING.md
	$(BIN)/python tools/write_map.py

pretrain: $(VENV)/.test ## the weights of the pretrained network; run it again until they are written
	$(BIN)/python tools/pretrain.py --minutes 90

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

$(VENV)/.demo: $(VENV)/.python pyproject.toml constraints.txt $(KERNEL)
	$(PIP_INSTALL) -e ".[plot]"
	touch $@

$(VENV)/.test: $(VENV)/.python pyproject.toml constraints.txt $(KERNEL)
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
