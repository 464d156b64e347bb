# Two commands do everything on a fresh Linux or macOS with Python 3.11 or newer: `make app` and `make test`.
# Settings, each as `make app NAME=value`:
#   PYTHON  the interpreter to build the environment with (default: found by tools/find_python.sh)
#   VENV    where the environment goes (default .venv)
#   PORT    where the app listens on 127.0.0.1 (default 8501)
#   JOBS    how many test processes (default 2)
# pip reads its own variables, so PIP_EXTRA_INDEX_URL asks for another build of torch (see the README).

VENV ?= .venv
PORT ?= 8501
JOBS ?= 2
BIN := $(VENV)/bin
KERNEL_SOURCES := $(shell find mtlcore toy_problems -name '*.py')

.PHONY: help app test lint bench bench-load kernels wasm docs site frontend packages clean

help:
	@echo 'make app     set everything up and open the playground on 127.0.0.1:$(PORT)'
	@echo 'make test    set everything up and run every test'
	@echo 'make lint    ruff, mypy and tsc'
	@echo 'make bench   speed beside what people use today, printed as ratios'
	@echo 'make bench-load  a hall of visitors on one server: latency, processor time, memory'
	@echo 'make wasm    compile the kernels for the page, to app/engine'
	@echo 'make docs    write the tables of the README from the registry'
	@echo 'make site    build the documentation into site/'
	@echo 'make frontend  bundle the front end, whose bundle is committed'
	@echo 'make packages  install what bundles and checks the front end, into node_modules'
	@echo 'make clean   remove the environment and every cache in this folder'

app: $(VENV)/kernels.stamp
	$(BIN)/python -m app --port $(PORT)

# The suite is split over processes by file group: everything that drives the browser stays in one of them.
test: $(VENV)/dev.stamp $(VENV)/kernels.stamp
	-$(MAKE) packages  # where they cannot be had, the tests that need them fail and say so, and the others run
	$(BIN)/python tools/find_browser.py --install
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) packages
	$(BIN)/python -m tools.frontend types

# Every file of benchmarks/ that can be run on its own, one after the other.
bench: $(VENV)/bench.stamp $(VENV)/kernels.stamp
	$(BIN)/python tools/find_browser.py --install
	@for file in $$(grep -l '^if __name__' benchmarks/*.py); do \
	    name=$$(basename "$$file" .py) && echo "== $$name" && $(BIN)/python -m "benchmarks.$$name" || exit 1; \
	done

bench-load: $(VENV)/dev.stamp $(VENV)/kernels.stamp
	$(BIN)/python -m benchmarks.load

wasm: $(VENV)/wasm.stamp
	$(BIN)/python tools/build_wasm.py

docs: $(VENV)/kernels.stamp
	$(BIN)/python tools/make_readme_tables.py

# The variable silences an announcement of the theme's successor, which is no warning about this site.
site: $(VENV)/site.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

kernels: $(VENV)/kernels.stamp

frontend: packages
	$(BIN)/python -m tools.make_palettes
	$(BIN)/python -m tools.frontend bundle

packages: node_modules/.package-lock.json

node_modules/.package-lock.json: package.json package-lock.json $(VENV)/dev.stamp
	$(BIN)/python -m tools.frontend install
	@touch $@

clean:
	rm -rf $(VENV) node_modules site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp says that its step is done for the files it names; nothing is done twice.
$(BIN)/python:
	@python=$$(PYTHON='$(PYTHON)' sh tools/find_python.sh) && \
	echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/app.stamp: requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-docs.txt requirements-ray.txt $(VENV)/app.stamp
	$(BIN)/python -m pip install -r requirements-dev.txt
	@touch $@

$(VENV)/site.stamp: requirements-docs.txt $(VENV)/app.stamp
	$(BIN)/python -m pip install -r requirements-docs.txt
	@touch $@

$(VENV)/wasm.stamp: requirements-wasm.txt $(VENV)/app.stamp
	$(BIN)/python -m pip install -r requirements-wasm.txt
	@touch $@

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/dev.stamp
	$(BIN)/python -m pip install -r requirements-bench.txt
	@touch $@

$(VENV)/kernels.stamp: $(KERNEL_SOURCES) $(VENV)/app.stamp
	$(BIN)/python -m toy_problems.kernels
	@touch $@
