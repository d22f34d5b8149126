#!/usr/bin/env bash
# steps.sh [ROOT] -- the steps of the swap have the same names everywhere.
#
# R1-R5 and W1-W4 are named in the contract, the code and the model that spin
# checks.  Who changes one of the three meets the other two.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for file in model/core/live.h model/core/live.c tests/spin/live.pml; do
    if [ ! -f "$file" ]; then
        complain "$file" "not there"
        continue
    fi
    for step in R1 R2 R3 R4 R5 W1 W2 W3 W4; do
        grep -qw "$step" "$file" || complain "$file" "step $step is not named"
    done
done
finish
