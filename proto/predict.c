/* predict.c -- see predict.h. */
#include "proto/predict.h"

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"
#include "proto/predict_scan.h"

enum { USER, ITEM, TIME, NPAIR, INSTANCES = NPAIR, EXPLAIN, HISTORY, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("timestamp"),
    FIELD("instances"), FIELD("explain"), FIELD("history")};

static bool take_pair(const json_t *const *at,
                      const struct proto_limits *limits,
                      struct predict_pair *out, struct fail *f)
{
    return document_id_keep(at[USER], names[USER].name, &out->user, f) &&
           document_id_keep(at[ITEM], names[ITEM].name, &out->item, f) &&
           document_when(at[TIME], limits, &out->time_ms, f);
}

static bool reserve(struct predict_request *out, size_t n, struct fail *f)
{
    out->n = (uint32_t)n;
    out->pairs = arena_alloc(n * sizeof *out->pairs);
    return out->pairs || fail_set(f, FAIL_busy, NULL);
}

static bool take_single(const json_t *const *at,
                        const struct proto_limits *limits,
                        struct predict_request *out, struct fail *f)
{
    struct predict_pair *pair;
    if (!reserve(out, 1, f))
        return false;
    pair = &out->pairs[0];
    return past_take_user(at[USER], at[HISTORY], &pair->user, f) &&
           past_take(at[HISTORY], limits, &out->past, f) &&
           document_id_keep(at[ITEM], names[ITEM].name, &pair->item, f) &&
           document_when(at[TIME], limits, &pair->time_ms, f);
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
    if (out->explain && n > limits->explain)
        return fail_set(f, FAIL_too_many_elements, "%zu instances are more "
                        "than %u to explain (limits.explain)", n,
                        limits->explain);
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
    out->explain = false;
    out->past = (struct past){.n = 0};
    if (!document_flag(at[EXPLAIN], names[EXPLAIN].name, &out->explain, f))
        return false;
    if (!out->batch)
        return take_single(at, limits, out, f);
    static const int alone[] = {USER, ITEM, TIME, HISTORY};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (at[alone[i]])
            return fail_set(f, FAIL_unknown_field, "%s does not go with "
                            "instances", names[alone[i]].name);
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
        out->batch = out->explain = false;
        out->past = (struct past){.n = 0};
        out->n = 1;
        out->pairs = &out->one;
        out->one.time_ms = limits->now_ms;
        return true;
    }
    return predict_parse_tree(bytes, n, limits, out, f);
}

/* ---- writing ------------------------------------------------------------ */

void predict_put_cold(struct buf *out, unsigned char mask)
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
        predict_put_cold(out, cold[i]);
        first = false;
    }
    if (!first)
        buf_putc(out, '}');
}

static void put_explained(struct buf *out, bool batch,
                          const struct buf *explained)
{
    buf_puts(out, batch ? ",\"explanations\":[" : ",\"explanation\":");
    buf_put(out, explained->p, explained->len);
    out->failed |= explained->failed;
    if (batch)
        buf_putc(out, ']');
}

void predict_write(struct buf *out, const struct predict_request *req,
                   const struct predict_answer *a)
{
    bool batch = req->batch;
    buf_reserve(out, 64 + (size_t)req->n * 12); // once is mostly enough
    buf_puts(out, batch ? "{\"ratings\":[" : "{\"rating\":");
    for (uint32_t i = 0; i < req->n; i++) {
        if (i)
            buf_putc(out, ',');
        buf_float(out, a->ratings[i]);
    }
    if (batch)
        buf_putc(out, ']');
    if (req->explain)
        put_explained(out, batch, a->explained);
    buf_puts(out, ",\"model_seq\":");
    buf_uint(out, a->model_seq);
    if (batch)
        put_cold_batch(out, req->n, a->cold);
    else if (a->cold[0]) {
        buf_puts(out, ",\"cold\":");
        predict_put_cold(out, a->cold[0]);
    }
    buf_putc(out, '}');
    document_reset(); // answered
}
