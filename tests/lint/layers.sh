#!/usr/bin/env bash
# layers.sh [ROOT] -- who may include whom, and which folder knows which library.
#
#   server -> proto -> model/types.h; server -> model; server -> config;
#   nothing points back, nothing includes tests/.
#
# Of model/ proto/ sees types.h, and what payloads are made with and what is asked of
# cards: core/card.h, filter.h, training.h, bytes.h and random.h, pure functions of
# plain data.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# The regular expression of what a folder may include of ours.
ours() {
    case $1 in
    model)  echo '^model/' ;;
    proto)  echo '^(proto/|model/(types|core/(card|filter|bytes|random|training))\.h$)' ;;
    config) echo '^config/' ;;
    server) echo '^((server|proto|model|config)/|version\.h$)' ;;
    esac
}

# $only: the folder, or the file, that alone may include <HEADER>; nothing: any
# may.
owner() {
    only=
    case $1 in
    event.h | evhttp.h | evutil.h | event2/*) only=server ;;
    llhttp.h | zlib.h | openssl/*)            only=server ;;
    jansson.h)                                only=proto ;;
    isa-l/* | isa-l.h)                        only=model ;;
    cblas.h | *blas*)                         only=model/rank/blas.c ;;
    esac
}

for folder in server proto model config; do
    allow=$(ours "$folder")
    while IFS=: read -r file line text; do
        [ -n "$file" ] || continue
        header=${text#*[<\"]}
        header=${header%%[>\"]*}
        if [[ $text == *\"* ]]; then
            [[ $header =~ $allow ]] ||
                complain "$file:$line" "$folder/ may not include $header"
        else
            owner "$header"
            [ -z "$only" ] || [ "$only" = "$folder" ] ||
                [ "$only" = "$file" ] ||
                complain "$file:$line" "<$header> belongs to $only"
        fi
    done < <(sources "c h" "$folder" |
             xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include' || true)
done
finish
