# The workshop: `make demo` shows a living planet, `make run` starts yours, `make test` checks the work.

VENV ?= .venv
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

export PATH := $(abspath $(VENV))/bin:$(PATH)
export PYTHONUNBUFFERED = 1

# The settings read .env by themselves; honcho would read it in another way, and over the environment.
START = honcho --env /dev/null start
PORT_IN_ENV_FILE = $(shell sed -n 's/^PORT=["'\'']*\([0-9]\{1,\}\).*/\1/p' .env 2>/dev/null)

# With their extras: pip looks for the newest "coverage[toml]" where only "coverage" is pinned, and has no hash for it.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras \
	--custom-compile-command "make lock" pyproject.toml

# Where PYTHONDONTWRITEBYTECODE is set, as in many images, every start would compile all of it anew. It still does where
# the folder can't be written to.
COMPILE = $(VENV)/bin/python -m compileall -qq aggregator notifications config || true

.PHONY: help demo run test corpus checkers lint format bench lock
.DEFAULT_GOAL := help

help: ## say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 14

run demo: export WEB_PORT = $(PORT)
run: export PORT ?= $(or $(PORT_IN_ENV_FILE),8000)
demo: export PORT ?= 8000
demo: export DATA_DIR := $(or $(DEMO_DATA_DIR),var/demo)
demo: export ENV_FILE :=
demo: export SITE_NAME := Python people
demo: export CONTACT := curators@planet.example
demo: export WEBSITE_URL = http://localhost:$(PORT)
demo: export FETCH_ALLOWED_NETWORKS := 127.0.0.0/8
demo: export FETCH_HOST_SPACING_SECONDS := 0.1
demo: export POLL_INTERVAL_MIN_SECONDS := 30
demo: export POLL_INTERVAL_MAX_SECONDS := 60
demo: $(VENV)/.installed ## show a living planet: bundled blogs, a new post a minute
	@unset DATABASE_URL HUEY_URL CACHE_URL ALLOWED_HOSTS ADMIN_URL; \
	python manage.py setup_site && exec $(START) web worker feeds

run: $(VENV)/.installed ## run your own site; settings come from the environment or .env
	@python manage.py setup_site && exec $(START) web worker

# A part (ARGS) runs in one process: for a few tests, starting others takes longer than they do.
# Where no bytecode is kept, pytest would rewrite all tests anew in each of its processes, which takes them ten seconds.
test: $(VENV)/.installed-dev ## run all tests; a part with ARGS="tests/ingest -k dates"; what none reaches with COVERAGE=1
	@unset PYTHONDONTWRITEBYTECODE; set -x; $(if $(ARGS),python -m pytest $(ARGS),$(TEST_ALL))

# What can't bear company runs after the rest. MARKS choose some of all, of some FILES if only those have them; exit code 5
# of pytest says that none was among them. To show what no test reaches (COVERAGE) makes all of it half as slow again, or
# a quarter where Python itself tells of lines (COVERAGE=lines; from 3.12 on, PEP 669), as it doesn't yet of branches.
TEST_ALL = python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),$(COVER) --cov-report=) -m "$(WITH_MARKS)not alone" $(FILES) && { \
	python -m pytest $(if $(COVERAGE),$(COVER) --cov-append --cov-report=term) -m "$(WITH_MARKS)alone" $(ALONE) || test $$? = 5; }
COVER = --cov $(if $(filter lines,$(COVERAGE)),,--cov-branch)
ifeq ($(COVERAGE),lines)
test: export COVERAGE_CORE := sysmon
endif
# Only these files, as to read all of them takes as long as those tests.
ALONE = $(shell grep -rlF mark.alone tests --include='test_*.py')
WITH_MARKS = $(if $(MARKS),($(MARKS)) and )

corpus: $(VENV)/.installed-dev ## fetch the feeds that feedparser is tested with; `make test` polls them then
	@sed -n '/^feedparser==/,/[^\]$$/p' requirements.txt | pip download --quiet --disable-pip-version-check \
		--require-hashes --no-deps --no-binary feedparser --dest var/corpus --requirement /dev/stdin

# The lock says what each package must be, by its hash, and not where it is to be found. No script of theirs runs.
checkers: ## fetch what checks all kinds of pages (needs npm); `make test` uses it then
	@mkdir -p var/checkers && cp tests/every_page/package.json tests/every_page/package-lock.json var/checkers/
	@npm ci --prefix var/checkers --ignore-scripts --no-audit --no-fund --silent

lint: $(VENV)/.installed-dev ## check style, types, templates and migrations
	ruff check .
	ruff format --check .
	mypy
	djlint --quiet --lint templates
	DATA_DIR=$$(mktemp -d) python manage.py makemigrations --check --dry-run

format: $(VENV)/.installed-dev ## put the code into the house's form
	ruff check --fix .
	ruff format .

bench: $(VENV)/.installed-dev ## measure; the figures are ratios within one run
	python -m tests.benchmarks.front_page
	python -m tests.benchmarks.served
	python -m tests.benchmarks.poll
	python -m tests.benchmarks.schedule
	python -m tests.benchmarks.growth
	python -m tests.benchmarks.search --entries 50000
	python -m tests.benchmarks.push
	@if command -v newsboat >/dev/null || [ -n "$$READER_PYTHON$$PLANET_PYTHON" ]; then python -m tests.benchmarks.peers; fi

lock: $(VENV)/.installed-dev ## choose the newest versions that fit, and pin them
	$(LOCK) --upgrade -o requirements.txt
	$(LOCK) --upgrade --extra dev -o requirements-dev.txt

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Orrery needs Python 3.11 or later with the venv module, and found none: install it (Debian: apt install python3 python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/pip
	@echo "Installing what Orrery needs (once; about a minute) ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/pip
	@echo "Installing what the tests need (once; about a minute) ..."
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(COMPILE)
	@touch $@ $(VENV)/.installed
