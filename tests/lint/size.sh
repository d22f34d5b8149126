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

while read -r n file; do
    [ "$n" -le "$FILE_MAX" ] || [ "$file" = total ] ||
        allowed "$file" lines || complain "$file" "$n lines, at most $FILE_MAX"
done < <(sources "c h py sh awk mk" server proto model config tests mk |
         xargs -r wc -l)

while read -r file line function lines params; do
    if [ "$lines" = style ]; then
        complain "$file:$line" "$function: brace belongs in column 0"
        continue
    fi
    [ "$lines" -le "$FUNCTION_MAX" ] || allowed "$file" "$function" ||
        complain "$file:$line" \
                 "$function has $lines lines, at most $FUNCTION_MAX"
    [ "$params" -le "$PARAMETERS_MAX" ] || allowed "$file" "$function" ||
        complain "$file:$line" \
                 "$function has $params parameters, at most $PARAMETERS_MAX"
done < <(sources "c h" server proto model config tests |
         xargs -r awk -f "$here/code.awk" | awk -f "$here/functions.awk")
finish
