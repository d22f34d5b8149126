/* person.c -- see person.h. */
#include "proto/person.h"

#include <inttypes.h>

void person_begin(struct buf *out, struct id user)
{
    buf_puts(out, "{\"user_id\":");
    buf_json_string(out, user.s, user.len);
}

void person_model(struct buf *out, const struct person_model *m)
{
    if (!m) {
        buf_puts(out, ",\"model\":null");
        return;
    }
    buf_printf(out, ",\"model\":{\"first_seq\":%" PRIu64 ",\"ratings\":%" PRIu32
               ",\"bias\":", m->first_seq, m->ratings);
    buf_float(out, m->bias);
    buf_puts(out, ",\"factors\":[");
    for (uint32_t d = 0; d < m->dim; d++) {
        if (d)
            buf_putc(out, ',');
        buf_float(out, m->factors[d]);
    }
    buf_puts(out, "]}");
}

void person_seen_begin(struct buf *out)
{
    buf_puts(out, ",\"seen\":[");
}

void person_item(struct buf *out, bool first, struct id item)
{
    if (!first)
        buf_putc(out, ',');
    buf_json_string(out, item.s, item.len);
}

void person_replay_begin(struct buf *out)
{
    buf_puts(out, "],\"replay\":[");
}

void person_replay(struct buf *out, bool first, struct id item, float rating,
                   uint64_t seq)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"rating\":");
    buf_float(out, rating);
    buf_printf(out, ",\"seq\":%" PRIu64 "}", seq);
}

void person_events_begin(struct buf *out)
{
    buf_puts(out, "],\"events\":[");
}

void person_event(struct buf *out, bool first, uint64_t seq,
                  const struct rating *r)
{
    buf_printf(out, "%s{\"seq\":%" PRIu64 ",\"type\":\"rating\",\"item_id\":",
               first ? "" : ",", seq);
    buf_json_string(out, r->item.s, r->item.len);
    buf_puts(out, ",\"rating\":");
    buf_float(out, r->value);
    buf_puts(out, ",\"timestamp\":");
    buf_int(out, r->time_ms / 1000);
    if (r->time_ms % 1000)
        buf_printf(out, ".%03d", (int)(r->time_ms % 1000));
    if (r->event_id.len) {
        buf_puts(out, ",\"event_id\":");
        buf_json_string(out, r->event_id.s, r->event_id.len);
    }
    buf_putc(out, '}');
}

void person_end(struct buf *out, uint64_t next_seq, bool logged,
                uint64_t model_seq)
{
    buf_printf(out, "],\"log\":%s,\"next_seq\":", logged ? "true" : "false");
    if (next_seq)
        buf_uint(out, next_seq);
    else
        buf_puts(out, "null");
    buf_printf(out, ",\"model_seq\":%" PRIu64 "}", model_seq);
}

void person_erased(struct buf *out, const struct erasure_receipt *e)
{
    buf_printf(out, "{\"%s\":true,\"events\":%" PRIu64 ",\"seq\":%" PRIu64
               ",\"exact\":%s,\"interim\":%s,\"model_seq\":%" PRIu64 "}",
               e->what, e->events, e->seq, e->exact ? "true" : "false",
               e->interim ? "true" : "false", e->model_seq);
}
