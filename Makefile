# The verbs of the project. Each makes what it needs: `make demo` and `make test` work on a
# machine with only Python 3.11 or newer, pip and make. PYTHON names the Python to use.

PYTHON ?= python3
UV ?= uv
BENCH_PYTHON ?= $(PYTHON)

BIN := .venv/bin
BENCH_BIN := .venv-bench/bin
PIP := -m pip --disable-pip-version-check install --quiet
HUITOUKE := --no-deps --no-build-isolation --editable .
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11) and \
	"Huitouke needs Python 3.11 or newer, e.g. make PYTHON=python3.11")
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml requirements/build.in

# Tests start hundreds of processes: each would compile all of the package anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo report serve test torture check fix bench docs words frontend lock clean

help: ## show the verbs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

demo: .venv/demo.stamp ## start everything on a simulated shop, and name its sign-ins
	$(BIN)/huitouke demo

report: .venv/demo.stamp ## analyze a year of a real shop and write its report
	$(BIN)/huitouke demo --report

serve: .venv/demo.stamp ## start the loyalty programme and its API
	$(BIN)/huitouke serve

test: .venv/dev.stamp ## run all tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

torture: .venv/dev.stamp ## kill the service in the middle of its work, 100 seeds (long)
	$(BIN)/python tests/service/faults/torture.py

check: .venv/dev.stamp ## style, types, import rules, house rules, docs and examples
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djlint --lint --quiet src/huitouke/service
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest --quiet tests/house src/huitouke/insight

fix: .venv/dev.stamp ## mend style by machine
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: .venv/dev.stamp ## write the generated pages of docs/ anew
	$(BIN)/python docs/build.py

words: .venv/dev.stamp ## make the Traditional Chinese anew from the Simplified
	$(BIN)/python docs/words.py

bench: .venv-bench/bench.stamp ## compare speed, memory and accuracy with peers (long)
	$(BENCH_BIN)/python bench/run.py

frontend: ## build the chart library and the style sheet of the report (needs npm)
	npm --prefix frontend ci --ignore-scripts --no-audit --no-fund
	npm --prefix frontend run build

lock: ## choose the versions of all packages anew (needs uv)
	$(LOCK) --fork-strategy fewest --upgrade --extra demo --extra spark --extra dev \
		--output-file requirements/dev.txt
	$(LOCK) --fork-strategy fewest --upgrade --constraint requirements/dev.txt \
		--output-file requirements/run.txt
	$(LOCK) --fork-strategy fewest --upgrade --constraint requirements/dev.txt --extra demo \
		--output-file requirements/demo.txt
	$(LOCK) --upgrade --extra bench --output-file requirements/bench.txt

clean: ## remove what the other verbs made
	rm -rf .venv .venv-bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	$(PYTHON) -c '$(OLD_ENOUGH)'
	$(PYTHON) -m venv .venv

$(BENCH_BIN)/python:
	$(BENCH_PYTHON) -c '$(OLD_ENOUGH)'
	$(BENCH_PYTHON) -m venv .venv-bench
	echo '*' > .venv-bench/.gitignore

.venv/demo.stamp: requirements/demo.txt pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP) --require-hashes --requirement requirements/demo.txt
	$(BIN)/python $(PIP) $(HUITOUKE)
	touch $@

# The development set holds the demo set at the same versions, so it serves both.
.venv/dev.stamp: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(BIN)/python $(PIP) --require-hashes --requirement requirements/dev.txt
	$(BIN)/python $(PIP) $(HUITOUKE)
	touch .venv/demo.stamp $@

# The peers need versions of their own and stay out of the main environment.
.venv-bench/bench.stamp: requirements/bench.txt pyproject.toml | $(BENCH_BIN)/python
	$(BENCH_BIN)/python $(PIP) --require-hashes --requirement requirements/bench.txt
	$(BENCH_BIN)/python $(PIP) $(HUITOUKE)
	touch $@
