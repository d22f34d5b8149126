/* model_map.c -- see model_map.h. */
#include "proto/model_map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/vectors.h"

/* ---- pieces ------------------------------------------------------------- */

static bool take_text(const json_t *v, const char *what, char *out, size_t room,
                      struct fail *f)
{
    if (!json_is_string(v))
        return fail_set(f, FAIL_invalid_type, "%s must be a string, not %s",
                        what, v ? document_type(v) : "left out");
    size_t n = json_string_length(v);
    if (n == 0 || n >= room)
        return fail_set(f, FAIL_invalid_json, "%s must have 1..%zu bytes", what,
                        room - 1);
    memcpy(out, json_string_value(v), n + 1);
    return true;
}

static bool take_tensor(const json_t *v, const char *what,
                        struct map_tensor *out, struct fail *f)
{
    enum { TENSOR, TRANSPOSE, N };
    static const struct field names[N] = {FIELD("tensor"), FIELD("transpose")};
    const json_t *at[N];
    if (!v)
        return true;
    if (json_is_string(v))
        return take_text(v, what, out->name, sizeof out->name, f);
    if (!fields_take(v, what, names, N, at, f))
        return false;
    if (at[TRANSPOSE] && !json_is_boolean(at[TRANSPOSE]))
        return fail_set(f, FAIL_invalid_type, "transpose must be true or "
                        "false, not %s", document_type(at[TRANSPOSE]));
    out->transpose = json_is_true(at[TRANSPOSE]);
    return take_text(at[TENSOR], what, out->name, sizeof out->name, f);
}

static bool take_range(const json_t *v, struct map_head *out, struct fail *f)
{
    if (!v)
        return true;
    const json_t *low = json_array_get(v, 0), *high = json_array_get(v, 1);
    out->has_range = json_array_size(v) == 2 && json_is_number(low) &&
                     json_is_number(high) &&
                     json_number_value(low) < json_number_value(high);
    out->range[0] = json_number_value(low);
    out->range[1] = json_number_value(high);
    return out->has_range ||
           fail_set(f, FAIL_invalid_json, "range must be two numbers, the "
                    "lower one first");
}

static bool take_mean(const json_t *v, struct map_head *out, struct fail *f)
{
    if (!json_is_number(v))
        return take_tensor(v, "mean", &out->mean, f);
    out->has_mean = true;
    out->mean_value = json_number_value(v);
    return true;
}

/* ---- heads --------------------------------------------------------------- */

static bool take_layer(const json_t *v, struct map_layer *out, struct fail *f)
{
    enum { WEIGHT, BIAS, N };
    static const struct field names[N] = {FIELD("weight"), FIELD("bias")};
    const json_t *at[N];
    if (!fields_take(v, "a layer", names, N, at, f))
        return false;
    if (!at[WEIGHT])
        return fail_set(f, FAIL_missing_field, "weight is missing");
    return take_tensor(at[WEIGHT], "weight", &out->weight, f) &&
           take_tensor(at[BIAS], "bias", &out->bias, f);
}

static bool take_layers(const json_t *v, struct map_head *out, struct fail *f)
{
    size_t n = json_array_size(v);
    if (v && (n < 2 || n > MAP_LAYERS_MAX))
        return fail_set(f, FAIL_invalid_json, "layers must be 2..%d of them, "
                        "hidden ones and the last", MAP_LAYERS_MAX);
    for (size_t i = 0; i < n; i++)
        if (!take_layer(json_array_get(v, i), &out->layer[i], f))
            return false;
    out->nlayers = (uint32_t)n;
    return true;
}

static bool take_rating(const json_t *v, struct map_head *out, struct fail *f)
{
    enum { USERS, ITEMS, USER_BIAS, ITEM_BIAS, MEAN, RANGE, LAYERS, N };
    static const struct field names[N] = {
        FIELD("users"), FIELD("items"), FIELD("user_bias"), FIELD("item_bias"),
        FIELD("mean"), FIELD("range"), FIELD("layers")};
    const json_t *at[N];
    return !v || (fields_take(v, "rating", names, N, at, f) &&
                  take_tensor(at[USERS], "users", &out->users, f) &&
                  take_tensor(at[ITEMS], "items", &out->items, f) &&
                  take_tensor(at[USER_BIAS], "user_bias", &out->user_bias, f) &&
                  take_tensor(at[ITEM_BIAS], "item_bias", &out->item_bias, f) &&
                  take_mean(at[MEAN], out, f) && take_range(at[RANGE], out, f) &&
                  take_layers(at[LAYERS], out, f));
}

static bool take_ranking(const json_t *v, struct map_head *out, struct fail *f)
{
    enum { USERS, ITEMS, ITEM_BIAS, N };
    static const struct field names[N] = {FIELD("users"), FIELD("items"),
                                          FIELD("item_bias")};
    const json_t *at[N];
    return !v || (fields_take(v, "ranking", names, N, at, f) &&
                  take_tensor(at[USERS], "users", &out->users, f) &&
                  take_tensor(at[ITEMS], "items", &out->items, f) &&
                  take_tensor(at[ITEM_BIAS], "item_bias", &out->item_bias, f));
}

/* ---- ids ----------------------------------------------------------------- */

static bool take_first(const json_t *v, int64_t *out, struct fail *f)
{
    *out = json_integer_value(v);
    return (json_is_integer(v) && *out >= 0 && *out <= INT64_MAX / 2) ||
           fail_set(f, FAIL_invalid_json, "first must be a whole number from "
                    "0");
}

