/* recommend.c -- see recommend.h. */
#include "proto/recommend.h"

#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"

#define OFFSET_MAX 1000000000

enum { USER, N, OFFSET, EXCLUDE_SEEN, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("n"), FIELD("offset"), FIELD("exclude_seen")};

static bool set_n(struct recommend_request *out, int64_t n,
                  const struct proto_limits *limits, struct fail *f)
{
    if (n < 1 || n > (int64_t)limits->top_n)
        return fail_set(f, FAIL_invalid_n, "n must be in 1..%u (limits.top_n)",
                        limits->top_n);
    out->n = (uint32_t)n;
    return true;
}

static bool set_offset(struct recommend_request *out, int64_t offset,
                       struct fail *f)
{
    if (offset < 0 || offset > OFFSET_MAX)
        return fail_set(f, FAIL_invalid_n, "offset must be in 0..%d",
                        OFFSET_MAX);
    out->offset = (uint32_t)offset;
    return true;
}

/* An integer member if it is there; *out keeps its value if not. */
static bool take_whole(const json_t *v, const char *name, int64_t *out,
                       struct fail *f)
{
    if (!v)
        return true;
    if (!json_is_integer(v))
        return fail_set(f, FAIL_invalid_n, "%s must be an integer, not %s",
                        name, document_type(v));
    *out = json_integer_value(v);
    return true;
}

static bool take_request(const json_t *root, const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    int64_t n = RECOMMEND_N < limits->top_n ? RECOMMEND_N : limits->top_n;
    int64_t offset = 0;
    if (!fields_take(root, "the body", names, NFIELDS, at, f) ||
        !document_id_keep(at[USER], names[USER].name, &out->user, f) ||
        !take_whole(at[N], names[N].name, &n, f) ||
        !take_whole(at[OFFSET], names[OFFSET].name, &offset, f) ||
        !set_n(out, n, limits, f) || !set_offset(out, offset, f))
        return false;
    const json_t *seen = at[EXCLUDE_SEEN];
    if (seen && !json_is_boolean(seen))
        return fail_set(f, FAIL_invalid_type, "exclude_seen must be true or "
                        "false, not %s", document_type(seen));
    out->exclude_seen = !seen || json_is_true(seen);
    return true;
}

bool recommend_parse(const char *bytes, size_t n,
                     const struct proto_limits *limits,
                     struct recommend_request *out, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    if (root && take_request(root, limits, out, f))
        return true;
    document_reset();
    return false;
}

/* ---- the short form ----------------------------------------------------- */

/* Decimal digits, perhaps with a minus; more than fit are OFFSET_MAX + 1, which
 * is out of every range. */
static bool whole(const char *s, int64_t *out)
{
    bool minus = *s == '-';
    int64_t v = 0;
    s += minus;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        v = v * 10 + (*s - '0');
        if (v > OFFSET_MAX)
            v = OFFSET_MAX + 1;
    }
    *out = minus ? -v : v;
    return true;
}

static bool query_seen(struct recommend_request *req, const char *value,
                       struct fail *f)
{
    bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0)
        return fail_set(f, FAIL_bad_query, "exclude_seen must be true or "
                        "false");
    req->exclude_seen = yes;
    return true;
}

bool recommend_query(struct recommend_request *req, const char *name,
                     const char *value, const struct proto_limits *limits,
                     struct fail *f)
{
    int64_t v = 0;
    size_t which = N;
    while (which < NFIELDS && strcmp(name, names[which].name) != 0)
        which++;
    if (which == NFIELDS)
        return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not known "
                        "here", name);
    if (which == EXCLUDE_SEEN)
        return query_seen(req, value, f);
    if (!whole(value, &v))
        return fail_set(f, FAIL_invalid_n, "%s must be an integer", name);
    return which == N ? set_n(req, v, limits, f) : set_offset(req, v, f);
}

/* ---- writing ------------------------------------------------------------ */

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
