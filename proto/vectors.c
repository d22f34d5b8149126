/* vectors.c -- see vectors.h. */
#include "proto/vectors.h"

#include <math.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"

enum { USER, ITEM, HEAD, BIAS, VECTOR, COUNT, MEAN, LAYER, UNIT, WEIGHTS,
       LAYERS, NFIELDS };
static const struct field names[NFIELDS] = {
    [USER] = FIELD("user_id"), [ITEM] = FIELD("item_id"),
    [HEAD] = FIELD("head"),    [BIAS] = FIELD("bias"),
    [VECTOR] = FIELD("vector"), [COUNT] = FIELD("count"),
    [MEAN] = FIELD("mean"),    [LAYER] = FIELD("layer"),
    [UNIT] = FIELD("unit"),    [WEIGHTS] = FIELD("weights"),
    [LAYERS] = FIELD("layers")};

/* ---- reading ------------------------------------------------------------ */

static bool take_number(const json_t *v, const char *name, float *out,
                        struct fail *f)
{
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_type, "%s must be a number, not %s",
                        name, document_type(v));
    *out = (float)json_number_value(v);
    return isfinite(*out) || fail_set(f, FAIL_invalid_vector, "%s is too large",
                                      name);
}

static bool take_count(const json_t *v, uint32_t *out, struct fail *f)
{
    if (!v)
        return true;
    if (!json_is_integer(v) || json_integer_value(v) < 0 ||
        json_integer_value(v) > (json_int_t)VECTORS_COUNT_MAX)
        return fail_set(f, FAIL_invalid_vector, "count must be a whole number "
                        "in 0..%u", VECTORS_COUNT_MAX);
    *out = (uint32_t)json_integer_value(v);
    return true;
}

static bool take_head(const json_t *v, bool *ranking, struct fail *f)
{
    const char *s = json_string_value(v);
    if (!v)
        return fail_set(f, FAIL_missing_field, "head is missing: \"rating\" or "
                        "\"ranking\"");
    *ranking = s && strcmp(s, "ranking") == 0;
    return *ranking || (s && strcmp(s, "rating") == 0) ||
           fail_set(f, FAIL_invalid_vector, "head must be \"rating\" or "
                    "\"ranking\"");
}

static bool take_floats(const json_t *v, const char *name, struct vector *out,
                        struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "%s is missing", name);
    if (!json_is_array(v))
        return fail_set(f, FAIL_invalid_type, "%s must be an array, not %s",
                        name, document_type(v));
    size_t n = json_array_size(v);
    float *at = arena_alloc((n + 1) * sizeof *at);
    if (!at)
        return fail_set(f, FAIL_busy, NULL);
    for (size_t i = 0; i < n; i++)
        if (!take_number(json_array_get(v, i), "an element of an array", &at[i],
                         f))
            return false;
    out->at = at;
    out->n = (uint32_t)n;
    return true;
}

static bool take_mean(const json_t *const at[NFIELDS], struct vector *v,
                      struct fail *f)
{
    if (at[USER] || at[ITEM] || at[HEAD] || at[BIAS] || at[VECTOR] ||
        at[UNIT] || at[WEIGHTS] || at[LAYERS])
        return fail_set(f, FAIL_unknown_field, "mean stands alone, or with "
                        "count");
    return take_number(at[MEAN], names[MEAN].name, &v->bias, f);
}

static bool take_row(const json_t *const at[NFIELDS], char scratch[24],
                     struct vector *v, struct fail *f)
{
    int which = at[USER] ? USER : ITEM;
    if (at[UNIT] || at[WEIGHTS] || at[LAYERS])
        return fail_set(f, FAIL_missing_field, "layer is missing");
    if (!at[USER] == !at[ITEM])
        return fail_set(f, at[USER] ? FAIL_unknown_field : FAIL_missing_field,
                        "a vector needs user_id or item_id, one of them");
    return document_id(at[which], names[which].name, scratch,
                       which == USER ? &v->user : &v->item, f) &&
           take_head(at[HEAD], &v->ranking, f) &&
           (!at[BIAS] || take_number(at[BIAS], names[BIAS].name, &v->bias,
                                     f)) &&
           take_floats(at[VECTOR], names[VECTOR].name, v, f);
}

