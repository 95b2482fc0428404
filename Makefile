# Two commands are enough: `make run` sets up and serves, `make test` sets up and runs the whole suite.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
PAGE   := src/pizarra/static/index.html
WEB    := $(shell find web -name node_modules -prune -o -name codegen -prune -o -type f -not -name '*.test.ts' -print)

.PHONY: run test quick prove check format types tables generators page bench bench-quick clean help

run: $(VENV)/.ready $(PAGE) ## set up and serve on http://127.0.0.1:8000
	@$(PYTHON) tools/provision.py run
	@$(BIN)/pizarra toolchains || true
	@$(BIN)/pizarra serve

test: $(VENV)/.ready $(PAGE) ## set up and run the whole suite
	@$(PYTHON) tools/provision.py test
	@$(BIN)/pizarra toolchains || true
	@$(BIN)/python tools/check.py
	@$(BIN)/python tools/suite.py

quick: $(VENV)/.ready $(PAGE) ## what needs no server: lint, types, the unit tests; two minutes
	@$(BIN)/python tools/check.py
	@$(BIN)/python tools/suite.py tests/unit

prove: $(VENV)/.ready ## prove every question that comes along, in every language that it has
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && export PIZARRA_DATA_DIR="$$data" && \
	  $(BIN)/pizarra questions import --starter > /dev/null && $(BIN)/pizarra questions prove

check: $(VENV)/.ready $(PAGE) ## lint, types, format, import walls
	@$(BIN)/python tools/check.py

format: $(VENV)/.ready $(PAGE) ## let the formatters have their way
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q . ; cd web && npm exec -- prettier --log-level warn --write .

types: $(VENV)/.ready ## write the page's types, docs/settings.md and docs/errors.md from the code
	@$(BIN)/python tools/generate_types.py
	@$(BIN)/python tools/generate_settings.py
	@$(BIN)/python tools/generate_errors.py

tables: $(VENV)/.ready ## write README's tables from benchmarks/results
	@$(BIN)/python tools/generate_tables.py

bench: $(VENV)/.ready $(PAGE) ## measure against rivals; takes some minutes
	@$(BIN)/python benchmarks/rest/bench.py
	@$(BIN)/python benchmarks/realtime/bench.py
	@$(BIN)/python benchmarks/execution/bench.py
	@PYTHONPATH=. $(BIN)/python benchmarks/timeline/bench.py
	@PYTHONPATH=. $(BIN)/python benchmarks/timeline/play.py
	@PYTHONPATH=. $(BIN)/python benchmarks/page/bench.py
	@PYTHONPATH=. $(BIN)/python benchmarks/memory/soak.py

bench-quick: $(VENV)/.ready $(PAGE) ## what a change of a hot path costs, beside the revision before it: three minutes
	@$(BIN)/python benchmarks/quick.py

generators: $(VENV)/.ready $(PAGE) ## have stock generators make clients of the API, try them, note with what
	@$(PYTHON) tools/provision.py generators
	@$(BIN)/python tools/generators.py

page: $(PAGE) ## build the page

clean: ## remove what was built and installed
	rm -rf $(VENV) web/node_modules tests/identity/node_modules web/codegen/node_modules src/pizarra/static benchmarks/rest/node_modules benchmarks/realtime/rivals/node_modules

help: ## show this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /	/'

$(PAGE): $(VENV)/.ready hatch_build.py src/pizarra/spanish/said.es.json $(WEB)
	@echo "building the page"
	@$(BIN)/python hatch_build.py

$(VENV)/.ready: requirements.lock pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pizarra needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(PYTHON) tools/provision.py venv
	@echo "installing the Python packages"
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(UV) pip install -q --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/python hatch_build.py --node-if-missing | xargs -r env $(UV) pip install -q
	@$(UV) pip install -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src # a start takes 2 s with it, 8 without
	@touch $@
