/* behaviours.h -- POST /v1/events: bytes -> what users did.
 *
 *   {"user_id","item_id","type"[,"value"][,"timestamp"][,"event_id"]}   or an
 *   array of them; application/x-ndjson: one such object per line.
 *
 * type: a name of events.types (behaviour_kinds.h).  value: what the client
 * measured, a number; not below 0 where it has a say.  timestamp and event_id
 * are those of ratings (ratings.h).
 */
#ifndef FRESHET_PROTO_BEHAVIOURS_H
#define FRESHET_PROTO_BEHAVIOURS_H

#include "proto/behaviour_kinds.h"
#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

struct behaviour {
    struct id user, item;
    struct id kind;            /* its name */
    float weight;              /* signed: what it says of the item */
    bool has_value;
    float value;               /* as the client sent it */
    int64_t time_ms;           /* TIME_UNSET: now */
    struct id event_id;        /* len 0: none */
};

struct behaviour_reader {
    const struct behaviour_kinds *kinds;
    const struct proto_limits *limits;
};

/* Receives each in order; its bytes are borrowed until it returns.  True to go
 * on; false stops the parse, having set *f. */
typedef bool (*behaviour_sink)(void *arg, const struct behaviour *b,
                               struct fail *f);

/* Any thread.  A document of one object or an array, as ratings_parse(). */
bool behaviours_parse(const struct behaviour_reader *r, const char *bytes,
                      size_t n, behaviour_sink sink, void *arg, struct fail *f);
/* Any thread.  One line of an NDJSON stream (no newline). */
bool behaviours_parse_line(const struct behaviour_reader *r, const char *bytes,
                           size_t n, behaviour_sink sink, void *arg,
                           struct fail *f);

#endif
