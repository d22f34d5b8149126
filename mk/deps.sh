#!/bin/sh
# deps.sh LIST... -- installs the Debian packages of the lists that are missing.
#
# Silent and quick when nothing is.  `make deps`, the Dockerfile and .ci/run all
# come here, so the lists in packages/ are the only ones.  DEPS=no skips it, for
# systems that have the libraries from elsewhere.
set -eu

[ "${DEPS:-yes}" != no ] || exit 0

wanted=$(sed 's/#.*//' "$@")
if ! command -v dpkg-query >/dev/null; then
    echo "deps: not a Debian system; install what these stand for, then use" \
         "DEPS=no:" $wanted >&2
    exit 1
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted \
            2>/dev/null | sed -n 's/^installed //p')
missing=
for package in $wanted; do
    printf '%s\n' "$installed" | grep -qx "$package" ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: as root, please: apt-get install -y$missing" >&2
        exit 1
    fi
    as_root="sudo"
fi

echo "  APT $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" \
        >"$log" 2>&1 </dev/null
}
fetch() {
    apt install --no-install-recommends $missing
}
# The package lists may be old, or not there at all.
fetch || { apt update && fetch; } || {
    cat "$log" >&2
    exit 1
}
