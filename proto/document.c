/* document.c -- see document.h. */
#include "proto/document.h"

#include <stdio.h>

#include "proto/arena.h"
#include "proto/json_gate.h"
#include "proto/values.h"

void document_setup(void)
{
    arena_setup();
    json_set_alloc_funcs(arena_hook_malloc, arena_hook_free);
    json_object_seed(0); // here, so that no two threads race for it
}

static bool syntax_fail(const json_error_t *e, struct fail *f)
{
    if (json_error_code(e) == json_error_out_of_memory)
        return fail_set(f, FAIL_busy, NULL);
    return fail_set(f, FAIL_invalid_json, "line %d, column %d: %s", e->line,
                    e->column, e->text);
}

const json_t *document_parse(const char *bytes, size_t n,
                             const struct proto_limits *limits,
                             struct fail *f)
{
    json_error_t error = {0};
    document_reset();
    if (n == 0) {
        fail_set(f, FAIL_invalid_json, "there is no JSON in the body");
        return NULL;
    }
    if (!json_gate_check(bytes, n, limits, f))
        return NULL;
    arena_begin();
    json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    arena_end();
    if (!root) {
        syntax_fail(&error, f);
        document_reset();
    }
    return root;
}

static _Thread_local bool held;

void document_reset(void)
{
    if (!held)
        arena_reset();
}

void document_hold(void)
{
    document_reset();
    held = true;
}

void document_let_go(void)
{
    held = false;
    document_reset();
}

const char *document_type(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

bool document_id(const json_t *v, const char *name, char scratch[24],
                 struct id *out, struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "%s is missing", name);
    if (json_is_integer(v)) {
        int n = snprintf(scratch, 24, "%" JSON_INTEGER_FORMAT,
                         json_integer_value(v));
        *out = (struct id){scratch, (uint32_t)n};
        return true;
    }
    if (!json_is_string(v))
        return fail_set(f, FAIL_invalid_type, "%s must be a string or an "
                        "integer, not %s", name, document_type(v));
    return value_id(json_string_value(v), json_string_length(v), name, out, f);
}

bool document_id_keep(const json_t *v, const char *name, struct id *out,
                      struct fail *f)
{
    char *scratch = NULL;
    if (json_is_integer(v)) {
        scratch = arena_alloc(24);
        if (!scratch)
            return fail_set(f, FAIL_busy, NULL);
    }
    return document_id(v, name, scratch, out, f);
}

bool document_time(const json_t *v, const struct proto_limits *limits,
                   int64_t *out, struct fail *f)
{
    *out = TIME_UNSET;
    if (!v)
        return true;
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_timestamp, "timestamp must be a number "
                        "of seconds since 1970, not %s", document_type(v));
    return value_time(json_number_value(v), limits, out, f);
}

bool document_when(const json_t *v, const struct proto_limits *limits,
                   int64_t *out, struct fail *f)
{
    if (!document_time(v, limits, out, f))
        return false;
    if (*out == TIME_UNSET)
        *out = limits->now_ms;
    return true;
}

bool document_flag(const json_t *v, const char *name, bool *out,
                   struct fail *f)
{
    if (v && !json_is_boolean(v))
        return fail_set(f, FAIL_invalid_type, "%s must be true or false, not "
                        "%s", name, document_type(v));
    if (v)
        *out = json_is_true(v);
    return true;
}

bool document_event_id(const json_t *v, char scratch[24], struct id *out,
                       struct fail *f)
{
    *out = (struct id){NULL, 0};
    return !v || document_id(v, "event_id", scratch, out, f);
}

/* ---- one thing or many --------------------------------------------------- */

static bool take_array(const json_t *list, document_take take, void *arg,
                       struct fail *f)
{
    size_t n = json_array_size(list);
    if (n == 0)
        return fail_set(f, FAIL_empty_batch, "the array is empty");
    for (size_t i = 0; i < n; i++) {
        if (take(arg, json_array_get(list, i), f))
            continue;
        f->index = (int64_t)i;
        return false;
    }
    return true;
}

bool document_each(const char *bytes, size_t n,
                   const struct proto_limits *limits, document_take take,
                   void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && (json_is_array(root) ? take_array(root, take, arg, f)
                                           : take(arg, root, f));
    document_reset();
    return ok;
}

bool document_one(const char *bytes, size_t n,
                  const struct proto_limits *limits, document_take take,
                  void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && take(arg, root, f);
    document_reset();
    return ok;
}
