/* ratings.c -- see ratings.h. */
#include "proto/ratings.h"

#include <math.h>
#include <string.h>

#include "proto/document.h"
#include "proto/error_body.h"
#include "proto/fields.h"

/* 9999-12-31: what is larger in seconds was meant as milliseconds or less. */
#define SECONDS_MAX 253402300799.0

enum { USER, ITEM, RATING, TIME, NFIELDS };
static const char *const names[NFIELDS] = {"user_id", "item_id", "rating",
                                           "timestamp"};

static bool take_rating(const json_t *v, const struct proto_limits *l,
                        float *out, struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "rating is missing");
    // compared in double, before the cast: 1e308 must not become infinity
    double x = json_is_number(v) ? json_number_value(v) : (double)NAN;
    if (!(x >= (double)l->rating_min && x <= (double)l->rating_max))
        return fail_set(f, FAIL_invalid_rating, "rating is a number from %g "
                        "to %g (model.rating_min, model.rating_max)",
                        (double)l->rating_min, (double)l->rating_max);
    *out = (float)x;
    return true;
}

static bool take_time(const json_t *v, const struct proto_limits *l,
                      int64_t *out, struct fail *f)
{
    *out = TIME_UNSET;
    if (!v)
        return true;
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_timestamp, "timestamp is a number of "
                        "seconds since 1970-01-01 UTC");
    double s = json_number_value(v);
    if (s < 0)
        return fail_set(f, FAIL_invalid_timestamp, "timestamp is negative");
    if (s > SECONDS_MAX)
        return fail_set(f, FAIL_invalid_timestamp, "timestamp is in seconds "
                        "since 1970; %.0f looks like milliseconds or less", s);
    int64_t ms = (int64_t)(s * 1000.0 + 0.5);
    if (ms > l->now_ms + l->future_ms)
        return fail_set(f, FAIL_invalid_timestamp, "timestamp is more than "
                        "%lld seconds in the future (limits.future_seconds)",
                        (long long)(l->future_ms / 1000));
    *out = ms;
    return true;
}

static bool take_object(const json_t *o, const struct proto_limits *l,
                        ratings_sink sink, void *arg, struct fail *f)
{
    const json_t *at[NFIELDS];
    char user[24], item[24];
    struct rating r;
    if (!json_is_object(o))
        return fail_set(f, FAIL_invalid_type, "a rating is a JSON object");
    return fields_take(o, names, NFIELDS, at, f) &&
           document_id(at[USER], names[USER], user, &r.user, f) &&
           document_id(at[ITEM], names[ITEM], item, &r.item, f) &&
           take_rating(at[RATING], l, &r.value, f) &&
           take_time(at[TIME], l, &r.time_ms, f) && sink(arg, &r, f);
}

bool ratings_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, ratings_sink sink,
                   void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root != NULL;
    if (root && !json_is_array(root)) {
        ok = take_object(root, limits, sink, arg, f);
    } else if (root) {
        size_t count = json_array_size(root);
        if (count == 0)
            ok = fail_set(f, FAIL_empty_batch, "the array is empty");
        for (size_t i = 0; i < count && ok; i++) {
            ok = take_object(json_array_get(root, i), limits, sink, arg, f);
            if (!ok)
                f->index = (int64_t)i;
        }
    }
    document_reset();
    return ok;
}

bool ratings_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && take_object(root, limits, sink, arg, f);
    document_reset();
    return ok;
}

void receipt_write(struct buf *out, const struct receipt *r)
{
    buf_puts(out, "{\"accepted\":");
    buf_uint(out, r->accepted);
    buf_puts(out, ",\"duplicates\":0,\"rejected\":");
    buf_uint(out, r->rejected);
    buf_puts(out, ",\"errors\":[");
    for (uint32_t i = 0; i < r->nerrors; i++) {
        if (i)
            buf_putc(out, ',');
        error_body_write_inner(out, &r->errors[i]);
    }
    buf_puts(out, "],\"seq\":");
    buf_uint(out, r->seq);
    if (r->has_model_seq) {
        buf_puts(out, ",\"model_seq\":");
        buf_uint(out, r->model_seq);
    }
    buf_putc(out, '}');
}

void ratings_write_line(struct buf *out, const struct rating *r)
{
    buf_puts(out, "{\"user_id\":");
    buf_json_string(out, r->user.s, r->user.len);
    buf_puts(out, ",\"item_id\":");
    buf_json_string(out, r->item.s, r->item.len);
    buf_puts(out, ",\"rating\":");
    buf_float(out, r->value);
    if (r->time_ms != TIME_UNSET) {
        buf_puts(out, ",\"timestamp\":");
        buf_int(out, r->time_ms / 1000);
        if (r->time_ms % 1000)
            buf_printf(out, ".%03d", (int)(r->time_ms % 1000));
    }
    buf_puts(out, "}\n");
}
