/* ratings.c -- see ratings.h. */
#include "proto/ratings.h"

#include "proto/document.h"
#include "proto/error_body.h"
#include "proto/fields.h"
#include "proto/ratings_scan.h"
#include "proto/values.h"

enum { USER, ITEM, RATING, TIME, EVENT, TEACHER, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("rating"), FIELD("timestamp"),
    FIELD("event_id"), FIELD("teacher_rating")};

static bool take_rating(const json_t *v, const char *name,
                        const struct proto_limits *limits, float *out,
                        struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "%s is missing", name);
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_rating, "%s must be a number in "
                        "%.9g..%.9g, not %s", name, (double)limits->rating_min,
                        (double)limits->rating_max, document_type(v));
    return value_rating(json_number_value(v), name, limits, out, f);
}

/* One rating for whoever asked. */
struct taking {
    const struct proto_limits *limits;
    ratings_sink sink;
    void *arg;
};

static bool take_object(void *arg, const json_t *o, struct fail *f)
{
    const struct taking *t = arg;
    const json_t *at[NFIELDS];
    char user[24], item[24], event[24];
    struct rating r = {.value = 0};
    if (!fields_take(o, "a rating", names, NFIELDS, at, f))
        return false;
    r.unrated = !at[RATING] && at[TEACHER];
    if (!document_id(at[USER], names[USER].name, user, &r.user, f) ||
        !document_id(at[ITEM], names[ITEM].name, item, &r.item, f) ||
        (!r.unrated && !take_rating(at[RATING], names[RATING].name, t->limits,
                                    &r.value, f)) ||
        !document_time(at[TIME], t->limits, &r.time_ms, f) ||
        !document_event_id(at[EVENT], event, &r.event_id, f))
        return false;
    r.has_teacher = at[TEACHER] != NULL;
    return (!r.has_teacher || take_rating(at[TEACHER], names[TEACHER].name,
                                          t->limits, &r.teacher, f)) &&
           t->sink(t->arg, &r, f);
}

/* The same as take_object(), from where that would have got to. */
static bool take_plain(const struct ratings_plain *p, const struct taking *t,
                       struct fail *f)
{
    struct rating r = {.user = p->user, .item = p->item,
                       .time_ms = TIME_UNSET, .event_id = p->event_id,
                       .has_teacher = p->has_teacher};
    return value_rating(p->rating, names[RATING].name, t->limits, &r.value,
                        f) &&
           (!p->has_time || value_time(p->time, t->limits, &r.time_ms, f)) &&
           (!p->has_teacher || value_rating(p->teacher, names[TEACHER].name,
                                            t->limits, &r.teacher, f)) &&
           t->sink(t->arg, &r, f);
}

bool ratings_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, ratings_sink sink,
                   void *arg, struct fail *f)
{
    struct taking t = {limits, sink, arg};
    struct ratings_plain plain;
    return ratings_scan(bytes, n, &plain)
               ? take_plain(&plain, &t, f)
               : document_each(bytes, n, limits, take_object, &t, f);
}

bool ratings_parse_tree(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f)
{
    struct taking t = {limits, sink, arg};
    return document_each(bytes, n, limits, take_object, &t, f);
}

bool ratings_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, ratings_sink sink,
                        void *arg, struct fail *f)
{
    struct taking t = {limits, sink, arg};
    struct ratings_plain plain;
    return ratings_scan(bytes, n, &plain)
               ? take_plain(&plain, &t, f)
               : document_one(bytes, n, limits, take_object, &t, f);
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
    if (!r->unrated) {
        buf_puts(out, ",\"rating\":");
        buf_float(out, r->value);
    }
    if (r->time_ms != TIME_UNSET)
        ratings_write_time(out, r->time_ms);
    if (r->event_id.len) {
        buf_puts(out, ",\"event_id\":");
        buf_json_string(out, r->event_id.s, r->event_id.len);
    }
    if (r->has_teacher) {
        buf_puts(out, ",\"teacher_rating\":");
        buf_float(out, r->teacher);
    }
    buf_puts(out, "}\n");
}
