/* recommend.c -- see recommend.h. */
#include "proto/recommend.h"

#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"

#define OFFSET_MAX 1000000000

enum { USER, N, OFFSET, EXCLUDE_SEEN, NFIELDS };
static const char *const names[NFIELDS] = {"user_id", "n", "offset",
                                           "exclude_seen"};

static bool set_n(struct recommend_request *out, int64_t n,
                  const struct proto_limits *l, struct fail *f)
{
    if (n < 1 || n > (int64_t)l->top_n)
        return fail_set(f, FAIL_invalid_n, "n is from 1 to %u (limits.top_n)",
                        l->top_n);
    out->n = (uint32_t)n;
    return true;
}

static bool set_offset(struct recommend_request *out, int64_t offset,
                       struct fail *f)
{
    if (offset < 0 || offset > OFFSET_MAX)
        return fail_set(f, FAIL_invalid_n, "offset is from 0 to %d",
                        OFFSET_MAX);
    out->offset = (uint32_t)offset;
    return true;
}

static bool take_options(const json_t *const *at,
                         const struct proto_limits *l,
                         struct recommend_request *out, struct fail *f)
{
    if (at[N] && !json_is_integer(at[N]))
        return fail_set(f, FAIL_invalid_n, "n is a whole number");
    if (at[N] && !set_n(out, json_integer_value(at[N]), l, f))
        return false;
    if (at[OFFSET] && !json_is_integer(at[OFFSET]))
        return fail_set(f, FAIL_invalid_n, "offset is a whole number");
    if (at[OFFSET] && !set_offset(out, json_integer_value(at[OFFSET]), f))
        return false;
    if (at[EXCLUDE_SEEN] && !json_is_boolean(at[EXCLUDE_SEEN]))
        return fail_set(f, FAIL_invalid_type, "exclude_seen is true or false");
    if (at[EXCLUDE_SEEN])
        out->exclude_seen = json_is_true(at[EXCLUDE_SEEN]);
    return true;
}

bool recommend_parse(const char *bytes, size_t n,
                     const struct proto_limits *limits,
                     struct recommend_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    *out = (struct recommend_request){
        .n = RECOMMEND_N < limits->top_n ? RECOMMEND_N : limits->top_n,
        .exclude_seen = true};
    const json_t *root = document_parse(bytes, n, limits, f);
    if (!root)
        return false;
    if (!json_is_object(root))
        return fail_set(f, FAIL_invalid_type,
                        "the body is a JSON object with user_id");
    if (!fields_take(root, names, NFIELDS, at, f))
        return false;
    char *scratch = arena_take(24);
    if (!scratch)
        return fail_set(f, FAIL_busy, NULL);
    return document_id(at[USER], names[USER], scratch, &out->user, f) &&
           take_options(at, limits, out, f);
}

/* Digits only; false for anything else or more than fits. */
static bool whole(const char *s, int64_t *out)
{
    int64_t v = 0;
    bool minus = *s == '-';
    s += minus;
    if (!*s || strlen(s) > 15)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        v = v * 10 + (*s - '0');
    }
    *out = minus ? -v : v;
    return true;
}

bool recommend_query(struct recommend_request *req, const char *name,
                     const char *value, const struct proto_limits *limits,
                     struct fail *f)
{
    int64_t v;
    if (strcmp(name, names[EXCLUDE_SEEN]) == 0) {
        req->exclude_seen = strcmp(value, "true") == 0;
        return req->exclude_seen || strcmp(value, "false") == 0 ||
               fail_set(f, FAIL_bad_query, "exclude_seen is true or false");
    }
    bool is_n = strcmp(name, names[N]) == 0;
    if (!is_n && strcmp(name, names[OFFSET]) != 0)
        return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not known "
                        "here", name);
    if (!whole(value, &v))
        return fail_set(f, FAIL_invalid_n, "%s is a whole number", name);
    return is_n ? set_n(req, v, limits, f) : set_offset(req, v, f);
}

void recommend_begin(struct buf *out)
{
    buf_puts(out, "{\"items\":[");
}

void recommend_item(struct buf *out, bool first, struct id item, float score)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"score\":");
    buf_float(out, score);
    buf_putc(out, '}');
}

void recommend_end(struct buf *out, uint64_t model_seq, bool cold_user)
{
    buf_puts(out, "],\"model_seq\":");
    buf_uint(out, model_seq);
    if (cold_user)
        buf_puts(out, ",\"cold\":[\"user\"]");
    buf_putc(out, '}');
}
