# One word for each chore. `make demo` and `make test` do all the set-up on a fresh Debian or Ubuntu machine.
VENV ?= .venv
BIN := $(VENV)/bin
export VENV
SHELL := /bin/bash
.SHELLFLAGS := -eo pipefail -c

.PHONY: demo test check soak bench bench-ocr train-model run-setup dev-setup lock clean

demo: run-setup
	@$(BIN)/liasse demo

test: check
	$(BIN)/pytest -n 3 --dist loadfile -m "not slow"

check: dev-setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests bench training
	$(BIN)/lint-imports

soak: dev-setup
	LIASSE_TESTS_START_ANEW=1 $(BIN)/pytest -n 2 --dist loadfile
	$(BIN)/python bench/sample.py | tee docs/soak/sample.txt
	$(BIN)/python bench/crash.py --at-once 2 | tee docs/soak/crash.txt
	$(BIN)/python bench/hostile.py | tee docs/soak/hostile.md
	$(BIN)/python bench/fuzz.py --minutes 30 | tee docs/soak/fuzz.txt
	$(BIN)/python bench/restore.py | tee docs/soak/restore.txt
	$(BIN)/python -m bench.strips --out docs/soak/strips.txt
	$(BIN)/python -m bench.withdrawal --out docs/soak/withdrawal.md
	$(BIN)/python -m bench.stateful --out docs/soak/stateful.txt

bench: dev-setup
	mkdir -p docs/benchmarks
	$(BIN)/python bench/journey.py | tee docs/benchmarks/journey.txt
	$(BIN)/python bench/engine.py | tee docs/benchmarks/engine.txt
	$(BIN)/python bench/register.py | tee docs/benchmarks/register.txt
	$(BIN)/python bench/rejudging.py | tee docs/benchmarks/rejudging.txt
	$(BIN)/python -m bench.intake | tee docs/benchmarks/intake.txt
	$(BIN)/python -m bench.whose --list | tee docs/benchmarks/whose.txt
	$(BIN)/python bench/identity.py --rounds 2 --out docs/benchmarks/identity.txt

# Beside OCRmyPDF, in an environment of its own. GENERATOR: a Python that has what ../shared/corpus/gen/README.md asks for.
bench-ocr: dev-setup
	$(BIN)/python -m bench.ocr_peer
	$(BIN)/python bench/ocr.py --generator-python $(or $(GENERATOR),$(BIN)/python)

# The model that reads, anew (training/README.md): in build/training/out. MINUTES: of learning.
train-model: dev-setup
	PYTHON=$(CURDIR)/$(BIN)/python training/get.sh build/training/from
	python3 -m venv build/training/venv
	build/training/venv/bin/pip install --quiet -r training/requirements.txt
	for seed in $$(seq 1 80); do $(BIN)/python -m training.lines build/training/lines $$seed 100 build/training/from; done
	build/training/venv/bin/python -m training.train build/training/from/base build/training/lines build/training/out $(or $(MINUTES),90)

run-setup:
	@.ci/setup run

dev-setup:
	@.ci/setup dev

lock:
	.ci/lock

clean:
	rm -rf $(VENV) build dist demo-out
