# lib.sh -- what the lint scripts share.  Sourced, not run.
#
# Every script takes the root of the tree to look at (default: this one), so
# that selftest.sh can point it at samples.  complain() counts; the last line of
# a script is `finish`.

here=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$0" .sh)
cd "${1:-$here/../..}"
complaints=0

complain() { # FILE:LINE MESSAGE
    echo "$name: $1: $2" >&2
    complaints=$((complaints + 1))
}

finish() {
    [ "$complaints" -eq 0 ] || exit 1
}

# Files of ours below the given folders, those that exist, by suffix.
#   sources "c h" server model
sources() {
    local suffixes=$1 s dir
    shift
    for dir in "$@"; do
        [ -d "$dir" ] || continue
        for s in $suffixes; do
            find "$dir" -name "*.$s" -type f
        done
    done | sort
}

# Prints "FILE<TAB>LINE<TAB>TEXT" where the code of the files, comments and
# literals apart, matches the extended regular expression.
code_lines() { # REGEX FILES...
    local regex=$1
    shift
    [ $# -gt 0 ] || return 0
    awk -f "$here/code.awk" "$@" |
        grep -E $'^[^\t]*\t[0-9]+\t.*('"$regex)" || true
}

# True if tests/lint/allow.txt has "SCRIPT FILE WORD reason".
allowed() { # FILE WORD
    [ -f tests/lint/allow.txt ] &&
        grep -qE "^$name +$1 +$2 +[^ ]" tests/lint/allow.txt
}
