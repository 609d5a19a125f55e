# install_packages PACKAGE…: Debian packages, as root or by sudo. Sourced by the scripts that need packages; their say()
# tells the user what is done.
install_packages() {
  command -v apt-get >/dev/null || { say "no apt-get here; install these yourself: $*"; exit 1; }
  local sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { say "these Debian packages are missing and need root or sudo: $*"; exit 1; }
    sudo=(sudo)
  fi
  say "installing Debian packages: $*"
  "${sudo[@]}" apt-get update -q
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}
