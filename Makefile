# A few verbs. Everything lives in .venv and .standard; `make clean` removes both and the build, never the snapshots.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run refresh setup check unit test bench docs ui clean

run: setup
	@$(BIN)/ilo-iati refresh --sample

setup: .venv/ready .standard/ready

.venv/ready: pyproject.toml constraints.txt
	@echo "Setting up .venv (a minute or two the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,ui,cluster]'
	@$(BIN)/python -m ilo_iati.extract.compile || true
	@touch $@

.standard/ready: .venv/ready schemas/iati/PINS.yml schemas/iati/requirements.txt
	@$(BIN)/ilo-iati standard install
	@mkdir -p $(@D) && touch $@

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/contract

unit: setup
	@$(BIN)/pytest tests/unit -n auto --dist worksteal -m 'not slow and not network'

# One process per core; a file's tests share what they set up, so they stay together and in their order.
test: setup
	@$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

bench: setup
	@$(BIN)/python -m tests.bench

docs: setup
	@$(BIN)/ilo-iati dictionary --write

ui: setup
	@$(BIN)/python -m pipelines.ui

clean:
	rm -rf .venv .standard warehouse/build
