/* recommend_filter.c -- recommend_parts.h: filters. */
#include <math.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/fields.h"
#include "proto/recommend_parts.h"
#include "proto/values.h"

enum { CATEGORIES, TAGS, NUMBERS, TIME, NFILTER };
static const struct field filter_names[NFILTER] = {
    FIELD("categories"), FIELD("tags"), FIELD("numbers"),
    FIELD("available_at")};

enum { ANY, ALL, NONE, NLABELS };
static const struct field label_names[NLABELS] = {FIELD("any"), FIELD("all"),
                                                  FIELD("none")};

enum { MIN, MAX, NRANGE };
static const struct field range_names[NRANGE] = {FIELD("min"), FIELD("max")};

/* An array is short for {"any":[...]}. */
static bool take_labels(const json_t *v, const char *name,
                        struct filter_labels *out, struct fail *f)
{
    const json_t *at[NLABELS];
    if (!v)
        return true;
    if (json_is_array(v))
        return recommend_take_ids(v, name, FILTER_LABELS_MAX, &out->any, f);
    return fields_take(v, name, label_names, NLABELS, at, f) &&
           recommend_take_ids(at[ANY], "any", FILTER_LABELS_MAX, &out->any,
                              f) &&
           recommend_take_ids(at[ALL], "all", FILTER_LABELS_MAX, &out->all,
                              f) &&
           recommend_take_ids(at[NONE], "none", FILTER_LABELS_MAX, &out->none,
                              f);
}

static bool take_end(const json_t *v, const char *name, double *out,
                     struct fail *f)
{
    if (!v)
        return true;
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_type, "%s must be a number, not %s",
                        name, document_type(v));
    *out = json_number_value(v);
    return true;
}

static bool take_range(const json_t *v, struct filter_range *out,
                       struct fail *f)
{
    const json_t *at[NRANGE];
    out->min = -(double)INFINITY;
    out->max = (double)INFINITY;
    return fields_take(v, "a range of numbers", range_names, NRANGE, at, f) &&
           take_end(at[MIN], "min", &out->min, f) &&
           take_end(at[MAX], "max", &out->max, f);
}

static bool take_ranges(const json_t *v, struct filter *out, struct fail *f)
{
    uint32_t n = 0;
    const char *key;
    json_t *value;
    if (!v)
        return true;
    if (!json_is_object(v))
        return fail_set(f, FAIL_invalid_type, "numbers must be an object, not "
                        "%s", document_type(v));
    if (json_object_size(v) > FILTER_RANGES_MAX)
        return fail_set(f, FAIL_too_many_elements, "a filter has at most %u "
                        "numbers", FILTER_RANGES_MAX);
    struct filter_range *range =
        arena_alloc((json_object_size(v) + 1) * sizeof *range);
    if (!range)
        return fail_set(f, FAIL_busy, NULL);
    json_object_foreach((json_t *)(uintptr_t)v, key, value) {
        range[n].name = (struct id){key, (uint32_t)strlen(key)};
        if (!take_range(value, &range[n], f))
            return false;
        n++;
    }
    out->range = range;
    out->nranges = n;
    return true;
}

/* Any time, not only up to now. */
static bool take_time(const json_t *v, bool allowed, int64_t *out,
                      struct fail *f)
{
    double seconds = v ? json_number_value(v) : 0;
    if (!v)
        return true;
    if (!allowed)
        return fail_set(f, FAIL_unknown_field, "available_at has no place in "
                        "a boost");
    if (!json_is_number(v) || !(seconds >= 0 && seconds < VALUE_MILLISECONDS))
        return fail_set(f, FAIL_invalid_timestamp, "available_at must be a "
                        "number of seconds since 1970");
    *out = (int64_t)(seconds * 1000);
    return true;
}

bool recommend_take_filter(const json_t *v, bool times, struct filter *out,
                           struct fail *f)
{
    const json_t *at[NFILTER];
    if (!v)
        return true;
    return fields_take(v, "filter", filter_names, NFILTER, at, f) &&
           take_labels(at[CATEGORIES], "categories",
                       &out->labels[FILTER_CATEGORIES], f) &&
           take_labels(at[TAGS], "tags", &out->labels[FILTER_TAGS], f) &&
           take_ranges(at[NUMBERS], out, f) &&
           take_time(at[TIME], times, &out->at_ms, f);
}
