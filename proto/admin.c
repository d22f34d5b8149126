/* admin.c -- see admin.h. */
#include "proto/admin.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/document.h"
#include "proto/fields.h"

#define VALUE_MAX 64

bool admin_rollback_parse(const char *bytes, size_t n,
                          const struct proto_limits *limits, uint64_t *to_seq,
                          struct fail *f)
{
    static const struct field names[] = {FIELD("to_seq")};
    const json_t *at[1];
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && fields_take(root, "the body", names, 1, at, f);
    if (ok && !at[0])
        ok = fail_set(f, FAIL_missing_field, "to_seq is missing: the last "
                      "event that is to count");
    else if (ok && (!json_is_integer(at[0]) || json_integer_value(at[0]) < 0))
        ok = fail_set(f, FAIL_invalid_type, "to_seq must be the seq of an "
                      "event, not %s", document_type(at[0]));
    if (ok)
        *to_seq = (uint64_t)json_integer_value(at[0]);
    document_reset();
    return ok;
}

/* ---- settings ------------------------------------------------------------ */

static bool take(const char *name, const json_t *v, admin_setting set,
                 void *arg, struct fail *f)
{
    char text[VALUE_MAX];
    const char *value = text;
    if (json_is_integer(v))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(v));
    else if (json_is_real(v))
        snprintf(text, sizeof text, "%.17g", json_real_value(v));
    else if (json_is_string(v))
        value = json_string_value(v);
    else
        return fail_set(f, FAIL_invalid_type, "%s must be a number or a word, "
                        "not %s", name, document_type(v));
    return set(arg, name, value, f);
}

bool admin_settings_parse(const char *bytes, size_t n,
                          const struct proto_limits *limits, admin_setting set,
                          void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    json_t *object = (json_t *)(uintptr_t)root; // jansson's loop is not const
    bool ok = root != NULL;
    const char *name;
    json_t *v;
    if (ok && !json_is_object(root))
        ok = fail_set(f, FAIL_invalid_type, "the body must be an object of "
                      "options, not %s", document_type(root));
    else if (ok && json_object_size(root) == 0)
        ok = fail_set(f, FAIL_missing_field, "there is no option in it");
    if (ok) {
        json_object_foreach(object, name, v) {
            ok = take(name, v, set, arg, f);
            if (!ok)
                break;
        }
    }
    document_reset();
    return ok;
}

void admin_settings_begin(struct buf *out)
{
    buf_puts(out, "{\"settings\":{");
}

static void key(struct buf *out, const char *name)
{
    if (out->len && out->p[out->len - 1] != '{')
        buf_putc(out, ',');
    buf_printf(out, "\"%s\":", name);
}

void admin_setting_word(struct buf *out, const char *name, const char *word,
                        size_t n)
{
    key(out, name);
    buf_json_string(out, word, n);
}

void admin_setting_number(struct buf *out, const char *name, double value,
                          bool single)
{
    key(out, name);
    if (single)
        buf_float(out, (float)value);
    else
        buf_double(out, value, 17);
}

void admin_settings_configured(struct buf *out)
{
    buf_puts(out, "},\"configured\":{");
}

void admin_settings_end(struct buf *out, const uint64_t *seq,
                        uint64_t model_seq)
{
    buf_putc(out, '}');
    if (seq)
        buf_printf(out, ",\"seq\":%" PRIu64, *seq);
    buf_printf(out, ",\"model_seq\":%" PRIu64 "}", model_seq);
}

/* ---- the rest ------------------------------------------------------------ */

void admin_rolled_back(struct buf *out, const struct rollback_receipt *r)
{
    buf_printf(out, "{\"rolled_back\":true,\"to_seq\":%" PRIu64 ",\"seq\":%"
               PRIu64 ",\"events\":%" PRIu64 ",\"effective\":\"%s\","
               "\"model_seq\":%" PRIu64 "}", r->to_seq, r->seq, r->events,
               r->live ? "now" : "at the next start", r->model_seq);
}

void admin_paused(struct buf *out, bool paused, uint64_t model_seq)
{
    buf_printf(out, "{\"paused\":%s,\"model_seq\":%" PRIu64 "}",
               paused ? "true" : "false", model_seq);
}