static bool take_place(const json_t *v, const char *name, uint32_t *out,
                       struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "%s is missing", name);
    if (!json_is_integer(v) || json_integer_value(v) < 0 ||
        json_integer_value(v) > UINT16_MAX)
        return fail_set(f, FAIL_invalid_vector, "%s must be a whole number "
                        "from 0", name);
    *out = (uint32_t)json_integer_value(v);
    return true;
}

static bool take_unit(const json_t *const at[NFIELDS], struct vector *v,
                      struct fail *f)
{
    if (at[USER] || at[ITEM] || at[HEAD] || at[VECTOR] || at[COUNT] || at[MEAN])
        return fail_set(f, FAIL_unknown_field, "a layer has unit, weights, "
                        "bias and layers");
    v->is_layer = true;
    return take_place(at[LAYER], names[LAYER].name, &v->layer, f) &&
           take_place(at[UNIT], names[UNIT].name, &v->unit, f) &&
           (!at[BIAS] || take_number(at[BIAS], names[BIAS].name, &v->bias,
                                     f)) &&
           (!at[LAYERS] || take_place(at[LAYERS], names[LAYERS].name,
                                      &v->layers, f)) &&
           take_floats(at[WEIGHTS], names[WEIGHTS].name, v, f);
}

static bool take_object(const json_t *o, vectors_sink sink, void *arg,
                        struct fail *f)
{
    const json_t *at[NFIELDS];
    char scratch[24];
    struct vector v = {.n = 0};
    return fields_take(o, "a vector", names, NFIELDS, at, f) &&
           take_count(at[COUNT], &v.count, f) &&
           (at[LAYER]  ? take_unit(at, &v, f)
            : at[MEAN] ? take_mean(at, &v, f)
                       : take_row(at, scratch, &v, f)) &&
           sink(arg, &v, f);
}

static bool take_array(const json_t *list, vectors_sink sink, void *arg,
                       struct fail *f)
{
    size_t n = json_array_size(list);
    if (n == 0)
        return fail_set(f, FAIL_empty_batch, "the array is empty");
    for (size_t i = 0; i < n; i++) {
        if (take_object(json_array_get(list, i), sink, arg, f))
            continue;
        f->index = (int64_t)i;
        return false;
    }
    return true;
}

/* arena_alloc() serves while a document is there, and document_reset() takes
 * it back. */
bool vectors_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits, vectors_sink sink,
                   void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && (json_is_array(root) ? take_array(root, sink, arg, f)
                                           : take_object(root, sink, arg, f));
    document_reset();
    return ok;
}

bool vectors_parse_line(const char *bytes, size_t n,
                        const struct proto_limits *limits, vectors_sink sink,
                        void *arg, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && take_object(root, sink, arg, f);
    document_reset();
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

static void write_floats(struct buf *out, const struct vector *v)
{
    buf_putc(out, '[');
    for (uint32_t i = 0; i < v->n; i++) {
        if (i)
            buf_putc(out, ',');
        buf_float(out, v->at[i]);
    }
    buf_putc(out, ']');
}

static void write_unit(struct buf *out, const struct vector *v)
{
    buf_printf(out, "{\"layer\":%u,\"unit\":%u,\"bias\":", v->layer, v->unit);
    buf_float(out, v->bias);
    if (v->layers)
        buf_printf(out, ",\"layers\":%u", v->layers);
    buf_puts(out, ",\"weights\":");
    write_floats(out, v);
}

static void write_row(struct buf *out, const struct vector *v)
{
    struct id id = v->user.len ? v->user : v->item;
    buf_puts(out, v->user.len ? "{\"user_id\":" : "{\"item_id\":");
    buf_json_string(out, id.s, id.len);
    buf_puts(out, v->ranking ? ",\"head\":\"ranking\",\"bias\":"
                             : ",\"head\":\"rating\",\"bias\":");
    buf_float(out, v->bias);
    buf_puts(out, ",\"vector\":");
    write_floats(out, v);
}

void vectors_write_line(struct buf *out, const struct vector *v)
{
    if (v->is_layer) {
        write_unit(out, v);
    } else if (v->user.len || v->item.len) {
        write_row(out, v);
    } else {
        buf_puts(out, "{\"mean\":");
        buf_float(out, v->bias);
    }
    if (v->count) {
        buf_puts(out, ",\"count\":");
        buf_uint(out, v->count);
    }
    buf_puts(out, "}\n");
}
