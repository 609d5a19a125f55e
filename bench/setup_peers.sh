#!/usr/bin/env bash
# Makes build/peers-venv, the Python in which the peers of bench/ run. Safe to run again: a finished one is kept.
# The project itself never needs it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'peers: %s\n' "$*"; }
requirements=bench/peers-requirements.txt
venv=build/peers-venv
constraints=build/peers-constraints.txt
stamp=$venv/.requirements

mkdir -p build
# torch's own dependencies name the CUDA libraries' versions; the wheels that .venv has of them are newer.
grep '==' scripts/requirements.txt | grep -v '^nvidia-' >"$constraints"
wanted=$(cat "$requirements" "$constraints")
if [[ -f $stamp && $wanted == "$(<"$stamp")" ]]; then say "$venv: all there"; exit 0; fi
say "installing $requirements into $venv (about 3 GB to download, once)"
# Debian's own interpreter first: a version manager's may vanish under the environment.
python=/usr/bin/python3
"$python" -m venv --help >/dev/null 2>&1 || python=python3
[[ -x $venv/bin/pip ]] || "$python" -m venv --clear "$venv"
install() { "$venv/bin/pip" install --quiet --disable-pip-version-check --progress-bar off -c "$constraints" "$@"; }
if install -r "$requirements"; then
  printf '%s\n' "$wanted" >"$stamp"
  say "done: $venv/bin/python"
  exit 0
fi
say "not all of them can be installed here; one by one:"
while read -r package; do
  install "$package" || say "$package is not installed; comparisons go without it or say that they need it"
done < <(grep -v '^#' "$requirements")
