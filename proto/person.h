/* person.h -- answers about one person: the export of all that is held, and what
 * an erasure did.  Any thread, pure.
 *
 * The export is one object, written piece by piece in this order:
 *   person_begin     "user_id"
 *   person_model     "model":{...}             null: not in the model
 *   person_item ...  "seen":[...]              item ids
 *   person_replay... "replay":[...]            ratings kept to learn from again
 *   person_event ... "events":[...]            the log's
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
    float bias;               /* in rating units */
    const float *factors;     /* (dim) */
    uint32_t dim;
};

void person_begin(struct buf *out, struct id user);
void person_model(struct buf *out, const struct person_model *m);
void person_seen_begin(struct buf *out);
void person_item(struct buf *out, bool first, struct id item);
void person_replay_begin(struct buf *out);
void person_replay(struct buf *out, bool first, struct id item, float rating,
                   uint64_t seq);
void person_events_begin(struct buf *out);
void person_event(struct buf *out, bool first, uint64_t seq,
                  const struct rating *r);
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
