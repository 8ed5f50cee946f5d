# Two commands do all the set-up: `make demo` runs the shop, `make test` proves it.
UV := .tools/bin/uv
BIN := .venv/bin
PYTHON ?= python3
export UV_NO_PROGRESS := 1

.PHONY: help demo test test-fast test-e2e check format bench bench-match bench-match-nation bench-rebuild bench-core bench-registry bench-lake bench-anomalies bench-sms bench-banks bench-shell bench-tablet bench-lighthouse types audit sbom release-lock proof proof-release proof-mutants system clean
help:
	@echo 'make demo    install, make a sample shop, serve the till on http://127.0.0.1:8000'
	@echo 'make test    every test: units, store on SQLite and PostgreSQL, the till in Chromium'
	@echo 'make check   lint, format, types of Python and of the till, import contracts, dependencies, dead code'
	@echo 'make audit   bandit and our semgrep rules, in an environment of their own'
	@echo 'make sbom, release-lock   what a release is made of; its requirements with hashes'
	@echo 'make bench   pytest-benchmark figures, each beside its baseline'
	@echo 'make bench-match, bench-match-nation, bench-rebuild   faces: chain, search, restart'
	@echo 'make bench-core  purchases in flight, a disbursement of a million'
	@echo 'make proof   the long proofs (kill -9 storms, races, fuzzing)'
	@echo 'make proof-release, proof-mutants   the proof of a release (PROOF.md); planted faults alone'

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/pip install -q --disable-pip-version-check 'uv>=0.13,<0.14'

# --reinstall-package is not needed: the project is installed editable, so sources are always current.
.venv/.ready: pyproject.toml | $(UV)
	$(UV) sync -q --all-extras
	@touch $@

demo: .venv/.ready
	$(BIN)/ewarong demo $(DEMO_ARGS)

test: check test-fast test-e2e

# Rules, words and catalogue decide about food: their own tests run every branch of them.
COVERED := --cov=pos_engine.rules --cov=pos_engine.wire --cov=catalog --cov-branch --cov-report= --cov-fail-under=100
PURE := tests/rules tests/wire tests/catalog

# Tests run in a shuffled order, the same one each time: `make test-fast SEED=2` is another.
SEED ?= 1
test-fast: .venv/.ready system
	$(BIN)/pytest -q -n auto --maxprocesses=4 --randomly-seed=$(SEED) -m 'not proof' $(PURE) $(COVERED)
	$(BIN)/pytest -q -n auto --maxprocesses=4 --randomly-seed=$(SEED) -m 'not e2e and not proof' $(PURE:%=--ignore=%)

# Chromium and strace are Debian's: root (and CI) installs them, others are told the one line.
test-e2e: .venv/.ready system
	$(BIN)/pytest -q -m 'e2e and not proof' -p no:randomly -n 2 --dist loadfile tests/e2e

system:
	@sh .ci/system

check: .venv/.ready types
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports
	$(BIN)/deptry . >/dev/null 2>&1 || $(BIN)/deptry .
	$(BIN)/vulture

# Searches with tools of an environment of their own: semgrep pins an older opentelemetry than FastAPI takes, bandit
# takes half a minute and finds what ruff's S rules do not know yet. Each rule of ours first catches what is planted.
AUDIT := .tools/audit
AUDIT_TOOLS := 'bandit>=1.9,<2' 'semgrep>=1.182,<2' 'cyclonedx-bom>=7,<8'
PACKAGES := pos_engine warung_client biometrics catalog
SEMGREP := $(AUDIT)/bin/semgrep scan --metrics off --disable-version-check --config .semgrep/rules

$(AUDIT)/.ready: Makefile | $(UV)
	$(PYTHON) -m venv $(AUDIT)
	$(UV) pip install -q --python $(AUDIT)/bin/python $(AUDIT_TOOLS)
	@touch $@

# S608 of ruff looks at composed SQL line by line, and tests/gates/test_sql.py; bandit's B608 would say it again.
audit: $(AUDIT)/.ready
	$(AUDIT)/bin/bandit -q -r $(PACKAGES) -ll -s B608
	PATH=$(AUDIT)/bin:$$PATH $(SEMGREP) --test .semgrep/planted
	PATH=$(AUDIT)/bin:$$PATH $(SEMGREP) --error --quiet --include='*.py' $(PACKAGES)

# What a release is made of, with hashes: to be kept beside it. Neither file is committed: a lock ages, and some name hosts.
sbom: .venv/.ready $(AUDIT)/.ready
	$(AUDIT)/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file sbom.json $(BIN)/python
	@echo "sbom.json: $$($(BIN)/python -c 'import json; print(len(json.load(open("sbom.json"))["components"]))') components"

release-lock: $(UV)
	$(UV) export -q --extra faces --no-default-groups --no-emit-project --no-header -o requirements.release.txt
	@echo 'Install it with: pip install --require-hashes --no-deps -r requirements.release.txt, then the wheel with --no-deps'

