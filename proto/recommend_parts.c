/* recommend_parts.c -- see recommend_parts.h: histories and boosts. */
#include "proto/recommend_parts.h"

#include <math.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"

/* The array `v` of at most max (0: any number); room for its elements, each of
 * `size` bytes, to *room.  False: *f says why. */
static bool take_array(const json_t *v, const char *name, size_t max,
                       size_t size, void **room, struct fail *f)
{
    size_t n = json_array_size(v);
    if (!json_is_array(v))
        return fail_set(f, FAIL_invalid_type, "%s must be an array, not %s",
                        name, document_type(v));
    if (max && n > max)
        return fail_set(f, FAIL_too_many_elements, "%s has at most %zu "
                        "elements, not %zu", name, max, n);
    *room = arena_alloc((n + 1) * size);
    return *room || fail_set(f, FAIL_busy, NULL);
}

/* The i-th element is to blame. */
static bool blame(struct fail *f, size_t i)
{
    f->index = (int64_t)i;
    return false;
}

bool recommend_take_ids(const json_t *v, const char *name, uint32_t max,
                        struct id_list *out, struct fail *f)
{
    void *room;
    if (!v)
        return true;
    if (!take_array(v, name, max, sizeof(struct id), &room, f))
        return false;
    struct id *id = room;
    size_t n = json_array_size(v);
    for (size_t i = 0; i < n; i++)
        if (!document_id_keep(json_array_get(v, i), name, &id[i], f))
            return blame(f, i);
    *out = (struct id_list){id, (uint32_t)n};
    return true;
}

/* ---- history ------------------------------------------------------------ */

enum { PAST_ITEM, PAST_WEIGHT, NPAST };
static const struct field past_names[NPAST] = {FIELD("item_id"),
                                               FIELD("weight")};

static bool take_weight(const json_t *v, float *out, struct fail *f)
{
    double w = v ? json_number_value(v) : 1;
    if (v && !json_is_number(v))
        return fail_set(f, FAIL_invalid_value, "weight must be a number, not "
                        "%s", document_type(v));
    if (!(fabs(w) <= RECOMMEND_WEIGHT))
        return fail_set(f, FAIL_invalid_value, "weight must be in -%d..%d",
                        RECOMMEND_WEIGHT, RECOMMEND_WEIGHT);
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

bool recommend_take_history(const json_t *v, struct recommend_request *out,
                            struct fail *f)
{
    void *room;
    if (!v)
        return true;
    if (!take_array(v, "history", RECOMMEND_HISTORY,
                    sizeof(struct recommend_past), &room, f))
        return false;
    struct recommend_past *past = room;
    size_t n = json_array_size(v);
    for (size_t i = 0; i < n; i++)
        if (!take_past(json_array_get(v, i), &past[i], f))
            return blame(f, i);
    out->history = past;
    out->nhistory = (uint32_t)n;
    return true;
}

/* ---- boosts ------------------------------------------------------------- */

enum { BOOST_FILTER, BOOST_ITEMS, BOOST_BY, NBOOST };
static const struct field boost_names[NBOOST] = {FIELD("filter"),
                                                 FIELD("items"), FIELD("by")};

static bool take_by(const json_t *v, float *out, struct fail *f)
{
    double by = v ? json_number_value(v) : 0;
    if (!v)
        return fail_set(f, FAIL_missing_field, "by is missing in a boost");
    if (!json_is_number(v) ||
        !(by >= 1.0 / RECOMMEND_BOOST && by <= RECOMMEND_BOOST))
        return fail_set(f, FAIL_invalid_value, "by of a boost must be a number "
                        "in 1/%d..%d", RECOMMEND_BOOST, RECOMMEND_BOOST);
    *out = (float)by;
    return true;
}

static bool take_boost(const json_t *v, struct recommend_factor *out,
                       struct fail *f)
{
    const json_t *at[NBOOST];
    *out = (struct recommend_factor){.by = 1};
    if (!fields_take(v, "a boost", boost_names, NBOOST, at, f))
        return false;
    out->has_filter = at[BOOST_FILTER] != NULL;
    out->has_items = at[BOOST_ITEMS] != NULL;
    if (!out->has_filter && !out->has_items)
        return fail_set(f, FAIL_missing_field, "a boost needs a filter, or "
                        "items");
    return recommend_take_filter(at[BOOST_FILTER], false, &out->filter, f) &&
           recommend_take_ids(at[BOOST_ITEMS], "items", 0, &out->items, f) &&
           take_by(at[BOOST_BY], &out->by, f);
}

bool recommend_take_boosts(const json_t *v, struct recommend_request *out,
                           struct fail *f)
{
    void *room;
    if (!v)
        return true;
    if (!take_array(v, "boosts", RECOMMEND_BOOSTS,
                    sizeof(struct recommend_factor), &room, f))
        return false;
    struct recommend_factor *boost = room;
    size_t n = json_array_size(v);
    for (size_t i = 0; i < n; i++)
        if (!take_boost(json_array_get(v, i), &boost[i], f))
            return blame(f, i);
    out->boost = boost;
    out->nboosts = (uint32_t)n;
    return true;
}