static bool take_ids(const json_t *v, const char *what, struct map_ids *out,
                     struct fail *f)
{
    enum { FILE_, FIRST, TENSOR, OFFSETS, ENDS, WAYS, BYTES = WAYS, N };
    static const struct field names[N] = {
        FIELD("file"), FIELD("first"), FIELD("tensor"), FIELD("offsets"),
        FIELD("ends"), FIELD("bytes")};
    static const enum map_ids_kind kinds[WAYS] = {
        MAP_IDS_FILE, MAP_IDS_FIRST, MAP_IDS_TENSOR, MAP_IDS_OFFSETS,
        MAP_IDS_ENDS};
    const json_t *at[N];
    int way = FILE_, n = 0;
    if (!v)
        return true;
    out->kind = MAP_IDS_FILE;
    if (json_is_string(v))
        return take_text(v, what, out->file, sizeof out->file, f);
    if (!fields_take(v, what, names, N, at, f))
        return false;
    for (int i = 0; i < WAYS; i++) {
        way = at[i] ? i : way;
        n += at[i] != NULL;
    }
    bool spans = way == OFFSETS || way == ENDS;
    if (n != 1 || spans != (at[BYTES] != NULL))
        return fail_set(f, FAIL_invalid_json, "%s must be one of \"file.txt\", "
                        "{\"first\":0}, {\"tensor\":\"name\"}, {\"offsets\":"
                        "\"name\",\"bytes\":\"name\"}, {\"ends\":\"name\","
                        "\"bytes\":\"name\"}", what);
    out->kind = kinds[way];
    if (way == FILE_)
        return take_text(at[way], what, out->file, sizeof out->file, f);
    if (way == FIRST)
        return take_first(at[way], &out->first, f);
    return take_text(at[way], what, out->tensor, sizeof out->tensor, f) &&
           (!spans ||
            take_text(at[BYTES], what, out->bytes, sizeof out->bytes, f));
}

/* ---- all of it ----------------------------------------------------------- */

static bool take_count(const json_t *v, uint32_t *out, struct fail *f)
{
    if (!v)
        return true;
    *out = (uint32_t)json_integer_value(v);
    return (json_is_integer(v) && json_integer_value(v) >= 0 &&
            json_integer_value(v) <= (json_int_t)VECTORS_COUNT_MAX) ||
           fail_set(f, FAIL_invalid_json, "count must be a whole number in "
                    "0..%u", VECTORS_COUNT_MAX);
}

/* Is what is there enough for rows with names? */
static bool check(const struct model_map *m, struct fail *f)
{
    const struct map_head *a = &m->rating, *b = &m->ranking;
    bool users = a->users.name[0] || b->users.name[0];
    bool items = a->items.name[0] || b->items.name[0];
    if (!users && !items)
        return fail_set(f, FAIL_missing_field, "neither rating nor ranking "
                        "names a tensor of users or items");
    if ((a->user_bias.name[0] && !a->users.name[0]) ||
        (a->item_bias.name[0] && !a->items.name[0]) ||
        (b->item_bias.name[0] && !b->items.name[0]))
        return fail_set(f, FAIL_missing_field, "a bias needs the tensor of the "
                        "factors beside it");
    if ((users && m->user_ids.kind == MAP_IDS_NONE) ||
        (items && m->item_ids.kind == MAP_IDS_NONE))
        return fail_set(f, FAIL_missing_field, "%s is missing",
                        users && m->user_ids.kind == MAP_IDS_NONE
                            ? "user_ids" : "item_ids");
    return true;
}

static bool take(const json_t *root, struct model_map *out, struct fail *f)
{
    enum { RATING, RANKING, USER_IDS, ITEM_IDS, COUNT, N };
    static const struct field names[N] = {
        FIELD("rating"), FIELD("ranking"), FIELD("user_ids"),
        FIELD("item_ids"), FIELD("count")};
    const json_t *at[N];
    return fields_take(root, "the map", names, N, at, f) &&
           take_rating(at[RATING], &out->rating, f) &&
           take_ranking(at[RANKING], &out->ranking, f) &&
           take_ids(at[USER_IDS], "user_ids", &out->user_ids, f) &&
           take_ids(at[ITEM_IDS], "item_ids", &out->item_ids, f) &&
           take_count(at[COUNT], &out->count, f) && check(out, f);
}

bool model_map_parse(const char *bytes, size_t n, struct model_map *out,
                     struct fail *f)
{
    static const struct proto_limits limits = {
        .json_depth = 8, .array_elements = 100, .json_values = 200};
    const json_t *root = document_parse(bytes, n, &limits, f);
    *out = (struct model_map){.count = 0};
    bool ok = root && take(root, out, f);
    document_reset();
    return ok;
}

void model_map_snapshot(struct model_map *out, bool ranking)
{
    *out = (struct model_map){
        .rating = {.users = {.name = "users.vec"},
                   .items = {.name = "items.vec"},
                   .user_bias = {.name = "users.bias"},
                   .item_bias = {.name = "items.bias"},
                   .has_range = true,
                   .range = {1, 5}},
        .user_ids = {.kind = MAP_IDS_ENDS,
                     .tensor = "users.id_end",
                     .bytes = "users.id_bytes"},
        .item_ids = {.kind = MAP_IDS_ENDS,
                     .tensor = "items.id_end",
                     .bytes = "items.id_bytes"}};
    if (ranking)
        out->ranking = (struct map_head){.users = {.name = "users.rvec"},
                                         .items = {.name = "items.rvec"},
                                         .item_bias = {.name = "items.rbias"}};
}
