/* person.h -- answers about one person: the export of all that is held, and what
 * an erasure did.  Any thread, pure.
 *
 * The export is one object, written piece by piece in this order:
 *   person_begin     "user_id"
 *   person_model     "model":{...}             null: not in the model
 *   person_seen ...  "seen":[...]              what was done with which item, when
 *   person_item ...  "liked":[...]             item ids, the newest first
 *   person_replay... "replay":[...]            ratings kept to learn from again
 *   person_positive... "ranking_replay":[...]  and positive events
 *   person_rating, person_behaviour, person_metadata, person_vector ...
 *                    "events":[...]            the log's
 *   person_end       "next_seq","model_seq"
 */
#ifndef FRESHET_PROTO_PERSON_H
#define FRESHET_PROTO_PERSON_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"

struct person_model {
    uint64_t first_seq;       /* of the event that made the row */
    uint32_t ratings;         /* learned */
    uint32_t positives;       /* events that ranking learned from */
    float bias;               /* in rating units */
    const float *factors;     /* (dim) */
    uint32_t dim;
    const float *ranking_factors; /* (ranking_dim) */
    uint32_t ranking_dim;     /* 0: there is no ranking head */
    const unsigned char *card; /* of the metadata */
    size_t card_bytes;        /* 0: there is none */
};

void person_begin(struct buf *out, struct id user);
void person_model(struct buf *out, const struct person_model *m);
/* What is kept of an item: day (days since 1970), and what was done last on it,
 * kind by kind. */
void person_seen_begin(struct buf *out);
void person_seen(struct buf *out, bool first, struct id item, uint32_t day);
void person_kind(struct buf *out, bool first, struct id kind);
void person_seen_end(struct buf *out);
void person_liked_begin(struct buf *out);
void person_item(struct buf *out, bool first, struct id item);
void person_replay_begin(struct buf *out);
void person_replay(struct buf *out, bool first, struct id item, float rating,
                   uint64_t seq);
void person_positives_begin(struct buf *out);
void person_positive(struct buf *out, bool first, struct id item, float weight,
                     uint64_t seq);
void person_events_begin(struct buf *out);

/* One event of the log, whichever it is; what it has not is 0. */
struct person_event {
    uint64_t seq;
    struct id item;
    float value;
    bool has_second;
    float second;
    int64_t time_ms;
    struct id event_id;
    const unsigned char *payload;
    uint32_t payload_bytes;
};
/* "type":"rating","item_id","rating"[,"teacher_rating"] */
void person_rating(struct buf *out, bool first, const struct person_event *e);
/* "type":"teacher","item_id","teacher_rating" */
void person_teacher(struct buf *out, bool first, const struct person_event *e);
/* "type":its kind,"item_id"[,"value"],"weight" */
void person_behaviour(struct buf *out, bool first,
                      const struct person_event *e);
/* "type":"metadata","metadata":{...}: of the user */
void person_metadata(struct buf *out, bool first,
                     const struct person_event *e);
/* "type":"vector","head","bias","vector":[...][,"count"]: one that was imported */
void person_vector(struct buf *out, bool first, const struct person_event *e);

/* next_seq 0: that were all events. */
void person_end(struct buf *out, uint64_t next_seq, bool logged,
                uint64_t model_seq);

/* {"erased"|"retracted":true,"events","seq","exact","interim","model_seq"} */
struct erasure_receipt {
    const char *what;
    uint64_t events;          /* of the log, overwritten */
    uint64_t seq;
    bool exact, interim;
    uint64_t model_seq;
};
void person_erased(struct buf *out, const struct erasure_receipt *e);

#endif
