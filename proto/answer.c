/* answer.c -- see answer.h. */
#include "proto/answer.h"

#include <math.h>
#include <stdio.h>

#include "proto/document.h"

static uint64_t whole(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return json_is_integer(v) && json_integer_value(v) > 0
               ? (uint64_t)json_integer_value(v) : 0;
}

static double real(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void text(const json_t *o, const char *name, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, name));
    snprintf(out, size, "%s", s ? s : "");
}

bool answer_parse(const char *bytes, size_t n, struct answer *out)
{
    static const struct proto_limits limits = {
        .json_depth = 32, .array_elements = 100000, .json_values = 1000000};
    struct fail f;
    const json_t *o = document_parse(bytes, n, &limits, &f);
    if (!json_is_object(o)) {
        document_reset();
        return false;
    }
    const json_t *receipt = json_object_get(o, "receipt");
    const json_t *r = receipt ? receipt : o;
    *out = (struct answer){
        .accepted = whole(r, "accepted"), .duplicates = whole(r, "duplicates"),
        .rejected = whole(r, "rejected"),
        .seq = whole(r, "seq"), .model_seq = whole(r, "model_seq"),
        .users = whole(o, "users"), .items = whole(o, "items"),
        .events = whole(o, "events"), .rating = real(o, "rating"),
        .rmse = real(o, "rmse"), .rmse_recent = real(o, "rmse_recent"),
        .mae = real(o, "mae"),
        .visible_p50 = real(o, "visible_p50_seconds"),
        .visible_p99 = real(o, "visible_p99_seconds"),
        .rating_min = real(o, "rating_min"),
        .rating_max = real(o, "rating_max"),
        .rating_dim = whole(o, "rating_dim"),
        .ranking_dim = whole(o, "ranking_dim")};
    text(o, "model_hash", out->model_hash, sizeof out->model_hash);
    text(o, "version", out->version, sizeof out->version);
    const json_t *e = json_object_get(o, "error");
    text(e, "code", out->error_code, sizeof out->error_code);
    text(e, "message", out->error_message, sizeof out->error_message);
    const json_t *first = json_array_get(json_object_get(r, "errors"), 0);
    text(first, "message", out->first_error, sizeof out->first_error);
    document_reset();
    return true;
}
