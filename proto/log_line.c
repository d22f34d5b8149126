/* log_line.c -- see log_line.h. */
#include "proto/log_line.h"

#include <inttypes.h>
#include <string.h>

/* By the number of the type. */
static const char *const types[] = {"void", "rating", "behaviour", "item_put",
                                    "item_delete", "user_put", "erase",
                                    "retract", "settings", "genesis"};
enum { TYPE_RATING = 1, TYPE_ERASE = 6, TYPE_RETRACT = 7 };

static void put_id(struct buf *out, const char *name, struct id id)
{
    if (id.len == 0)
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json_string(out, id.s, id.len);
}

static uint64_t birth_of(const struct log_line *l)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 8 && i < l->payload_bytes; i++)
        v |= (uint64_t)l->payload[i] << 8 * i;
    return v;
}

void log_line_write(struct buf *out, const struct log_line *l)
{
    const char *type = l->type >= 0 && (size_t)l->type <
                               sizeof types / sizeof *types
                           ? types[l->type] : "unknown";
    buf_printf(out, "{\"seq\":%" PRIu64 ",\"type\":\"%s\"", l->seq, type);
    put_id(out, "user_id", l->rating.user);
    put_id(out, "item_id", l->rating.item);
    if (l->type == TYPE_RATING) {
        buf_puts(out, ",\"rating\":");
        buf_float(out, l->rating.value);
        buf_puts(out, ",\"timestamp\":");
        buf_int(out, l->rating.time_ms / 1000);
        if (l->rating.time_ms % 1000)
            buf_printf(out, ".%03d", (int)(l->rating.time_ms % 1000));
    }
    put_id(out, "event_id", l->rating.event_id);
    if (l->type == TYPE_ERASE || l->type == TYPE_RETRACT)
        buf_printf(out, ",\"birth\":%" PRIu64, birth_of(l));
    else if (l->payload_bytes) {
        buf_puts(out, ",\"settings\":");
        buf_json_string(out, (const char *)l->payload, l->payload_bytes);
    }
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
