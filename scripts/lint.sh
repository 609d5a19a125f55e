#!/usr/bin/env bash
# Layout (clang-format), likely bugs (clang-tidy) and layers (the include checker) of our own code.
# The compile commands are those of g++, hence -Wno-unknown-warning-option.
# scripts/lint.sh [FILE…]: without files, all of src/. clang-tidy takes seconds a file where LibTorch is seen.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install_packages.sh

say() { printf 'lint: %s\n' "$*"; }

install_tools() {
  local missing=()
  command -v clang-format >/dev/null || missing+=(clang-format)
  command -v clang-tidy >/dev/null || missing+=(clang-tidy)
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}

# What clang-tidy can be asked about: the sources that the build compiles.
compiled_among() {
  python3 - "$@" <<'PY'
import json, os, sys
compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.load(open("build-dev/compile_commands.json"))}
for path in sys.argv[1:]:
    if os.path.realpath(path) in compiled:
        print(path)
PY
}

install_tools
if (($# > 0)); then files=("$@"); else mapfile -t files < <(git ls-files 'src/*.h' 'src/*.cc'); fi

say "include checker"
python3 tests/includes/check_includes.py .

say "clang-format: ${#files[@]} files"
clang-format --dry-run -Werror "${files[@]}"

cmake --preset dev >/dev/null
mapfile -t sources < <(compiled_among "${files[@]}")
say "clang-tidy: ${#sources[@]} files"
printf '%s\0' "${sources[@]}" | xargs -0 -r -n 1 -P "$(nproc)" clang-tidy -p build-dev --quiet --extra-arg=-Wno-unknown-warning-option
say "clean"
