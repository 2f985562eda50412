#!/bin/sh
# Installs the Debian packages named as arguments that are missing.
# Says what it does, and does nothing when all is there.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "make deps: this system has no dpkg; install what is like Debian's: $*" >&2
    exit 1
fi

missing=
for package; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "make deps: run as root: apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "make deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of package names
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
