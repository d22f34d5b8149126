/* log_line.c -- see log_line.h. */
#include "proto/log_line.h"

#include <inttypes.h>
#include <string.h>

#include "model/core/bytes.h"
#include "proto/card_json.h"
#include "proto/ratings.h"
#include "proto/training.h"

/* By the number of the type. */
enum { TYPE_RATING = 1, TYPE_BEHAVIOUR, TYPE_ITEM_PUT, TYPE_ITEM_DELETE,
       TYPE_USER_PUT, TYPE_ERASE, TYPE_RETRACT, TYPE_SETTINGS, TYPE_GENESIS,
       TYPE_ROLLBACK, TYPE_VECTOR, TYPE_TRAIN, TYPE_TEACHER, TYPE_LAYER,
       TYPES };
static const char *const types[TYPES] = {
    "void", "rating", "behaviour", "item_put", "item_delete", "user_put",
    "erase", "retract", "settings", "genesis", "rollback", "vector", "train",
    "teacher", "layer"};

static void put_text(struct buf *out, const char *name, const char *s,
                     uint32_t len)
{
    if (len == 0)
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json_string(out, s, len);
}

static void put_float(struct buf *out, const char *name, float v)
{
    buf_printf(out, ",\"%s\":", name);
    buf_float(out, v);
}

static void put_u64_at(struct buf *out, const char *name,
                       const struct log_line *l, uint32_t at)
{
    if (l->payload_bytes >= at + 8)
        buf_printf(out, ",\"%s\":%" PRIu64, name, get_u64(l->payload + at));
}

void vector_write(struct buf *out, float bias, const unsigned char *payload,
                  uint32_t n)
{
    buf_printf(out, ",\"head\":\"%s\"",
               n && payload[0] ? "ranking" : "rating");
    put_float(out, "bias", bias);
    buf_puts(out, ",\"vector\":[");
    for (uint32_t i = 4; i + 4 <= n; i += 4) {
        if (i > 4)
            buf_putc(out, ',');
        buf_float(out, get_f32(payload + i));
    }
    buf_putc(out, ']');
}

static void put_rating(struct buf *out, const struct log_line *l)
{
    put_float(out, "rating", l->value);
    if (l->has_second)
        put_float(out, "teacher_rating", l->second);
    ratings_write_time(out, l->time_ms);
}

static void put_behaviour(struct buf *out, const struct log_line *l)
{
    put_text(out, "kind", (const char *)l->payload, l->payload_bytes);
    put_float(out, "weight", l->value);
    if (l->has_second)
        put_float(out, "value", l->second);
    ratings_write_time(out, l->time_ms);
}

static void put_metadata(struct buf *out, const struct log_line *l)
{
    buf_puts(out, ",\"metadata\":");
    card_json_write_document(out, l->payload, l->payload_bytes);
    ratings_write_time(out, l->time_ms);
}

static void put_vector(struct buf *out, const struct log_line *l)
{
    if (l->payload_bytes)
        vector_write(out, l->value, l->payload, l->payload_bytes);
    else
        put_float(out, "mean", l->value);
    if (l->has_second)
        put_float(out, "count", l->second);
}

static void put_training(struct buf *out, const struct log_line *l)
{
    struct training t;
    if (!training_decode(l->payload, l->payload_bytes, &t))
        return;
    buf_puts(out, ",\"training\":");
    training_write(out, &t);
}

