/* behaviours.c -- see behaviours.h. */
#include "proto/behaviours.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/values.h"

enum { USER, ITEM, TYPE, VALUE, TIME, EVENT, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("type"), FIELD("value"),
    FIELD("timestamp"), FIELD("event_id")};

static bool take_kind(const struct behaviour_kinds *kinds, const json_t *v,
                      const struct behaviour_kind **out, struct fail *f)
{
    if (!v)
        return fail_set(f, FAIL_missing_field, "type is missing");
    if (!json_is_string(v))
        return fail_set(f, FAIL_invalid_type, "type must be a string, not %s",
                        document_type(v));
    *out = behaviour_kinds_find(kinds, json_string_value(v),
                                json_string_length(v));
    struct id name = {json_string_value(v), (uint32_t)json_string_length(v)};
    return *out || behaviour_kinds_unknown(kinds, "type", "", name, f);
}

/* The value, and the weight that comes out. */
static bool take_value(const json_t *v, const struct behaviour_kind *kind,
                       struct behaviour *b, struct fail *f)
{
    b->weight = (float)kind->weight;
    b->has_value = v != NULL;
    b->value = 0;
    if (!v)
        return true;
    if (!json_is_number(v))
        return fail_set(f, FAIL_invalid_value, "value must be a number, not %s",
                        document_type(v));
    double value = json_number_value(v);
    if (!(fabs(value) <= (double)FLT_MAX))
        return fail_set(f, FAIL_invalid_value, "value %.9g does not fit a "
                        "32-bit float", value);
    if (kind->full > 0 && value < 0)
        return fail_set(f, FAIL_invalid_value, "value %.9g of a \"%s\" is "
                        "below 0", value, kind->name);
    b->value = (float)value + 0.0f; // -0 becomes 0
    if (kind->full > 0 && value < kind->full)
        b->weight = (float)(kind->weight * (value / kind->full)) + 0.0f;
    return true;
}

/* One event for whoever asked. */
struct taking {
    const struct behaviour_reader *r;
    behaviour_sink sink;
    void *arg;
};

static bool take_object(void *arg, const json_t *o, struct fail *f)
{
    const struct taking *t = arg;
    const struct behaviour_kind *kind = NULL;
    const json_t *at[NFIELDS];
    char user[24], item[24], event[24];
    struct behaviour b;
    if (!fields_take(o, "an event", names, NFIELDS, at, f) ||
        !document_id(at[USER], names[USER].name, user, &b.user, f) ||
        !document_id(at[ITEM], names[ITEM].name, item, &b.item, f) ||
        !take_kind(t->r->kinds, at[TYPE], &kind, f) ||
        !take_value(at[VALUE], kind, &b, f) ||
        !document_time(at[TIME], t->r->limits, &b.time_ms, f) ||
        !document_event_id(at[EVENT], event, &b.event_id, f))
        return false;
    b.kind = (struct id){kind->name, kind->len};
    return t->sink(t->arg, &b, f);
}

bool behaviours_parse(const struct behaviour_reader *r, const char *bytes,
                      size_t n, behaviour_sink sink, void *arg, struct fail *f)
{
    struct taking t = {r, sink, arg};
    return document_each(bytes, n, r->limits, take_object, &t, f);
}

bool behaviours_parse_line(const struct behaviour_reader *r, const char *bytes,
                           size_t n, behaviour_sink sink, void *arg,
                           struct fail *f)
{
    struct taking t = {r, sink, arg};
    return document_one(bytes, n, r->limits, take_object, &t, f);
}
