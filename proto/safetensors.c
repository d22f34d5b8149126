/* safetensors.c -- see safetensors.h. */
#include "proto/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/json_gate.h"

_Static_assert(SAFETENSORS_NAMES_MAX == JSON_GATE_KEYS,
               "the gate bounds the names of an object");

#define NOTES "__metadata__"

static const struct {
    const char *name;
    uint64_t bytes;
} types[TENSOR_TYPES] = {
    [TENSOR_U8] = {"U8", 1},   [TENSOR_I32] = {"I32", 4},
    [TENSOR_I64] = {"I64", 8}, [TENSOR_F32] = {"F32", 4},
    [TENSOR_F64] = {"F64", 8}, [TENSOR_F16] = {"F16", 2},
    [TENSOR_BF16] = {"BF16", 2},
};

enum { DTYPE, SHAPE, OFFSETS, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("dtype"), FIELD("shape"), FIELD("data_offsets")};

/* ---- reading ------------------------------------------------------------ */

/* Text of n bytes into an array of `room`, with its end.  It has no NUL in it:
 * jansson takes none, in keys or in strings. */
static bool take_text(const char *s, size_t n, char *out, size_t room,
                      const char *what, struct fail *f)
{
    if (n >= room)
        return fail_set(f, FAIL_invalid_json, "%s is longer than %zu bytes",
                        what, room - 1);
    memcpy(out, s, n);
    out[n] = '\0';
    return true;
}

/* Is it a note that there is room for? */
static bool fits(const struct safetensors *out, const char *key,
                 const json_t *v)
{
    return out->nnotes < out->max_notes && json_is_string(v) &&
           strlen(key) < TENSOR_NAME_MAX &&
           json_string_length(v) < TENSOR_NOTE_MAX;
}

static bool take_notes(struct safetensors *out, const json_t *o, struct fail *f)
{
    const char *key = NULL;
    json_t *v = NULL;
    if (!json_is_object(o))
        return fail_set(f, FAIL_invalid_json, NOTES " must be a JSON object, "
                        "not %s", document_type(o));
    json_object_foreach ((json_t *)(uintptr_t)o, key, v) {
        if (out->lax_notes && !fits(out, key, v))
            continue;
        if (out->nnotes == out->max_notes)
            return fail_set(f, FAIL_invalid_json, NOTES " has more than %zu "
                            "members", out->max_notes);
        struct tensor_note *note = &out->notes[out->nnotes++];
        if (!json_is_string(v))
            return fail_set(f, FAIL_invalid_json, "%s in " NOTES " must be a "
                            "string, not %s", key, document_type(v));
        if (!take_text(key, strlen(key), note->name, sizeof note->name,
                       "a name in " NOTES, f) ||
            !take_text(json_string_value(v), json_string_length(v), note->text,
                       sizeof note->text, "a text in " NOTES, f))
            return false;
    }
    return true;
}

static bool take_type(const json_t *v, enum tensor_type *out, struct fail *f)
{
    if (!json_is_string(v))
        return fail_set(f, FAIL_invalid_json, "dtype must be a string, not %s",
                        document_type(v));
    for (int i = 0; i < TENSOR_TYPES; i++) {
        if (strcmp(json_string_value(v), types[i].name) != 0)
            continue;
        *out = (enum tensor_type)i;
        return true;
    }
    return fail_set(f, FAIL_invalid_json, "the dtype \"%s\" is not known here",
                    json_string_value(v));
}