static void put_content(struct buf *out, const struct log_line *l)
{
    switch (l->type) {
    case TYPE_RATING:
        put_rating(out, l);
        return;
    case TYPE_BEHAVIOUR:
        put_behaviour(out, l);
        return;
    case TYPE_ITEM_PUT:
    case TYPE_USER_PUT:
        put_metadata(out, l);
        return;
    case TYPE_ERASE:
    case TYPE_RETRACT:
        put_u64_at(out, "birth", l, 0);
        return;
    case TYPE_ROLLBACK:
        put_u64_at(out, "from", l, 0);
        put_u64_at(out, "to", l, 8);
        return;
    case TYPE_VECTOR:
        put_vector(out, l);
        return;
    case TYPE_TEACHER:
        put_float(out, "teacher_rating", l->value);
        ratings_write_time(out, l->time_ms);
        return;
    case TYPE_TRAIN:
        put_training(out, l);
        return;
    case TYPE_SETTINGS:
    case TYPE_GENESIS:
        put_text(out, "settings", (const char *)l->payload, l->payload_bytes);
        return;
    default:
        return;
    }
}

void log_line_write(struct buf *out, const struct log_line *l)
{
    buf_printf(out, "{\"seq\":%" PRIu64 ",\"type\":\"%s\"", l->seq,
               l->type >= 0 && l->type < TYPES ? types[l->type] : "unknown");
    put_text(out, "user_id", l->user.s, l->user.len);
    put_text(out, "item_id", l->item.s, l->item.len);
    put_content(out, l);
    put_text(out, "event_id", l->event_id.s, l->event_id.len);
    buf_puts(out, "}\n");
}

/* ---- the summary --------------------------------------------------------- */

void log_summary_write(struct buf *out, const struct log_summary *s)
{
    buf_printf(out, "%" PRIu64 " segments, %" PRIu64 " bytes, events %" PRIu64
               "..%" PRIu64 ": %" PRIu64 " ratings, %" PRIu64 " voids, %"
               PRIu64 " others\n", s->segments, s->bytes, s->first_seq,
               s->last_seq, s->ratings, s->voids, s->others);
    if (s->torn)
        buf_printf(out, "torn tail: %s, offset %" PRIu64 ", seq %" PRIu64
                   ": %s, %" PRIu64 " bytes; the next start cuts it off\n",
                   s->tail.segment, s->tail.offset, s->tail.seq, s->tail.what,
                   s->tail.bytes);
    if (s->erasing)
        buf_printf(out, "an erasure of %" PRIu64 " events was cut short; the next "
                   "start finishes it, and looks at the rest then\n",
                   s->erasing);
    if (s->damaged)
        buf_printf(out, "DAMAGED: %s, offset %" PRIu64 ", seq %" PRIu64 ": %s\n"
                   "restore the file from a copy, or give up what cannot be "
                   "read: freshet check-log DIR --salvage\n",
                   s->damage.segment, s->damage.offset, s->damage.seq,
                   s->damage.what);
    else
        buf_puts(out, "ok\n");
}

static void put_damage(struct buf *out, const char *name, bool there,
                       const struct log_damage *d)
{
    buf_printf(out, ",\"%s\":", name);
    if (!there) {
        buf_puts(out, "null");
        return;
    }
    buf_printf(out, "{\"segment\":\"%s\",\"offset\":%" PRIu64 ",\"seq\":%"
               PRIu64 ",\"bytes\":%" PRIu64 ",\"what\":", d->segment, d->offset,
               d->seq, d->bytes);
    buf_json_string(out, d->what, strlen(d->what));
    buf_putc(out, '}');
}

void log_summary_write_json(struct buf *out, const struct log_summary *s)
{
    buf_printf(out, "{\"ok\":%s,\"first_seq\":%" PRIu64 ",\"last_seq\":%" PRIu64
               ",\"ratings\":%" PRIu64 ",\"voids\":%" PRIu64 ",\"others\":%"
               PRIu64 ",\"segments\":%" PRIu64 ",\"bytes\":%" PRIu64,
               s->ok ? "true" : "false", s->first_seq, s->last_seq, s->ratings,
               s->voids, s->others, s->segments, s->bytes);
    buf_printf(out, ",\"erasing\":%" PRIu64, s->erasing);
    put_damage(out, "torn", s->torn, &s->tail);
    put_damage(out, "damaged", s->damaged, &s->damage);
    buf_puts(out, "}\n");
}
