#!/usr/bin/env bash
# selftest.sh -- every lint must catch its bad sample, and let the good one go.
#
# A tree in a temporary folder starts clean; each case writes one file, runs one
# script on the tree, compares, and takes the file away again.
set -euo pipefail
lint=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cases=0
failed=0

mkdir -p "$root"/{server,proto,model/{core,rank},config,tests/{lint,spin}}
steps='/* R1 R2 R3 R4 R5 W1 W2 W3 W4 */'
for file in model/core/live.h model/core/live.c tests/spin/live.pml; do
    echo "$steps" >"$root/$file"
done

# catches SCRIPT FILE PATTERN <CONTENT: the script fails and says PATTERN.
# accepts SCRIPT FILE         <CONTENT: the script succeeds and says nothing.
run() { # SCRIPT FILE
    local before=
    [ ! -f "$root/$2" ] || before=$(cat "$root/$2")
    cat >"$root/$2"
    status=0
    output=$(bash "$lint/$1.sh" "$root" 2>&1) || status=$?
    rm "$root/$2"
    [ -z "$before" ] || echo "$before" >"$root/$2"
    cases=$((cases + 1))
}
verdict() { # TRUE? WHAT
    "$1" && return
    echo "lint selftest: $2; status $status, output: $output" >&2
    failed=$((failed + 1))
}
catches() {
    run "$1" "$2"
    if [ "$status" -eq 1 ] && grep -q -- "$3" <<<"$output"
    then verdict true; else verdict false "$1 missed '$3' in $2"; fi
}
accepts() {
    run "$1" "$2"
    if [ "$status" -eq 0 ] && [ -z "$output" ]
    then verdict true; else verdict false "$1 refused a good $2"; fi
}

# ---- layers -------------------------------------------------------------

catches layers model/a.c "a.c:1: model/ may not include proto/id.h" \
    <<<'#include "proto/id.h"'
catches layers model/a.c "model/ may not include config/config.h" \
    <<<'#  include "config/config.h"'
catches layers model/a.c "model/ may not include ids.h" <<<'#include "ids.h"'
catches layers proto/a.h "proto/ may not include model/model.h" \
    <<<'#include "model/model.h"'
catches layers proto/a.h "proto/ may not include model/types.hpp" \
    <<<'#include "model/types.hpp"'
catches layers proto/a.h "proto/ may not include model/core/table.h" \
    <<<'#include "model/core/table.h"'
catches layers config/a.c "config/ may not include server/app.h" \
    <<<'#include "server/app.h"'
catches layers server/a.c "server/ may not include tests/bench/hist.h" \
    <<<'#include "tests/bench/hist.h"'
catches layers proto/a.c "<event2/event.h> belongs to server" \
    <<<'#include <event2/event.h>'
catches layers proto/a.c "<zlib.h> belongs to server" <<<'#include <zlib.h>'
catches layers model/a.c "<llhttp.h> belongs to server" <<<'#include <llhttp.h>'
catches layers server/a.c "<jansson.h> belongs to proto" \
    <<<'#include <jansson.h>'
catches layers model/a.c "<cblas.h> belongs to model/rank/blas.c" \
    <<<'#include <cblas.h>'
catches layers server/a.c "belongs to model/rank/blas.c" \
    <<<'#include <openblas/cblas.h>'
catches layers model/rank/blas.h "belongs to model/rank/blas.c" \
    <<<'#include <cblas.h>'
accepts layers model/rank/blas.c <<<'#include <cblas.h>'
accepts layers server/a.c <<'END'
#include <event2/event.h>
#include <llhttp.h>
#include <string.h>
#include "config/config.h"
#include "model/model.h"
#include "proto/buf.h"
#include "version.h"
END
accepts layers proto/a.c <<'END'
#include <jansson.h>
#include "model/core/bytes.h"
#include "model/core/card.h"
#include "model/core/random.h"
#include "model/types.h"
#include "proto/buf.h"
END

# ---- size ---------------------------------------------------------------

body() { # LINES of statements
    seq "$1" | sed 's/.*/    x();/'
}
function_of() { # LINES in all: a signature of two, two braces, the rest
    printf 'static int\nf(int a, int b)\n{\n'
    body $(($1 - 4))
    printf '}\n'
}
catches size model/a.c "a.c: 351 lines, at most 350" < <(body 351)
catches size tests/a.py "351 lines" < <(body 351)
accepts size model/a.c < <(body 350)
catches size model/a.c "a.c:1: f has 61 lines, at most 60" < <(function_of 61)
accepts size model/a.c < <(function_of 60)
catches size model/a.c "a.c:5: f has 61 lines" \
    < <(printf 'struct s {\n    int a;\n};\n\n'; function_of 61)
catches size model/a.c "f has 70 lines" \
    < <(echo '/* a comment that ends with ( */'; function_of 70)
