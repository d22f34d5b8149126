#!/bin/sh
# run.sh [MUTANT...] -- each model must hold, and each of its mutants must fail:
# a checker that catches nothing proves nothing.
#
# With names of mutants, only these.  Needs spin and a C compiler; half a minute
# and 300 MB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

complain() { # WHAT OUTPUT
    echo "model-check: $1" >&2
    printf '%s\n' "$2" >&2
    exit 1
}

# verify MODEL [-DMACRO]: what pan says, in $said.
verify() {
    rm -f pan pan.* *.trail
    said=$(spin -a ${2:+"$2"} "$here/$1.pml" 2>&1 &&
           "${CC:-cc}" -O1 -w -DSAFETY -DCOLLAPSE -o pan pan.c 2>&1) ||
        complain "$1.pml $2 does not compile" "$said"
    said=$(timeout 300 ./pan -m100000 2>&1) ||
        complain "$1.pml $2: spin's verifier failed" "$said"
}

holds() { # MODEL
    verify "$1" ""
    case $said in
    *"max search depth too small"*) complain "$1.pml is too deep" "$said" ;;
    *"errors: 0"*) ;;
    *) complain "$1.pml does not hold" "$said" ;;
    esac
    states=$(printf '%s\n' "$said" |
             sed -n 's/ *\([0-9]*\) states, stored.*/\1/p')
    echo "  SPIN  $1.pml holds ($states states)"
}

fails() { # MODEL MUTANT
    verify "$1" "-D$2"
    case $said in
    *"errors: 1"*) ;;
    *) complain "$1.pml: $2 does not fail" "$said" ;;
    esac
    why=$(printf '%s\n' "$said" | sed -n 's/^pan:1: \(.*\) (at depth.*/\1/p' |
          cut -c1-60)
    echo "  SPIN  $1.pml: $2 fails: $why"
}

mutants_of() { # MODEL
    sed -n 's/^#if[n]*def *\(MUT_[A-Z_]*\).*/\1/p' "$here/$1.pml" | sort -u
}

found=0
for model in live watch; do
    [ $# -gt 0 ] || holds $model
    for mutant in $(mutants_of $model); do
        case " ${*:-$mutant} " in
        *" $mutant "*)
            fails $model "$mutant"
            found=$((found + 1))
            ;;
        esac
    done
done
[ $# -eq 0 ] || [ $found -eq $# ] || complain "no such mutant among these" "$*"
