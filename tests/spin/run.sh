#!/bin/sh
# run.sh [MUTANT...] -- live.pml must hold, and each of its mutants must fail: a
# checker that catches nothing proves nothing.
#
# With names of mutants, only these.  Needs spin and a C compiler; about ten
# seconds and 300 MB.
set -eu
model=$(cd "$(dirname "$0")" && pwd)/live.pml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# verify [-DMACRO...]: what pan says; fails when it cannot be asked.
verify() {
    rm -f pan pan.* *.trail
    spin -a "$@" "$model" >spin.log 2>&1 &&
        "${CC:-cc}" -O1 -w -DSAFETY -DCOLLAPSE -o pan pan.c 2>>spin.log || {
        cat spin.log >&2
        exit 2
    }
    timeout 300 ./pan -m100000
}
complain() { # WHAT OUTPUT
    echo "model-check: $1" >&2
    printf '%s\n' "$2" >&2
    exit 1
}

all=$(sed -n 's/^#if[n]*def *\(MUT_[A-Z_]*\).*/\1/p' "$model" | sort -u)

if [ $# -eq 0 ]; then
    said=$(verify)
    case $said in
    *"max search depth too small"*) complain "live.pml is too deep" "$said" ;;
    *"errors: 0"*) ;;
    *) complain "live.pml does not hold" "$said" ;;
    esac
    states=$(printf '%s\n' "$said" | sed -n 's/ *\([0-9]*\) states, stored.*/\1/p')
    echo "  SPIN  live.pml holds ($states states)"
    set -- $all
fi

for mutant; do
    case " $(echo $all) " in
    *" $mutant "*) ;;
    *) complain "live.pml has no mutant $mutant" "it has: $all" ;;
    esac
    said=$(verify "-D$mutant") || true
    why=$(printf '%s\n' "$said" | sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' |
          cut -c1-60)
    case $said in
    *"errors: 1"*) echo "  SPIN  $mutant fails: $why" ;;
    *) complain "$mutant does not fail" "$said" ;;
    esac
done
