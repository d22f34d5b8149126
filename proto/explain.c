/* explain.c -- see explain.h. */
#include "proto/explain.h"

#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/recommend_parts.h"

enum { USER, ITEM, TIME, HISTORY, HEAD, NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("item_id"), FIELD("timestamp"), FIELD("history"),
    FIELD("head")};

static bool take_head(const json_t *v, bool *ranking, struct fail *f)
{
    const char *s = v && json_is_string(v) ? json_string_value(v) : NULL;
    *ranking = s && strcmp(s, "ranking") == 0;
    if (!v || *ranking || (s && strcmp(s, "rating") == 0))
        return true;
    return fail_set(f, FAIL_invalid_head, "head must be \"rating\" or "
                    "\"ranking\"");
}

/* A history is what the head learns from. */
static bool take_history(const json_t *v, const struct proto_limits *limits,
                         struct explain_request *out, struct fail *f)
{
    struct recommend_request liked = {.nhistory = 0};
    if (!past_take(out->ranking ? NULL : v, limits, &out->past, f) ||
        !recommend_take_history(out->ranking ? v : NULL, &liked, f))
        return false;
    out->liked = liked.history;
    out->nliked = liked.nhistory;
    return true;
}

static bool take_request(const json_t *root, const struct proto_limits *limits,
                         struct explain_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    return fields_take(root, "the body", names, NFIELDS, at, f) &&
           take_head(at[HEAD], &out->ranking, f) &&
           past_take_user(at[USER], at[HISTORY], &out->pair.user, f) &&
           take_history(at[HISTORY], limits, out, f) &&
           document_id_keep(at[ITEM], names[ITEM].name, &out->pair.item, f) &&
           document_when(at[TIME], limits, &out->pair.time_ms, f);
}

bool explain_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits,
                   struct explain_request *out, struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    if (root && take_request(root, limits, out, f))
        return true;
    document_reset();
    return false;
}

/* ---- writing ------------------------------------------------------------ */

void explain_parts(struct buf *out)
{
    buf_puts(out, "\"parts\":[");
}

void explain_part(struct buf *out, bool first, const char *part,
                  struct id name, float value)
{
    buf_puts(out, first ? "{\"part\":\"" : ",{\"part\":\"");
    buf_puts(out, part);
    if (name.len) {
        buf_puts(out, "\",\"name\":");
        buf_json_string(out, name.s, name.len);
        buf_puts(out, ",\"value\":");
    } else
        buf_puts(out, "\",\"value\":");
    buf_float(out, value);
    buf_putc(out, '}');
}

void explain_because(struct buf *out)
{
    buf_puts(out, "],\"because\":[");
}

void explain_past_item(struct buf *out, bool first, struct id item,
                       float similarity, float pull)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"similarity\":");
    buf_float(out, similarity);
    buf_puts(out, ",\"pull\":");
    buf_float(out, pull);
    buf_putc(out, '}');
}

void explain_done(struct buf *out)
{
    buf_putc(out, ']');
}

void explain_begin(struct buf *out, bool ranking, float value)
{
    buf_puts(out, ranking ? "{\"score\":" : "{\"rating\":");
    buf_float(out, value);
    buf_putc(out, ',');
}

void explain_end(struct buf *out, uint64_t model_seq, unsigned char cold)
{
    buf_puts(out, ",\"model_seq\":");
    buf_uint(out, model_seq);
    if (cold) {
        buf_puts(out, ",\"cold\":");
        predict_put_cold(out, cold);
    }
    buf_putc(out, '}');
    document_reset(); // answered
}
