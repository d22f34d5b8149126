/* ratings.c -- see ratings.h. */
#include "proto/ratings.h"

#include "proto/document.h"
#include "proto/error_body.h"
#include "proto/fields.h"
#include "proto/ratings_scan.h"
#include "proto/values.h"

enum { USER, ITEM, RATING, TIME, EVENT, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("rating"), FIELD("timestamp"),
    FIELD("event_id")};

static bool take_rating(const json_t *v, const struct proto_limits *limits,
                        float *out, struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "rating is missing");
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_rating, "rating must be a number in "
                        "%.9g..%.9g, not %s", (double)limits->rating_min,
                        (double)limits->rating_max, document_type(v));
    return value_rating(json_number_value(v), limits, out, f);
}

static bool take_time(const json_t *v, const struct proto_limits *limits,
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

static bool take_event_id(const json_t *v, char scratch[24], struct id *out,
                          struct fail *f)
{
    *out = (struct id){NULL, 0};
    return !v || document_id(v, names[EVENT].name, scratch, out, f);
}

static bool take_object(const json_t *o, const struct proto_limits *limits,
                        ratings_sink sink, void *arg, struct fail *f)
{
    const json_t *at[NFIELDS];
    char user[24], item[24], event[24];
    struct rating r;
    return fields_take(o, "a rating", names, NFIELDS, at, f) &&
           document_id(at[USER], names[USER].name, user, &r.user, f) &&
           document_id(at[ITEM], names[ITEM].name, item, &r.item, f) &&
           take_rating(at[RATING], limits, &r.value, f) &&
           take_time(at[TIME], limits, &r.time_ms, f) &&
           take_event_id(at[EVENT], event, &r.event_id, f) && sink(arg, &r, f);
}

static bool take_array(const json_t *list, const struct proto_limits *limits,
                       ratings_sink sink, void *arg, struct fail *f)
{
    size_t n = json_array_size(list);
    if (n == 0)
        return fail_set(f, FAIL_empty_batch, "the array is empty");
    for (size_t i = 0; i < n; i++) {
        if (take_object(json_array_get(list, i), limits, sink, arg, f))
            continue;
        f->index = (int64_t)i;
        return false;
    }
    return true;
}

/* The same as take_object(), from where that would have got to. */
static bool take_plain(const struct ratings_plain *p,
                       const struct proto_limits *limits, ratings_sink sink,
                       void *arg, struct fail *f)
{
    struct rating r = {.user = p->user, .item = p->item,
                       .time_ms = TIME_UNSET, .event_id = p->event_id};
    return value_rating(p->rating, limits, &r.value, f) &&
           (!p->has_time || value_time(p->time, limits, &r.time_ms, f)) &&
           sink(arg, &r, f);
}

bool ratings_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, ratings_sink sink,
                   void *arg, struct fail *f)
{
    struct ratings_plain plain;
    return ratings_scan(bytes, n, &plain)
               ? take_plain(&plain, limits, sink, arg, f)
               : ratings_parse_tree(bytes, n, limits, sink, arg, f);
}

bool ratings_parse_tree(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && (json_is_array(root)
                           ? take_array(root, limits, sink, arg, f)
                           : take_object(root, limits, sink, arg, f));
    document_reset();
    return ok;
}

bool ratings_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f)
{
    struct ratings_plain plain;
    if (ratings_scan(bytes, n, &plain))
        return take_plain(&plain, limits, sink, arg, f);
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && take_object(root, limits, sink, arg, f);
    document_reset();
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

void receipt_write(struct buf *out, const struct receipt *r)
{
    buf_puts(out, "{\"accepted\":");
    buf_uint(out, r->accepted);
    buf_puts(out, ",\"duplicates\":");
    buf_uint(out, r->duplicates);
    buf_puts(out, ",\"rejected\":");
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

void ratings_write_time(struct buf *out, int64_t time_ms)
{
    buf_puts(out, ",\"timestamp\":");
    buf_int(out, time_ms / 1000);
    if (time_ms % 1000)
        buf_printf(out, ".%03d", (int)(time_ms % 1000));
}

void ratings_write_line(struct buf *out, const struct rating *r)
{
    buf_puts(out, "{\"user_id\":");
    buf_json_string(out, r->user.s, r->user.len);
    buf_puts(out, ",\"item_id\":");
    buf_json_string(out, r->item.s, r->item.len);
    buf_puts(out, ",\"rating\":");
    buf_float(out, r->value);
    if (r->time_ms != TIME_UNSET)
        ratings_write_time(out, r->time_ms);
    if (r->event_id.len) {
        buf_puts(out, ",\"event_id\":");
        buf_json_string(out, r->event_id.s, r->event_id.len);
    }
    buf_puts(out, "}\n");
}
