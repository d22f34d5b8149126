/* person.c -- see person.h. */
#include "proto/person.h"

#include <inttypes.h>
#include <time.h>

#include "proto/card_json.h"
#include "proto/log_line.h"
#include "proto/ratings.h"

void person_begin(struct buf *out, struct id user)
{
    buf_puts(out, "{\"user_id\":");
    buf_json_string(out, user.s, user.len);
}

static void put_float(struct buf *out, const char *name, float v)
{
    buf_printf(out, ",\"%s\":", name);
    buf_float(out, v);
}

static void put_factors(struct buf *out, const char *name, const float *v,
                        uint32_t n)
{
    buf_printf(out, ",\"%s\":[", name);
    for (uint32_t d = 0; d < n; d++) {
        if (d)
            buf_putc(out, ',');
        buf_float(out, v[d]);
    }
    buf_putc(out, ']');
}

void person_model(struct buf *out, const struct person_model *m)
{
    if (!m) {
        buf_puts(out, ",\"model\":null");
        return;
    }
    buf_printf(out, ",\"model\":{\"first_seq\":%" PRIu64 ",\"ratings\":%" PRIu32
               ",\"positives\":%" PRIu32, m->first_seq, m->ratings, m->positives);
    put_float(out, "bias", m->bias);
    put_factors(out, "factors", m->factors, m->dim);
    if (m->ranking_dim)
        put_factors(out, "ranking_factors", m->ranking_factors,
                    m->ranking_dim);
    if (m->card_bytes) {
        buf_puts(out, ",\"metadata\":");
        card_json_write_document(out, m->card, m->card_bytes);
    }
    buf_putc(out, '}');
}

void person_seen_begin(struct buf *out)
{
    buf_puts(out, ",\"seen\":[");
}

void person_seen(struct buf *out, bool first, struct id item, uint32_t day)
{
    time_t at = (time_t)day * 86400;
    struct tm tm;
    char date[32];
    gmtime_r(&at, &tm);
    strftime(date, sizeof date, "%Y-%m-%d", &tm);
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_printf(out, ",\"day\":\"%s\",\"kinds\":[", date);
}

void person_kind(struct buf *out, bool first, struct id kind)
{
    person_item(out, first, kind);
}

void person_seen_end(struct buf *out)
{
    buf_puts(out, "]}");
}

void person_liked_begin(struct buf *out)
{
    buf_puts(out, "],\"liked\":[");
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

void person_positives_begin(struct buf *out)
{
    buf_puts(out, "],\"ranking_replay\":[");
}

void person_positive(struct buf *out, bool first, struct id item, float weight,
                     uint64_t seq)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"weight\":");
    buf_float(out, weight);
    buf_printf(out, ",\"seq\":%" PRIu64 "}", seq);
}

void person_events_begin(struct buf *out)
{
    buf_puts(out, "],\"events\":[");
}

/* {"seq","type"[,"item_id"] */
static void begin_event(struct buf *out, bool first,
                        const struct person_event *e, struct id type)
{
    buf_printf(out, "%s{\"seq\":%" PRIu64 ",\"type\":", first ? "" : ",",
               e->seq);
    buf_json_string(out, type.s, type.len);
    if (e->item.len) {
        buf_puts(out, ",\"item_id\":");
        buf_json_string(out, e->item.s, e->item.len);
    }
}

/* ,"timestamp"[,"event_id"]} */
static void end_event(struct buf *out, const struct person_event *e)
{
    ratings_write_time(out, e->time_ms);
    if (e->event_id.len) {
        buf_puts(out, ",\"event_id\":");
        buf_json_string(out, e->event_id.s, e->event_id.len);
    }
    buf_putc(out, '}');
}

void person_rating(struct buf *out, bool first, const struct person_event *e)
{
    begin_event(out, first, e, (struct id){"rating", 6});
    put_float(out, "rating", e->value);
    if (e->has_second)
        put_float(out, "teacher_rating", e->second);
    end_event(out, e);
}

void person_teacher(struct buf *out, bool first, const struct person_event *e)
{
    begin_event(out, first, e, (struct id){"teacher", 7});
    put_float(out, "teacher_rating", e->value);
    end_event(out, e);
}

void person_behaviour(struct buf *out, bool first,
                      const struct person_event *e)
{
    struct id kind = {(const char *)e->payload, e->payload_bytes};
    begin_event(out, first, e, kind);
    if (e->has_second)
        put_float(out, "value", e->second);
    put_float(out, "weight", e->value);
    end_event(out, e);
}

void person_metadata(struct buf *out, bool first,
                     const struct person_event *e)
{
    begin_event(out, first, e, (struct id){"metadata", 8});
    buf_puts(out, ",\"metadata\":");
    card_json_write_document(out, e->payload, e->payload_bytes);
    end_event(out, e);
}

void person_vector(struct buf *out, bool first, const struct person_event *e)
{
    begin_event(out, first, e, (struct id){"vector", 6});
    vector_write(out, e->value, e->payload, e->payload_bytes);
    if (e->has_second)
        put_float(out, "count", e->second);
    end_event(out, e);
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
