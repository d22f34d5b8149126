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
    struct rating rating;           /* the ids that the event has */
    const unsigned char *payload;
    uint32_t payload_bytes;
};

/* {"seq","type"[,"user_id"][,"item_id"][,"rating"][,"timestamp"][,"event_id"]
 * [,"birth"][,"settings"]} and a newline. */
void log_line_write(struct buf *out, const struct log_line *l);

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
