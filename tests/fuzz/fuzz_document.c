/* fuzz_document.c -- a tree that was let in keeps every limit. */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/json_gate.h"

static size_t values;

static void walk(json_t *v, uint32_t depth)
{
    const char *key;
    json_t *child;
    size_t i;
    values++;
    MUST(!json_is_real(v) || isfinite(json_real_value(v)));
    if (json_is_string(v))
        MUST(!memchr(json_string_value(v), 0, json_string_length(v)));
    if (!json_is_array(v) && !json_is_object(v))
        return;
    MUST(depth < fuzz_limits.json_depth);
    MUST(json_array_size(v) <= fuzz_limits.array_elements);
    MUST(json_object_size(v) <= JSON_GATE_KEYS);
    json_array_foreach(v, i, child) {
        walk(child, depth + 1);
    }
    json_object_foreach(v, key, child) {
        walk(child, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fail f;
    const json_t *root = document_parse((const char *)data, size, &fuzz_limits,
                                        &f);
    if (root) {
        values = 0;
        walk((json_t *)(uintptr_t)root, 0);
        MUST(values <= fuzz_limits.json_values);
    } else
        fuzz_check_fail(&f);
    document_reset();
    MUST(arena_held() <= ARENA_KEEP);
    return 0;
}
