#!/usr/bin/env bash
# atomics.sh [ROOT] -- atomics only where their order is argued.
#
# atomics.txt has a line "FILE ARGUED_IN" for every file that declares or uses
# an atomic; the second file has a DESIGN block that says which order is needed
# and why.  A file that is not listed, a listed file without atomics, and a
# block that says nothing about order are complaints.  So are volatile (but for
# sig_atomic_t), stand-alone fences and the compiler's own builtins, wherever
# they are.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

list=tests/lint/atomics.txt
ATOMIC='<stdatomic\.h>|\b_Atomic\b|\batomic_[a-z]+'
NEVER='\b(atomic_thread_fence|atomic_signal_fence|__sync_[a-z_]+|__atomic_[a-z_]+)\b|\bvolatile\b'

entries() {
    [ ! -f "$list" ] || sed 's/#.*//' "$list" | awk 'NF'
}

# True if a comment of FILE has a DESIGN part that names an order.
argued() { # FILE
    [ -f "$1" ] &&
        awk '/DESIGN/ { on = 1 } on { print } /\*\// { on = 0 }' "$1" |
        grep -E 'seq_cst|acquire|release|relaxed' >/dev/null
}

files=$(sources "c h" server proto model config)
declare -A used listed
while IFS=$'\t' read -r file line text; do
    [[ $text == *volatile*sig_atomic_t* ]] ||
        complain "$file:$line" "not here:$text"
done < <(code_lines "$NEVER" $files)
while IFS=$'\t' read -r file line text; do
    [ -n "${used[$file]:-}" ] || used[$file]=$line
done < <(code_lines "$ATOMIC" $files)
while read -r file argument; do
    listed[$file]=$argument
done < <(entries)
for file in $files; do
    if [ -n "${used[$file]:-}" ] && [ -z "${listed[$file]:-}" ]; then
        complain "$file:${used[$file]}" "uses atomics, not in $list"
    elif [ -z "${used[$file]:-}" ] && [ -n "${listed[$file]:-}" ]; then
        complain "$file" "listed in $list, but uses no atomics"
    elif [ -n "${listed[$file]:-}" ] && ! argued "${listed[$file]}"; then
        complain "$file" "${listed[$file]} has no DESIGN block that argues the order"
    fi
done
for file in $(entries | awk '{ print $1 }'); do
    [ -f "$file" ] || complain "$file" "listed in $list, but not there"
done
finish
