#!/usr/bin/env bash
# banned.sh [ROOT] -- calls that have no place here.
#
# Anywhere: what writes without a bound, parses without an error, allocates on
# the stack without a limit, or draws from a hidden state.  Outside server/:
# what prints, exits or reads the wall clock (model/, proto/ and config/ return
# codes and keep counters).
#
# An exception stands in allow.txt, with its reason:
#   banned FILE WORD reason
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ANYWHERE='sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|atoll|atof|gets|alloca|rand|srand'
QUIET_CALLS='printf|vprintf|fprintf|vfprintf|dprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort|gettimeofday|time'
QUIET_WORDS='stdout|stderr|CLOCK_REALTIME|CLOCK_REALTIME_COARSE'

check() { # REGEX WHY FILES...
    local regex=$1 why=$2 file line text word
    shift 2
    while IFS=$'\t' read -r file line text; do
        for word in $(grep -oE "$regex" <<<"$text" |
                      grep -oE '[A-Za-z_]+' | sort -u); do
            allowed "$file" "$word" || complain "$file:$line" "$word: $why"
        done
    done < <(code_lines "$regex" "$@")
}

check "\\b($ANYWHERE) *\\(" "banned" \
    $(sources "c h" server proto model config tests)
check "\\b($QUIET_CALLS) *\\(|\\b($QUIET_WORDS)\\b" "only in server/" \
    $(sources "c h" proto model config)
finish
