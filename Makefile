# The few commands of egpay. They need python3 (3.11 or newer), make and the package index; everything else is theirs.
MEMBERS := libs/egpay-core libs/egpay-cli libs/egpay-sandbox services/checkout-api services/billing-worker storefront deploy/local
BIN := .venv/bin
READY := .venv/.ready
PYTEST := $(BIN)/python -m pytest -p no:faker
CORES ?= 2
# One process more than cores, because half of the tests wait for what others do.
SPREAD := -n $$(( $(CORES) + 1 )) --dist loadgroup --no-loadscope-reorder
MINUTES ?= 10
REQUESTS ?= 1000000
BUYERS ?= 70
OUTAGE ?= 60
SEED ?= 20261123

# Without compiled files every process reads all sources anew, which takes longer than many a test.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up demo test test-browser test-faults test-fuzz test-contracts lint-web screens test-drills test-docker torture bench check check-style check-types check-layers check-tests format lock clean
ifneq ($(CURDIR),$(shell cat $(READY) 2>/dev/null))
.PHONY: $(READY)
endif

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

up: $(READY) ## PostgreSQL, NATS, the Stripe sandbox and both services, until Ctrl-C
	@exec $(BIN)/python -m egpay_local up

demo: $(READY) ## one complete purchase, printed as a timeline
	@exec $(BIN)/python -m egpay_local demo

test: $(READY) ## the whole test suite, on real PostgreSQL and NATS, and in a browser where one is
	@sh tests/browser/prepare.sh
	@$(PYTEST) $(SPREAD)

test-browser: $(READY) ## all that the store's pages do, in a Chromium (EGPAY_CHROMIUM, chromium or google-chrome)
	@sh tests/browser/prepare.sh required
	@$(PYTEST) tests/browser tests/browser/thorough

screens: $(READY) ## pictures of every page and letter in build/screens/, from real purchases, to be looked at
	@sh tests/browser/prepare.sh required
	@$(PYTEST) tests/browser/screens.py

test-docker: $(READY) ## the same over containers, then purchases through docker compose (needs an engine)
	@$(PYTEST) --backing=containers -m integration libs services tests/e2e
	@$(PYTEST) tests/docker

test-faults: $(READY) ## renewal day, BUYERS=70 on a shared Stripe account, and everything killed for a quarter of a minute
	@$(PYTEST) tests/load tests/torture --account-buyers=$(BUYERS)

test-fuzz: $(READY) ## REQUESTS=1000000 hostile HTTP requests of one SEED: no 500, no row, no secret in a log
	@$(PYTEST) tests/fuzz/test_hostile_requests.py --fuzz-requests=$(REQUESTS) --fuzz-seed=$(SEED)

test-contracts: $(READY) ## a purchase by a client that was generated from the description of the API (needs npm)
	@$(PYTEST) tests/contracts

lint-web: $(READY) ## the descriptions of API and messages, and the storefront's scripts, by linters from npm
	@sh tests/contracts/lint_web.sh

test-drills: $(READY) ## what goes wrong with customers, found and mended by egpay's commands alone (OUTAGE=60 seconds each)
	@$(PYTEST) tests/drills --drill-outage=$(OUTAGE)

torture: $(READY) ## kill -9 everything at random, for MINUTES=10, and compare the books with the world's own
	@$(PYTEST) tests/torture --torture-minutes=$(MINUTES) --torture-seed=$(SEED)

check: $(READY) ## format, lint, types, import contracts, architecture rules, fast tests
	@$(MAKE) --no-print-directory -k -j3 $(if $(filter output-sync,$(.FEATURES)),-Otarget) \
		check-types check-tests check-layers check-style

check-types: $(READY)
	@sh deploy/local/typecheck.sh $(MEMBERS)

check-tests: $(READY)
	@$(PYTEST) -n $(CORES) --dist loadgroup --no-loadscope-reorder -m "not integration"

check-layers: $(READY)
	@$(BIN)/lint-imports --no-logo --config .importlinter

check-style: $(READY)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "ruff: clean"

format: $(READY) ## format every Python file and fix what ruff can fix
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(READY) ## how fast, beside prototypes (QUICK=1 shorter, PEERS=1 beside other products, FILL=1 with 10 million events)
	@$(BIN)/python -m bench

lock: $(READY) ## new pins for every dependency, in requirements.lock
	@$(BIN)/uv lock --upgrade --quiet
	@$(BIN)/uv export --quiet --frozen --all-packages --all-groups --no-emit-workspace --no-header --no-annotate \
		-o requirements.lock >/dev/null
	@for image in checkout-api billing-worker egpay-cli egpay-sandbox; do $(BIN)/uv export --quiet --frozen \
		--package $$image --no-dev --no-emit-workspace --no-header --no-annotate --no-emit-package faker \
		-o deploy/locks/$$image.txt >/dev/null || exit 1; done
	@if grep -n '://' requirements.lock deploy/locks/*; then echo "a lock must not name a host" >&2; exit 1; fi

clean: ## remove .venv, the local data and every cache
	@sh deploy/local/clean.sh

$(READY): requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml) deploy/local/bootstrap.sh
	@sh deploy/local/bootstrap.sh $(MEMBERS)
