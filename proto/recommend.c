/* recommend.c -- see recommend.h. */
#include "proto/recommend.h"

#include <math.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"

#define OFFSET_MAX 1000000000

enum { USER, HISTORY, N, OFFSET, EXCLUDE_SEEN, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("history"), FIELD("n"), FIELD("offset"),
    FIELD("exclude_seen")};

enum { PAST_ITEM, PAST_WEIGHT, NPAST };
static const struct field past_names[NPAST] = {FIELD("item_id"),
                                               FIELD("weight")};

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

static bool take_weight(const json_t *v, float *out, struct fail *f)
{
    double w = v ? json_number_value(v) : 1;
    if (v && !json_is_number(v))
        return fail_set(f, FAIL_invalid_value, "weight must be a number, not "
                        "%s", document_type(v));
    if (!(fabs(w) <= RECOMMEND_WEIGHT_MAX))
        return fail_set(f, FAIL_invalid_value, "weight must be in -%d..%d",
                        RECOMMEND_WEIGHT_MAX, RECOMMEND_WEIGHT_MAX);
    *out = (float)w;
    return true;
}

static bool take_past(const json_t *v, struct recommend_past *out,
                      struct fail *f)
{
    const json_t *at[NPAST];
    if (!json_is_object(v)) {
        out->weight = 1;
        return document_id_keep(v, "an item of history", &out->item, f);
    }
    return fields_take(v, "an item of history", past_names, NPAST, at, f) &&
           document_id_keep(at[PAST_ITEM], "item_id", &out->item, f) &&
           take_weight(at[PAST_WEIGHT], &out->weight, f);
}

static bool take_history(const json_t *list, struct recommend_request *out,
                         struct fail *f)
{
    size_t n = json_array_size(list);
    if (!json_is_array(list))
        return fail_set(f, FAIL_invalid_type, "history must be an array, not "
                        "%s", document_type(list));
    if (n > RECOMMEND_HISTORY_MAX)
        return fail_set(f, FAIL_too_many_elements, "a history has at most %d "
                        "items", RECOMMEND_HISTORY_MAX);
    struct recommend_past *past = arena_alloc((n + 1) * sizeof *past);
    if (!past)
        return fail_set(f, FAIL_busy, NULL);
    for (size_t i = 0; i < n; i++) {
        if (take_past(json_array_get(list, i), &past[i], f))
            continue;
        f->index = (int64_t)i;
        return false;
    }
    out->history = past;
    out->nhistory = (uint32_t)n;
    return true;
}

/* Who is asking: a name, a history, or both. */
static bool take_who(const json_t *user, const json_t *history,
                     struct recommend_request *out, struct fail *f)
{
    if (!user && !history)
        return fail_set(f, FAIL_missing_field, "user_id is missing (or "
                        "history, for somebody without a name)");
    return (!user || document_id_keep(user, "user_id", &out->user, f)) &&
           (!history || take_history(history, out, f));
}

static bool take_request(const json_t *root, const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    int64_t n = RECOMMEND_N < limits->top_n ? RECOMMEND_N : limits->top_n;
    int64_t offset = 0;
    *out = (struct recommend_request){.n = 0};
    if (!fields_take(root, "the body", names, NFIELDS, at, f) ||
        !take_who(at[USER], at[HISTORY], out, f) ||
        !take_whole(at[N], names[N].name, &n, f) ||
        !take_whole(at[OFFSET], names[OFFSET].name, &offset, f) ||
        !set_n(out, n, limits, f) || !set_offset(out, offset, f))
        return false;
    out->exclude_seen = true;
    return document_flag(at[EXCLUDE_SEEN], names[EXCLUDE_SEEN].name,
                         &out->exclude_seen, f);
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
    size_t which = N; // those before it are no parameters
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

void recommend_item_begin(struct buf *out, bool first, struct id item,
                          float score)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"score\":");
    buf_float(out, score);
}

void recommend_item_end(struct buf *out)
{
    buf_putc(out, '}');
}

void recommend_end(struct buf *out, const char *by, uint64_t model_seq,
                   bool cold_user)
{
    buf_puts(out, "],\"by\":\"");
    buf_puts(out, by);
    buf_puts(out, "\",\"model_seq\":");
    buf_uint(out, model_seq);
    if (cold_user)
        buf_puts(out, ",\"cold\":[\"user\"]");
    buf_putc(out, '}');
}
