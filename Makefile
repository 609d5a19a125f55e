# The commands of everyday life; everything they do can be done by hand with the cmake presets.
JOBS ?= $(shell nproc)
# A LibTorch of your own (the folder that holds include/ and lib/), to be given each time; empty: the wheel in .venv.
TORCH ?=
export BERTVISION_TORCH := $(if $(TORCH),$(abspath $(TORCH)))

.PHONY: build test demo lint asan setup setup-test clean peers bench-extract bench-train bench-finetune bench-glue bench-peers
build: setup
	@[ -f build/build.ninja ] && grep -q '^BERTVISION_TORCH:PATH=$(BERTVISION_TORCH)$$' build/CMakeCache.txt \
	  || cmake --preset release -DBERTVISION_TORCH="$(BERTVISION_TORCH)"
	@cmake --build build -j $(JOBS) --target bertvision

setup:
	@./scripts/setup.sh

# Testing needs a browser besides.
setup-test:
	@./scripts/setup.sh test

test: setup-test build
	@cmake --build build -j $(JOBS)
	@ctest --test-dir build --output-on-failure -j $(JOBS)

demo: build
	@./demo/run.sh

lint: setup
	@./scripts/lint.sh

asan: setup-test
	@./scripts/asan.sh $(JOBS)

clean:
	rm -rf build build-dev build-asan demo/out

# Comparisons with other software (bench/README.md). DATA holds train-v2.0.json and dev-v2.0.json of SQuAD 2.0.
DATA ?= data/squad2
WORK ?= build/bench

peers:
	@./bench/setup_peers.sh

bench-extract: build peers
	@python3 bench/extract.py --data $(DATA)/train-v2.0.json --work $(WORK) --result $(WORK)/extract.json

bench-peers: build peers
	@python3 bench/peers.py --data $(DATA)/train-v2.0.json --work $(WORK) --result $(WORK)/peers.json

bench-train: build peers
	@python3 bench/train_head.py --data $(DATA)/train-v2.0.json --work $(WORK) --result $(WORK)/train.json

bench-finetune: build peers
	@python3 bench/finetune.py --train $(DATA)/train-v2.0.json --dev $(DATA)/dev-v2.0.json --work $(WORK) \
	  --result $(WORK)/finetune.json

bench-glue: build peers
	@python3 bench/glue.py --glue $(DATA)/glue --work $(WORK) --result $(WORK)/glue.json
