/* log_line.h -- what `freshet check-log` prints: events as NDJSON, a summary as
 * text or JSON.  Any thread, pure. */
#ifndef FRESHET_PROTO_LOG_LINE_H
#define FRESHET_PROTO_LOG_LINE_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"

/* One event.  type: its number in the log. */
struct log_line {
    uint64_t seq;
    int type;
    struct id user, item, event_id; /* len 0: it has none */
    float value;
    bool has_second;
    float second;
    int64_t time_ms;
    const unsigned char *payload;
    uint32_t payload_bytes;
};

/* {"seq","type"[,"user_id"][,"item_id"], what the type has[,"event_id"]} and a
 * newline.  What it has:
 *   rating              "rating"[,"teacher_rating"],"timestamp"
 *   behaviour           "kind","weight"[,"value"],"timestamp"
 *   item_put, user_put  "metadata","timestamp"
 *   erase, retract      "birth"
 *   rollback            "from","to"
 *   vector              "head","bias","vector"
 *   genesis, settings, train   "settings" */
void log_line_write(struct buf *out, const struct log_line *l);

/* ,"head","bias","vector":[...] of an imported vector: its bias and payload. */
void vector_write(struct buf *out, float bias, const unsigned char *payload,
                  uint32_t n);

struct log_damage {
    char segment[32];
    char what[160];
    uint64_t offset, seq, bytes;
};

struct log_summary {
    bool ok;
    uint64_t first_seq, last_seq;
    uint64_t ratings, voids, others;
    uint64_t segments, bytes;
    uint64_t erasing;               /* frames of an erasure that was cut short */
    bool torn;                      /* the last append was cut short: */
    struct log_damage tail;
    bool damaged;                   /* rot: */
    struct log_damage damage;
};

void log_summary_write(struct buf *out, const struct log_summary *s);
void log_summary_write_json(struct buf *out, const struct log_summary *s);

#endif
