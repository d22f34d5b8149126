/* past.c -- see past.h. */
#include "proto/past.h"

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"
#include "proto/values.h"

enum { ITEM, RATING, NFIELDS };
static const struct field names[NFIELDS] = {FIELD("item_id"), FIELD("rating")};

static bool take_one(const json_t *v, const struct proto_limits *limits,
                     struct past_item *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    if (!fields_take(v, "an element of history", names, NFIELDS, at, f) ||
        !document_id_keep(at[ITEM], names[ITEM].name, &out->item, f))
        return false;
    if (!at[RATING])
        return fail_set(f, FAIL_missing_field, "rating is missing");
    if (!json_is_number(at[RATING]))
        return fail_set(f, FAIL_invalid_rating, "rating must be a number in "
                        "%.9g..%.9g, not %s", (double)limits->rating_min,
                        (double)limits->rating_max,
                        document_type(at[RATING]));
    return value_rating(json_number_value(at[RATING]), names[RATING].name,
                        limits, &out->rating, f);
}

bool past_take(const json_t *v, const struct proto_limits *limits,
               struct past *out, struct fail *f)
{
    *out = (struct past){.n = 0};
    if (!v)
        return true;
    if (!json_is_array(v))
        return fail_set(f, FAIL_invalid_type, "history must be an array, not "
                        "%s", document_type(v));
    size_t n = json_array_size(v);
    if (n > limits->history)
        return fail_set(f, FAIL_too_many_elements, "history has %zu elements, "
                        "more than %u (limits.history)", n, limits->history);
    if (n == 0)
        return true;
    out->items = arena_alloc(n * sizeof *out->items);
    if (!out->items)
        return fail_set(f, FAIL_busy, NULL);
    for (size_t i = 0; i < n; i++) {
        if (take_one(json_array_get(v, i), limits, &out->items[i], f))
            continue;
        f->index = (int64_t)i;
        return false;
    }
    out->n = (uint32_t)n;
    return true;
}

bool past_take_user(const json_t *user, const json_t *history, struct id *out,
                    struct fail *f)
{
    *out = (struct id){NULL, 0};
    return (!user && history) || document_id_keep(user, "user_id", out, f);
}
