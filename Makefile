# The commands of everyday life; everything they do can be done by hand with the cmake presets.
JOBS ?= $(shell nproc)

.PHONY: build test demo lint asan setup clean
build: setup
	@[ -f build/build.ninja ] || cmake --preset release
	@cmake --build build -j $(JOBS) --target bertvision

setup:
	@./scripts/setup.sh

test: build
	@cmake --build build -j $(JOBS)
	@ctest --test-dir build --output-on-failure -j $(JOBS)

demo: build
	@./demo/run.sh

lint: setup
	@./scripts/lint.sh

asan: setup
	@./scripts/asan.sh $(JOBS)

clean:
	rm -rf build build-dev build-asan demo/out
