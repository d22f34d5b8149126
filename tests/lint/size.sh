#!/usr/bin/env bash
# size.sh [ROOT] -- the budgets: a file has at most 350 lines, a function 60
# lines (from its signature to its brace) and 7 parameters.
#
# An exception stands in allow.txt, with its reason:
#   size FILE lines|FUNCTION reason
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FILE_MAX=350
FUNCTION_MAX=60
PARAMETERS_MAX=7

while read -r file; do
    n=$(wc -l <"$file")
    [ "$n" -le "$FILE_MAX" ] || allowed "$file" lines ||
        complain "$file" "$n lines, at most $FILE_MAX"
done < <(sources "c h py sh awk mk" server proto model config tests mk)

while read -r file; do
    while read -r line function lines params; do
        if [ "$lines" = style ]; then
            complain "$file:$line" "$function: brace belongs in column 0"
            continue
        fi
        allowed "$file" "$function" && continue
        [ "$lines" -le "$FUNCTION_MAX" ] ||
            complain "$file:$line" \
                     "$function has $lines lines, at most $FUNCTION_MAX"
        [ "$params" -le "$PARAMETERS_MAX" ] ||
            complain "$file:$line" \
                     "$function has $params parameters, at most $PARAMETERS_MAX"
    done < <(awk -f "$here/code.awk" "$file" | awk -f "$here/functions.awk")
done < <(sources "c h" server proto model config tests)
finish