/* An array of at most `max` sizes. */
static bool take_sizes(const json_t *v, const char *what, size_t max,
                       uint64_t *out, size_t *n, struct fail *f)
{
    if (!json_is_array(v))
        return fail_set(f, FAIL_invalid_json, "%s must be an array, not %s",
                        what, document_type(v));
    *n = json_array_size(v);
    if (*n > max)
        return fail_set(f, FAIL_invalid_json, "%s has more than %zu numbers",
                        what, max);
    for (size_t i = 0; i < *n; i++) {
        const json_t *size = json_array_get(v, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return fail_set(f, FAIL_invalid_json, "%s must hold whole numbers "
                            "from 0", what);
        out[i] = (uint64_t)json_integer_value(size);
    }
    return true;
}

/* Do the offsets enclose as many bytes as the shape needs? */
static bool check_size(const struct tensor *t, struct fail *f)
{
    uint64_t bytes = types[t->type].bytes;
    for (uint32_t i = 0; i < t->ndim; i++)
        if (__builtin_mul_overflow(bytes, t->shape[i], &bytes))
            return fail_set(f, FAIL_invalid_json, "its shape needs more than "
                            "2^64 bytes");
    if (t->begin > t->end)
        return fail_set(f, FAIL_invalid_json, "it ends before it begins");
    if (t->end - t->begin != bytes)
        return fail_set(f, FAIL_invalid_json, "its shape needs %llu bytes, its "
                        "offsets enclose %llu", (unsigned long long)bytes,
                        (unsigned long long)(t->end - t->begin));
    return true;
}

static bool take_members(const json_t *v, struct tensor *t, struct fail *f)
{
    const json_t *at[NFIELDS];
    uint64_t offsets[2];
    size_t ndim = 0, n = 0;
    if (!fields_take(v, "it", names, NFIELDS, at, f))
        return false;
    for (int i = 0; i < NFIELDS; i++)
        if (!at[i])
            return fail_set(f, FAIL_invalid_json, "%s is missing",
                            names[i].name);
    if (!take_type(at[DTYPE], &t->type, f) ||
        !take_sizes(at[SHAPE], "shape", TENSOR_DIMS_MAX, t->shape, &ndim, f) ||
        !take_sizes(at[OFFSETS], "data_offsets", 2, offsets, &n, f))
        return false;
    if (n != 2)
        return fail_set(f, FAIL_invalid_json, "data_offsets needs two numbers");
    t->ndim = (uint32_t)ndim;
    t->begin = offsets[0];
    t->end = offsets[1];
    return check_size(t, f);
}

static bool take_tensor(struct safetensors *out, const char *key,
                        const json_t *v, struct fail *f)
{
    struct fail why;
    if (out->ntensors == out->max_tensors)
        return fail_set(f, FAIL_invalid_json, "there are more than %zu tensors",
                        out->max_tensors);
    struct tensor *t = &out->tensors[out->ntensors++];
    *t = (struct tensor){.ndim = 0};
    if (!take_text(key, strlen(key), t->name, sizeof t->name,
                   "the name of a tensor", f))
        return false;
    if (take_members(v, t, &why))
        return true;
    return fail_set(f, FAIL_invalid_json, "tensor \"%s\": %s", t->name,
                    why.message);
}

/* Empty ones stand before the one that begins in the same place; no two are
 * equal, so the order does not depend on the sort. */
static int by_place(const void *a, const void *b)
{
    const struct tensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool check_cover(const struct safetensors *out, uint64_t data_bytes,
                        struct fail *f)
{
    uint64_t at = 0;
    for (size_t i = 0; i < out->ntensors; i++) {
        const struct tensor *t = &out->tensors[i];
        if (t->begin != at)
            return fail_set(f, FAIL_invalid_json, "tensor \"%s\" begins at "
                            "%llu, %s %llu, where the one before it ends",
                            t->name, (unsigned long long)t->begin,
                            t->begin < at ? "before" : "behind",
                            (unsigned long long)at);
        at = t->end;
    }
    if (at != data_bytes)
        return fail_set(f, FAIL_invalid_json, "the tensors end at %llu, the "
                        "data at %llu", (unsigned long long)at,
                        (unsigned long long)data_bytes);
    return true;
}

static bool take_header(struct safetensors *out, const json_t *root,
                        uint64_t data_bytes, struct fail *f)
{
    const char *key = NULL;
    json_t *v = NULL;
    if (!json_is_object(root))
        return fail_set(f, FAIL_invalid_json, "the header must be a JSON "
                        "object, not %s", document_type(root));
    json_object_foreach ((json_t *)(uintptr_t)root, key, v) {
        if (!(strcmp(key, NOTES) == 0 ? take_notes(out, v, f)
                                      : take_tensor(out, key, v, f)))
            return false;
    }
    if (out->ntensors)
        qsort(out->tensors, out->ntensors, sizeof *out->tensors, by_place);
    return check_cover(out, data_bytes, f);
}

/* The document, or NULL with a message that fits a file. */
static const json_t *parse_document(const char *bytes, size_t n,
                                    struct fail *f)
{
    /* More than any header that is taken can have. */
    static const struct proto_limits limits = {
        .json_depth = 3, .array_elements = 2 * TENSOR_DIMS_MAX,
        .json_values = 16 * SAFETENSORS_NAMES_MAX};
    if (n == 0 || n > SAFETENSORS_HEADER_MAX) {
        fail_set(f, FAIL_invalid_json, "the header has %zu bytes, not 1..%d", n,
                 SAFETENSORS_HEADER_MAX);
        return NULL;
    }
    const json_t *root = document_parse(bytes, n, &limits, f);
    if (!root && f->code != FAIL_invalid_json && f->code != FAIL_busy)
        fail_set(f, FAIL_invalid_json, "the header is nested deeper, or has "
                 "longer arrays or more names, than one of tensors has");
    return root;
}

bool safetensors_parse(const char *bytes, size_t n, uint64_t data_bytes,
                       struct safetensors *out, struct fail *f)
{
    out->nnotes = out->ntensors = 0;
    const json_t *root = parse_document(bytes, n, f);
    bool ok = root && take_header(out, root, data_bytes, f);
    document_reset();
    if (!ok)
        out->nnotes = out->ntensors = 0;
    return ok;
}

/* ---- writing ------------------------------------------------------------ */

static void write_notes(struct buf *out, const struct tensor_note *notes,
                        size_t n)
{
    buf_puts(out, "\"" NOTES "\":{");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(out, ',');
        buf_json_string(out, notes[i].name, strlen(notes[i].name));
        buf_putc(out, ':');
        buf_json_string(out, notes[i].text, strlen(notes[i].text));
    }
    buf_putc(out, '}');
}

static void write_tensor(struct buf *out, const struct tensor *t)
{
    buf_json_string(out, t->name, strlen(t->name));
    buf_puts(out, ":{\"dtype\":\"");
    buf_puts(out, types[t->type].name);
    buf_puts(out, "\",\"shape\":[");
    for (uint32_t i = 0; i < t->ndim; i++) {
        if (i)
            buf_putc(out, ',');
        buf_uint(out, t->shape[i]);
    }
    buf_puts(out, "],\"data_offsets\":[");
    buf_uint(out, t->begin);
    buf_putc(out, ',');
    buf_uint(out, t->end);
    buf_puts(out, "]}");
}

void safetensors_write(struct buf *out, const struct tensor_note *notes,
                       size_t nnotes, const struct tensor *tensors,
                       size_t ntensors)
{
    size_t start = out->len;
    buf_putc(out, '{');
    if (nnotes)
        write_notes(out, notes, nnotes);
    for (size_t i = 0; i < ntensors; i++) {
        if (i || nnotes)
            buf_putc(out, ',');
        write_tensor(out, &tensors[i]);
    }
    buf_putc(out, '}');
    while ((out->len - start) % 8 && !out->failed)
        buf_putc(out, ' ');
}
