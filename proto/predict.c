/* predict.c -- see predict.h. */
#include "proto/predict.h"

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"
#include "proto/predict_scan.h"
#include "proto/values.h"

enum { USER, ITEM, TIME, NPAIR, INSTANCES = NPAIR, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("timestamp"),
    FIELD("instances")};

static bool take_time(const json_t *v, const struct proto_limits *limits,
                      int64_t *out, struct fail *f)
{
    *out = limits->now_ms;
    if (!v)
        return true;
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_timestamp, "timestamp must be a number "
                        "of seconds, not %s", document_type(v));
    return value_time(json_number_value(v), limits, out, f);
}

static bool take_pair(const json_t *const *at,
                      const struct proto_limits *limits,
                      struct predict_pair *out, struct fail *f)
{
    return document_id_keep(at[USER], names[USER].name, &out->user, f) &&
           document_id_keep(at[ITEM], names[ITEM].name, &out->item, f) &&
           take_time(at[TIME], limits, &out->time_ms, f);
}

static bool reserve(struct predict_request *out, size_t n, struct fail *f)
{
    out->n = (uint32_t)n;
    out->pairs = arena_alloc(n * sizeof *out->pairs);
    return out->pairs || fail_set(f, FAIL_busy, NULL);
}

static bool take_batch(const json_t *list, const struct proto_limits *limits,
                       struct predict_request *out, struct fail *f)
{
    if (!json_is_array(list))
        return fail_set(f, FAIL_invalid_type, "instances must be an array, not "
                        "%s", document_type(list));
    size_t n = json_array_size(list);
    if (n == 0)
        return fail_set(f, FAIL_empty_batch, "instances is empty");
    if (!reserve(out, n, f))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *at[NPAIR];
        if (!fields_take(json_array_get(list, i), "an instance", names, NPAIR,
                         at, f) ||
            !take_pair(at, limits, &out->pairs[i], f)) {
            f->index = (int64_t)i;
            return false;
        }
    }
    return true;
}

static bool take_request(const json_t *root, const struct proto_limits *limits,
                         struct predict_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    if (!fields_take(root, "the body", names, NFIELDS, at, f))
        return false;
    out->batch = at[INSTANCES] != NULL;
    if (!out->batch)
        return reserve(out, 1, f) &&
               take_pair(at, limits, &out->pairs[0], f);
    if (at[USER] || at[ITEM] || at[TIME])
        return fail_set(f, FAIL_unknown_field, "%s does not go with instances",
                        names[at[USER] ? USER : at[ITEM] ? ITEM : TIME].name);
    return take_batch(at[INSTANCES], limits, out, f);
}

bool predict_parse_tree(const char *bytes, size_t n,
                        const struct proto_limits *limits,
                        struct predict_request *out, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    if (root && take_request(root, limits, out, f))
        return true;
    document_reset();
    return false;
}

bool predict_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits,
                   struct predict_request *out, struct fail *f)
{
    if (predict_scan(bytes, n, &out->one)) {
        out->batch = false;
        out->n = 1;
        out->pairs = &out->one;
        out->one.time_ms = limits->now_ms;
        return true;
    }
    return predict_parse_tree(bytes, n, limits, out, f);
}

/* ---- writing ------------------------------------------------------------ */

static void put_cold(struct buf *out, unsigned char mask)
{
    static const char *const text[] = {"[]", "[\"user\"]", "[\"item\"]",
                                       "[\"user\",\"item\"]"};
    buf_puts(out, text[mask & 3]);
}

/* {"3":["user"],...} */
static void put_cold_batch(struct buf *out, uint32_t n,
                           const unsigned char *cold)
{
    bool first = true;
    for (uint32_t i = 0; i < n; i++) {
        if (!cold[i])
            continue;
        buf_puts(out, first ? ",\"cold\":{\"" : ",\"");
        buf_uint(out, i);
        buf_puts(out, "\":");
        put_cold(out, cold[i]);
        first = false;
    }
    if (!first)
        buf_putc(out, '}');
}

void predict_write(struct buf *out, bool batch, uint32_t n,
                   const float *ratings, const unsigned char *cold,
                   uint64_t model_seq)
{
    buf_reserve(out, 64 + (size_t)n * 12); // once is mostly enough
    buf_puts(out, batch ? "{\"ratings\":[" : "{\"rating\":");
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_putc(out, ',');
        buf_float(out, ratings[i]);
    }
    buf_puts(out, batch ? "],\"model_seq\":" : ",\"model_seq\":");
    buf_uint(out, model_seq);
    if (batch)
        put_cold_batch(out, n, cold);
    else if (cold[0]) {
        buf_puts(out, ",\"cold\":");
        put_cold(out, cold[0]);
    }
    buf_putc(out, '}');
    document_reset(); // answered
}
