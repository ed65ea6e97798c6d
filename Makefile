# setup · run · test · check · audit · format · simulate · faults · fuzz · bench · soak · constraints: each does what it
# needs first, on any machine with Python 3.11 or newer, make and git.
.DEFAULT_GOAL := help
.PHONY: help setup run test check audit format simulate faults fuzz bench soak constraints

BIN := .venv/bin

# The first Python that is new enough, has venv and can put pip into it. `make PYTHON=/path/to/python` overrules.
FIT := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$python -c '$(FIT)' 2>/dev/null && command -v $$python && break; done)

COMPILE := .venv/uv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make constraints" --quiet

help:           ## this list
	@sed -n 's/^\([a-z]*:\).*## /\1\t/p' Makefile

setup: .venv/linked    ## make .venv, with the command .venv/bin/sampler

run: setup      ## see it work: a backend that fails and a daemon that loses nothing
	$(BIN)/sampler demo

# ONLY leaves some out: "real", or "not real".
test: setup     ## every test, those with real processes, disks and systemd included; then a minute of new worlds
	$(BIN)/pytest $(if $(ONLY),-m "$(ONLY)")
	$(BIN)/python -m simulation --seconds 60

check: setup    ## format, lint, types, the fast tests with branch coverage, and the audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/coverage run -m pytest -m "not real"
	$(BIN)/coverage report --skip-covered
	@$(MAKE) --no-print-directory audit

audit: setup    ## whether a pinned version has a known vulnerability; tells if nobody can be asked
	$(BIN)/python -m tools.audit

format: setup   ## write the code as `make check` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Without SEED the first one is drawn, and told.
YEARS ?= 0.02
simulate: setup ## years of devices in a world that fails, from a seed. `make simulate SEED=1 YEARS=10`
	$(BIN)/python -m simulation --years $(YEARS) $(if $(SEED),--seed $(SEED))

# The long form of what is in tests/faults; what only asks questions there, or has none, is left to `make test`.
faults: setup   ## kill, cut, fill, step, suspend and upgrade the real thing for a quarter of an hour
	FAULT_LONG=1 $(BIN)/pytest tests/faults --durations=10 \
		--ignore-glob='*hostile*' --ignore-glob='*schemathesis*' --ignore-glob='*large_batch*' --ignore-glob='*systemd*'

SECONDS ?= 60
fuzz: setup     ## hostile input to all that parses, guided by coverage: so long each. `make fuzz SECONDS=3600`
	$(BIN)/python -m fuzzing --seconds $(SECONDS)

bench: setup    ## what a device pays: CPU, memory, lateness
	$(BIN)/python -m bench

HOURS ?= 2
SPEED ?= 60
soak: setup     ## hours of daemon and backend, at speed: nothing may grow. `make soak HOURS=24 SPEED=30`
	$(BIN)/python -m bench.soak --hours $(HOURS) --speed $(SPEED)

constraints:    ## choose the newest versions that pyproject.toml allows, with their hashes
	$(PYTHON) -m venv .venv/uv
	.venv/uv/bin/pip install --quiet uv
	$(COMPILE) --all-extras --upgrade pyproject.toml --output-file constraints.txt
	$(COMPILE) --constraints constraints.txt pyproject.toml --output-file deploy/requirements.txt
	$(COMPILE) --constraints constraints.txt pyproject.toml --extra backend --output-file deploy/requirements-backend.txt
	echo hatchling | $(COMPILE) --constraints constraints.txt - --output-file deploy/requirements-build.txt

# The environment is what constraints.txt says and nothing else; the package is linked into it.
.venv/made: constraints.txt
	@$(if $(PYTHON),,echo "sampler needs Python 3.11 or newer, with venv. On Debian: apt-get install python3-venv"; exit 1)
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	touch $@

.venv/linked: .venv/made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/pip check || { echo "pyproject.toml asks for more than constraints.txt has: make constraints"; exit 1; }
	touch $@
