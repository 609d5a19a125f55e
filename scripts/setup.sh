#!/usr/bin/env bash
# Installs what building needs: Debian packages, and Python wheels into .venv. `setup.sh test` adds what only testing needs.
# Safe to run again: what is there already is skipped. Says what it does before it does it.
# With BERTVISION_TORCH set (make's TORCH=) the wheel of LibTorch and of the CUDA libraries that it loads is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install_packages.sh

say() { printf 'setup: %s\n' "$*"; }
packages_of() { grep -v -E '^\s*(#|$)' "$1"; }

install_debian_packages() {
  command -v dpkg-query >/dev/null || { say "not a Debian system: install the packages of $* yourself"; return; }
  local missing=() package
  while read -r package; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done < <(for list in "$@"; do packages_of "$list"; done)
  if ((${#missing[@]} == 0)); then say "Debian packages: all there"; return; fi
  install_packages "${missing[@]}"
}

install_wheels() {
  local stamp=.venv/.requirements wanted size="650 MB"
  wanted=$(packages_of scripts/requirements.txt)
  if [[ -n ${BERTVISION_TORCH:-} ]]; then
    say "LibTorch: yours at $BERTVISION_TORCH"
    wanted=$(grep -v -E '^(torch|nvidia-)' <<<"$wanted")
    size="100 MB"
  fi
  if [[ -f $stamp && $wanted == "$(packages_of "$stamp")" ]]; then say "Python packages: all there"; return; fi
  say "installing Python packages of scripts/requirements.txt into .venv (about $size to download, once)"
  # Debian's own interpreter first: a version manager's may vanish under the .venv.
  local python=/usr/bin/python3
  "$python" -m venv --help >/dev/null 2>&1 || python=python3
  [[ -x .venv/bin/pip ]] || "$python" -m venv --clear .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --progress-bar off --no-deps -r <(printf '%s\n' "$wanted")
  printf '%s\n' "$wanted" >"$stamp"
}

lists=(scripts/debian-packages.txt)
[[ ${1:-} != test ]] || lists+=(scripts/debian-test-packages.txt)
install_debian_packages "${lists[@]}"
install_wheels