# The till's scripts are checked by TypeScript as they are; nobody who runs the till needs it.
TYPESCRIPT := 7.0.2
LIGHTHOUSE := 12.8.2
NODE_TOOLS := .tools/node
NPM_INSTALL := npm install --no-save --no-package-lock --no-audit --no-fund --loglevel error

$(NODE_TOOLS)/.typescript-$(TYPESCRIPT): | $(UV) system
	$(NPM_INSTALL) --prefix $(NODE_TOOLS) typescript@$(TYPESCRIPT)
	@touch $@

types: $(NODE_TOOLS)/.typescript-$(TYPESCRIPT)
	$(NODE_TOOLS)/node_modules/.bin/tsc --noEmit --project warung_client/jsconfig.json
	$(NODE_TOOLS)/node_modules/.bin/tsc --noEmit --project warung_client/jsconfig.worker.json

format: .venv/.ready
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

bench: .venv/.ready
	$(BIN)/pytest -q -s benchmarks/bench_*.py --benchmark-only -p no:randomly -o addopts='--import-mode=importlib'

# One thread: figures are for one core. Sizes from a province to the nation take minutes and memory.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
bench-match: .venv/.ready
	$(ONE_THREAD) $(BIN)/pytest -q -s benchmarks/bench_face.py benchmarks/bench_match.py --benchmark-only -p no:randomly -o addopts='--import-mode=importlib'
	$(ONE_THREAD) $(BIN)/python -m benchmarks.synthetic_open_set
	$(BIN)/python -m benchmarks.identify_http

bench-match-nation: .venv/.ready
	$(ONE_THREAD) $(BIN)/pytest -q -s benchmarks/match_nation.py --benchmark-only -p no:randomly -o addopts='--import-mode=importlib'

# The index from its database and from its snapshot. 28 million need 40 GB of disk and an hour.
TEMPLATES ?= 1000000
bench-rebuild: .venv/.ready
	folder=$$(mktemp -d) && $(ONE_THREAD) $(BIN)/python -m benchmarks.rebuild_index --templates $(TEMPLATES) --folder $$folder; rm -rf $$folder

# Purchases in flight beside pgbench TPC-B and beside one transaction each; a disbursement of a million.
RATE ?= 1000
MINUTES ?= 2
bench-core: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_core.py --rounds 3 --in-flight 64
	PYTHONPATH=. $(BIN)/python benchmarks/bench_http.py
	PYTHONPATH=. $(BIN)/python benchmarks/bench_http.py --rate $(RATE) --minutes $(MINUTES) --kinds postgres
	PYTHONPATH=. $(BIN)/python benchmarks/bench_disburse.py --kind postgresql

# Import of the registry and the difference of two lists, beside a yardstick of the machine.
bench-registry: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_registry.py

# The event lake: lines written a second, questions to a synthetic month (LINES=80000000 is the nation's).
bench-lake: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_lake.py --lines $(or $(LINES),2000000)

# What looks wrong: planted and honest shops of three made-up months, seconds a rule (SHOPS=6000).
bench-anomalies: .venv/.ready
	PYTHONPATH=.:benchmarks $(BIN)/python benchmarks/bench_anomalies.py --shops $(or $(SHOPS),3000)

# Texts through SMPP under a million receipts, the delay of codes, a thousand dialogues.
bench-sms: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_sms.py

# ISO 8583 beside pyiso8583; what a bank purchase costs more, and a hanging bank the others.
bench-banks: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_iso8583.py

# The till on a slow tablet and a slow line; Lighthouse beside it, where npm brings it.
# Then from a link to the first training sale on a telephone: machine time, taps.
bench-shell: .venv/.ready
	PYTHONPATH=. $(BIN)/python benchmarks/bench_shell.py
	PYTHONPATH=. $(BIN)/python -m benchmarks.first_training_sale

# 2 000 unsent sales on a slow tablet: how soon they stand there, how fast they leave.
bench-tablet: .venv/.ready
	PYTHONPATH=. $(BIN)/python -m benchmarks.bench_tablet_queue

$(NODE_TOOLS)/.lighthouse-$(LIGHTHOUSE): | $(UV) system
	$(NPM_INSTALL) --prefix $(NODE_TOOLS)/beside lighthouse@$(LIGHTHOUSE)
	@touch $@

bench-lighthouse: .venv/.ready $(NODE_TOOLS)/.lighthouse-$(LIGHTHOUSE)
	PYTHONPATH=. $(BIN)/python benchmarks/bench_shell.py --lighthouse $(NODE_TOOLS)/beside/node_modules/.bin/lighthouse

proof: .venv/.ready
	$(BIN)/pytest -q -s -m proof -p no:randomly

# Storms, power cuts, histories, almost right inputs and planted faults; writes PROOF.md. PROOF_ARGS: their sizes.
proof-release: .venv/.ready
	PYTHONPATH=. $(BIN)/python -m tests.proof.release $(PROOF_ARGS)

# Each planted fault in a copy of the tree, and the check that must turn red.
proof-mutants: .venv/.ready
	PYTHONPATH=. $(BIN)/python -m tests.proof.mutants

clean:
	rm -rf .venv .tools