accepts size model/a.c < <(function_of 40; function_of 40)
catches size model/a.c "g has 8 parameters, at most 7" <<'END'
void g(int a, int b, int c, int d,
       int e, void (*f)(int x, int y), int g, int h)
{
}
END
accepts size model/a.c <<'END'
void g(int a, int b, int c, int d,
       int e, void (*f)(int x, int y), int g)
{
}
int h(void)
{
    return 0;
}
static const int table[] = {
    1,
};
struct s { int a; };
#define X(a, b, c, d, e, f, g, h) a
END
catches size model/a.c "f: brace belongs in column 0" <<'END'
int f(int a) {
    return a;
}
END
catches size model/a.c "f has 62 lines" <<END
int f(int a)
{
/* a brace in a comment does not end it
}
*/
$(body 56)
}
END
echo 'size model/a.c f it is a table' >"$root/tests/lint/allow.txt"
accepts size model/a.c < <(function_of 61)
catches size model/b.c "f has 61 lines" < <(function_of 61)
echo 'size model/a.c f' >"$root/tests/lint/allow.txt"
catches size model/a.c "f has 61 lines" < <(function_of 61)
rm "$root/tests/lint/allow.txt"

# ---- banned -------------------------------------------------------------

for call in sprintf vsprintf strcpy strcat strtok atoi atol atof gets alloca \
            rand srand; do
    catches banned server/a.c "a.c:1: $call: banned" <<<"    $call(x);"
done
catches banned tests/a.c "strcpy: banned" <<<'    strcpy (a, b);'
for call in printf fprintf puts putchar perror exit _exit abort time; do
    catches banned model/a.c "a.c:1: $call: only in server/" \
        <<<"    $call(x);"
done
catches banned proto/a.c "stderr: only in server/" <<<'    fputs(s, stderr);'
catches banned config/a.c "CLOCK_REALTIME: only in server/" \
    <<<'    clock_gettime(CLOCK_REALTIME, &t);'
accepts banned server/a.c <<'END'
    printf("hello");
    exit(0);
    clock_gettime(CLOCK_REALTIME, &t);
END
accepts banned model/a.c <<'END'
/* strcpy(a, b) in a comment, and "a quote
   that spans it; printf(x) */
    snprintf(s, n, "strcpy(%d) /* stderr", x); // then exit(1)
    clock_gettime(CLOCK_MONOTONIC, &t);
    strtok_r(s, d, &p);
    operand(1);
    event_time(2);
    char quote = '"', other = '\''; int exiting;
void f(void) __attribute__((format(printf, 1, 2)));
END
catches banned model/a.c "a.c:2: exit" <<'END'
    puts_("\"/*");
    exit(1); /* after a literal that looks like a comment */
END
echo 'banned model/a.c exit for the sake of the test' \
    >"$root/tests/lint/allow.txt"
accepts banned model/a.c <<<'    exit(1);'
catches banned model/a.c "abort" <<<'    exit(1); abort();'
rm "$root/tests/lint/allow.txt"

# ---- atomics ------------------------------------------------------------

catches atomics model/a.c "a.c:1: uses atomics, not in" \
    <<<'#include <stdatomic.h>'
catches atomics server/a.c "a.c:1: uses atomics, not in" \
    <<<'    atomic_fetch_add(&x, 1);'
catches atomics proto/a.c "uses atomics, not in" <<<'_Atomic int x;'
echo 'model/a.c model/a.c # why' >"$root/tests/lint/atomics.txt"
accepts atomics model/a.c <<'END'
/* a.c -- a counter.
 *
 * DESIGN  One writer; readers are content with relaxed order.
 */
#include <stdatomic.h>
static atomic_int x;
END
catches atomics model/a.c "no DESIGN block that argues" <<'END'
/* a.c -- a counter; relaxed. */
static atomic_int x;
END
catches atomics model/a.c "no DESIGN block that argues" <<'END'
/* DESIGN  It has a counter. */
static atomic_int x; /* relaxed */
END
catches atomics model/a.c "listed in .*, but uses no atomics" <<<'int x;'
catches atomics model/b.c "model/a.c: listed in .*, but not there" <<<'int x;'
catches atomics model/a.c "a.c:3: not here: *atomic_thread_fence" <<'END'
/* DESIGN  seq_cst, as everybody. */
static atomic_int x;
    atomic_thread_fence(memory_order_seq_cst);
END
rm "$root/tests/lint/atomics.txt"
catches atomics model/a.c "not here: *volatile" <<<'volatile int x;'
catches atomics model/a.c "not here:.*__sync_fetch_and_add" \
    <<<'    __sync_fetch_and_add(&x, 1);'
accepts atomics server/a.c <<<'static volatile sig_atomic_t stop;'

# ---- steps --------------------------------------------------------------

accepts steps model/core/live.c <<<"$steps"
for step in R1 R2 R3 R4 R5 W1 W2 W3 W4; do
    catches steps model/core/live.c "live.c: step $step is not named" \
        <<<"${steps/$step/}"
done
catches steps tests/spin/live.pml "step W1 is not named" \
    <<<"${steps/W1/W10}"

echo "lint selftest: $cases cases, $failed failed"
[ "$failed" -eq 0 ]
