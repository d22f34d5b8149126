/* predict.c -- see predict.h. */
#include "proto/predict.h"

#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"

#define SCRATCH 24   /* an integer id as its decimal string */

enum { USER, ITEM, NPAIR, INSTANCES = NPAIR, NFIELDS };
static const char *const names[NFIELDS] = {"user_id", "item_id", "instances"};

/* `scratch` has room for both ids when they are integers. */
static bool take_pair(const json_t *const *at, char *scratch,
                      struct predict_pair *out, struct fail *f)
{
    return document_id(at[USER], names[USER], scratch, &out->user, f) &&
           document_id(at[ITEM], names[ITEM], scratch + SCRATCH, &out->item,
                       f);
}

static bool reserve(struct predict_request *out, size_t n, char **scratch,
                    struct fail *f)
{
    out->n = (uint32_t)n;
    out->pairs = arena_take(n * sizeof *out->pairs);
    *scratch = arena_take(n * 2 * SCRATCH);
    return (out->pairs && *scratch) || fail_set(f, FAIL_busy, NULL);
}

static bool take_batch(const json_t *list, struct predict_request *out,
                       struct fail *f)
{
    char *scratch;
    if (!json_is_array(list))
        return fail_set(f, FAIL_invalid_type, "instances is an array");
    size_t n = json_array_size(list);
    if (n == 0)
        return fail_set(f, FAIL_empty_batch, "instances is empty");
    if (!reserve(out, n, &scratch, f))
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i), *at[NPAIR];
        bool ok = json_is_object(o)
                      ? fields_take(o, names, NPAIR, at, f) &&
                            take_pair(at, scratch + i * 2 * SCRATCH,
                                      &out->pairs[i], f)
                      : fail_set(f, FAIL_invalid_type,
                                 "an instance is a JSON object");
        if (!ok) {
            f->index = (int64_t)i;
            return false;
        }
    }
    return true;
}

bool predict_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits,
                   struct predict_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    char *scratch;
    const json_t *root = document_parse(bytes, n, limits, f);
    if (!root)
        return false;
    if (!json_is_object(root))
        return fail_set(f, FAIL_invalid_type, "the body is a JSON object with "
                        "user_id and item_id, or with instances");
    if (!fields_take(root, names, NFIELDS, at, f))
        return false;
    out->batch = at[INSTANCES] != NULL;
    if (out->batch && (at[USER] || at[ITEM]))
        return fail_set(f, FAIL_unknown_field, "either instances, or user_id "
                        "and item_id");
    if (out->batch)
        return take_batch(at[INSTANCES], out, f);
    return reserve(out, 1, &scratch, f) &&
           take_pair(at, scratch, &out->pairs[0], f);
}

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
}
