/* document.c -- see document.h. */
#include "proto/document.h"

#include <stdio.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/id.h"
#include "proto/json_gate.h"

void document_setup(void)
{
    json_set_alloc_funcs(arena_malloc, arena_free);
    json_object_seed(0); // from the kernel; before any thread parses
}

void document_reset(void)
{
    arena_reset();
}

const json_t *document_parse(const char *bytes, size_t n,
                             const struct proto_limits *limits,
                             struct fail *f)
{
    json_error_t e;
    if (!json_gate(bytes, n, limits, f))
        return NULL;
    arena_begin();
    const json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &e);
    arena_end();
    if (!root) {
        if (json_error_code(&e) == json_error_out_of_memory)
            fail_set(f, FAIL_busy, NULL);
        else
            fail_set(f, FAIL_invalid_json, "line %d, column %d: %s", e.line,
                     e.column, e.text);
    }
    return root;
}

bool document_id(const json_t *v, const char *name, char scratch[24],
                 struct id *out, struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "%s is missing", name);
    if (json_is_integer(v)) {
        int len = snprintf(scratch, 24, "%" JSON_INTEGER_FORMAT,
                           json_integer_value(v));
        *out = (struct id){scratch, (uint32_t)len};
        return true;
    }
    if (!json_is_string(v))
        return fail_set(f, FAIL_invalid_type, "%s is a string or an integer",
                        name);
    size_t n = json_string_length(v);
    if (!id_valid(json_string_value(v), n))
        return fail_set(f, FAIL_invalid_id, "%s is 1..%d bytes of UTF-8 "
                        "without control characters", name, ID_BYTES_MAX);
    *out = (struct id){json_string_value(v), (uint32_t)n};
    return true;
}
