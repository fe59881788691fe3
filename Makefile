# python3, python3-venv and make are all it needs; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
export OMP_NUM_THREADS := 1
# The demo's artefacts; remove it whenever you like.
OUT ?= out
JSON ?=
SEED ?= 7
SCENARIO ?= phishing-ransomware
LANGUAGE ?= en

.PHONY: setup demo test test-all test-safety fuzz check fmt bench docs lock clean

setup: .venv/installed-dev

.venv/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "watchkeeper needs Python 3.11 to 3.13, this is " + sys.version)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/installed: .venv/bin/uv requirements.lock pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	touch $@

demo: .venv/installed ## the whole loop on the built-in range
	@rm -rf $(OUT)/demo
	@$(BIN)/watchkeeper range generate --scenario $(SCENARIO) --seed $(SEED) --out $(OUT)/demo/range
	@$(BIN)/watchkeeper investigate $(OUT)/demo/range/evidence --assets $(OUT)/demo/range/assets.yml --state $(OUT)/demo/state \
		--out $(OUT)/demo/case --lang $(LANGUAGE)

test: .venv/installed-dev ## the fast tier, under five minutes on two cores
	$(BIN)/pytest -n 2 --dist loadfile

test-all: .venv/installed-dev ## what `test` leaves out: browsers, whole data sets, long properties
	$(BIN)/pytest -m slow -n 2 --dist loadfile

test-safety: .venv/installed-dev ## an adversary in the planner's place, 100,000 times; WATCHKEEPER_SAFETY_RUNS=1000 for fewer
	$(BIN)/python -m tests.brain.ethics.safety

fuzz: .venv/installed-dev ## a minute of new inputs for every reader and listener; WATCHKEEPER_FUZZ_SECONDS=600 for longer
	WATCHKEEPER_FUZZ_SECONDS=$${WATCHKEEPER_FUZZ_SECONDS:-60} WATCHKEEPER_FUZZ_SEED=0 $(BIN)/pytest -m slow -s -p no:randomly tests/ingest/test_fuzz.py tests/ingest/listeners/test_fuzz.py

check: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry src

fmt: .venv/installed-dev
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

bench: bench-truth bench-graph bench-regression bench-detection bench-incidents bench-tracing bench-techniques bench-quiet bench-range bench-exercise bench-noise bench-triage bench-hunts bench-alerts bench-attribution bench-memory bench-sigma bench-logsources bench-sources bench-start bench-exposure bench-suggest bench-claims bench-text bench-lanes bench-listeners bench-live bench-rulings bench-flows bench-faults bench-blocking

bench-%: .venv/installed-dev ## one exam; JSON=out.json writes every figure for machines
	$(BIN)/python bench/$*.py $(if $(JSON),--json $(JSON))

bench-sigma: .venv/installed-dev ## the Sigma engines: events a second, memory, start, latency; not called sigma.py, which would hide pySigma
	$(BIN)/python bench/sigma_speed.py $(if $(JSON),--json $(JSON))

bench-platform: .venv/installed-dev ## the platform under load, five minutes; not called platform.py, which would hide Python's own
	$(BIN)/python bench/platform_speed.py $(if $(JSON),--json $(JSON))

docs: .venv/installed-dev ## regenerate what is generated in docs/
	$(BIN)/python -m watchkeeper.model.schema > docs/schema.json
	$(BIN)/python -m watchkeeper.api.description > docs/openapi.json

lock: .venv/bin/uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(OUT)
