# The loop of an engineer: `make serve`, `make test`, `make check`. `make help` lists all.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8080
ARGS ?=
MINUTES ?= 30
VENV := .venv
BIN := $(VENV)/bin
FUSEKI := $(VENV)/peers/jena-fuseki-server-5.6.0.jar
EDITOR_FILES := service/site/static/vendor/yasgui

.DEFAULT_GOAL := help
.PHONY: help serve test test-ontology check format build lint conformance robot bench bench-natural bench-growth soak lock editor clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

serve: $(VENV)/installed ## build the release if needed and serve it (HOST=, PORT=)
	@$(BIN)/cdmo serve --host $(HOST) --port $(PORT)

test: $(VENV)/installed-test ## run the tests: all, or those that pytest's ARGS='-k name -x' choose
	@$(BIN)/python -m pytest $(ARGS)

test-ontology: $(VENV)/installed-test ## run the tests of the ontology and the mapping sets (ARGS=)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m 'not slow' tests/ontology tests/mappings $(ARGS)

check: $(VENV)/installed ## check the ontology and mappings
	@$(BIN)/cdmo check

format: $(VENV)/installed ## write the ontology's Turtle in the house's order
	@$(BIN)/cdmo format

build: $(VENV)/installed ## build the release into dist/
	@$(BIN)/cdmo build

lint: $(VENV)/installed-dev ## ruff and mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

conformance: $(VENV)/installed-test ## the W3C SPARQL 1.1 tests (RDF_TESTS=folder of w3c/rdf-tests; ENGINE=fuseki, oxigraph, virtuoso)
	@test -n "$(RDF_TESTS)" || { echo "make: name the folder: make conformance RDF_TESTS=../rdf-tests" >&2; exit 2; }
	@ENGINE=$(ENGINE) RDF_TESTS="$(abspath $(RDF_TESTS))" $(BIN)/python -m pytest tests/conformance

bench: $(VENV)/installed $(VENV)/peers/installed ## measure against peers, into dist/bench/ (ARGS='--before FOLDER'; ARGS=--check: `cdmo check` alone)
	@$(BIN)/python tests/benchmarks/bench.py --peers $(VENV)/peers/bin $(ARGS)
	@$(if $(ARGS),true,$(MAKE) --no-print-directory bench-natural)

bench-natural: $(VENV)/installed | $(FUSEKI) ## time natural queries beside Fuseki (needs Java; Maven for Fuseki), into dist/bench/
	@$(BIN)/cdmo build
	@$(BIN)/python tests/benchmarks/natural.py --fuseki $(FUSEKI) $(ARGS)

bench-growth: $(VENV)/installed $(VENV)/peers/installed | $(FUSEKI) ## measure from 10,000 to 5 million triples (ARGS='--sizes 10000 1000000')
	@$(BIN)/python tests/benchmarks/growth.py --peers $(VENV)/peers/bin --fuseki $(FUSEKI) $(ARGS)

lock: $(VENV)/installed ## write the versions that are installed here into deploy/constraints.txt
	@{ echo "# Versions that go together; made by: make lock"; $(BIN)/python -m pip --disable-pip-version-check freeze --exclude cdmo; } > deploy/constraints.txt

soak: $(VENV)/installed-test ## hold the service under mixed load and look whether anything grows (MINUTES=30)
	@SOAK_SECONDS=$$(( $(MINUTES) * 60 )) $(BIN)/python -m pytest -q tests/system/test_soak.py $(ARGS)

robot: $(VENV)/installed-test ## hold the released ontology against ROBOT (needs Maven)
	@.ci/robot

editor: | $(VENV)/bin/python ## fetch the query editor again
	@rm -f $(EDITOR_FILES)/installed $(VENV)/installed
	@$(MAKE) --no-print-directory $(VENV)/installed

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) dist build $(EDITOR_FILES)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Making the environment in $(VENV) (once; a minute or two) …"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "make: Python's venv module is missing; on Debian: apt install python3-venv" >&2; rm -rf $(VENV); exit 2; }

# One stamp for each set of packages: a change of pyproject.toml or of the query editor installs again.
# A set has those before it in it: a new machine installs once.
INSTALLED_FROM := pyproject.toml hatch_build.py service/site/assets/package-lock.json
define install
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.$(1)'
@test -e $(EDITOR_FILES)/yasgui.min.js || \
  echo "make: warning: no query editor, for npm could not be reached; /query shows its plain form (make editor tries again)" >&2
@touch $(2) $@
endef

$(VENV)/installed: $(INSTALLED_FROM) | $(VENV)/bin/python
	$(call install)

$(VENV)/installed-test: $(INSTALLED_FROM) | $(VENV)/bin/python
	$(call install,[test],$(VENV)/installed)

$(VENV)/installed-dev: $(INSTALLED_FROM) | $(VENV)/bin/python
	$(call install,[dev],$(VENV)/installed $(VENV)/installed-test)

# The peers of `make bench`, apart from our own packages.
$(VENV)/peers/installed: | $(VENV)/bin/python
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check oxigraph 'rdflib-endpoint[cli]'
	@touch $@

$(FUSEKI): | $(VENV)/bin/python
	@mvn --quiet dependency:copy -Dartifact=org.apache.jena:jena-fuseki-server:5.6.0 -DoutputDirectory=$(VENV)/peers || \
	  echo "make: no Fuseki, for Maven could not fetch it; it is left out" >&2
