/* fuzz.h -- what the fuzzers share.
 *
 * A fuzzer feeds bytes to one parser and checks what must hold whatever they
 * are: an accepted value is in its range and reads back as it was, a refused
 * one has a code that is the client's fault and a message fit to be shown.
 */
#ifndef FRESHET_TESTS_FUZZ_H
#define FRESHET_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/errors.h"
#include "proto/id.h"
#include "proto/limits.h"
#include "proto/past.h"
#include "proto/setup.h"
#include "proto/utf8.h"
#include "tests/fuzz/must.h"

#define FUZZ_NOW_MS 1700000000000

/* Small, so that short inputs reach them. */
static const struct proto_limits fuzz_limits = {
    .json_depth = 6, .array_elements = 8, .json_values = 40, .top_n = 100,
    .history = 4, .explain = 3, .rating_min = -1, .rating_max = 5, .now_ms = FUZZ_NOW_MS,
    .future_ms = 86400000};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    proto_setup();
    return 0;
}

static inline bool fuzz_is_line(const char *s)
{
    uint32_t cp;
    for (size_t n = strlen(s), len = 0; n; s += len, n -= len) {
        len = utf8_decode(s, n, &cp);
        if (len == 0 || cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
            return false;
    }
    return true;
}

static inline void fuzz_check_fail(const struct fail *f)
{
    MUST(fail_status(f->code) == 400);
    MUST(strlen(f->message) > 0 && strlen(f->message) < sizeof f->message);
    MUST(fuzz_is_line(f->message));
}

static inline void fuzz_check_id(struct id id)
{
    MUST(id_valid(id.s, id.len));
}

static inline void fuzz_check_past(const struct past *past)
{
    MUST(past->n <= fuzz_limits.history);
    for (uint32_t i = 0; i < past->n; i++) {
        fuzz_check_id(past->items[i].item);
        MUST(past->items[i].rating >= fuzz_limits.rating_min &&
             past->items[i].rating <= fuzz_limits.rating_max);
    }
}

#endif
