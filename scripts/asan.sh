#!/usr/bin/env bash
# Builds with AddressSanitizer and UndefinedBehaviorSanitizer and runs every test. scripts/asan.sh [JOBS]
# LibTorch itself is not instrumented; scripts/sanitizers/ lists what it does that is not our fault.
set -euo pipefail
cd "$(dirname "$0")/.."

jobs=${1:-$(nproc)}
suppressions=$PWD/scripts/sanitizers
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:check_initialization_order=1:suppressions=$suppressions/asan.supp
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:suppressions=$suppressions/ubsan.supp
export LSAN_OPTIONS=print_suppressions=0:suppressions=$suppressions/lsan.supp

cmake --preset asan
cmake --build build-asan -j "$jobs"
ctest --test-dir build-asan --output-on-failure -j "$jobs"
