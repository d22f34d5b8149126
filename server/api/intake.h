/* intake.h -- events on their way from a body into the journal's queue.  Shared by
 * everything that is ingested (intake_kind.h), document or stream.  Worker only.
 */
#ifndef FRESHET_SERVER_API_INTAKE_H
#define FRESHET_SERVER_API_INTAKE_H

#include "model/store/batch.h"
#include "proto/errors.h"
#include "server/http/request.h"

struct intake {
    struct worker *w;
    struct batch *batch;     /* being filled; NULL until the first event */
    bool stream;             /* line by line, not all or nothing */
    uint64_t line;           /* a stream's current one */
    struct id path;          /* the id in the path; len 0: there is none */
};

/* Checks that the tables have room and adds the event to the batch. */
bool intake_event(struct intake *in, const struct event *e, struct fail *f);

/* Hands the batch to the journal, to be acknowledged to r.  ERR_OK: gone, and
 * in->batch is NULL.  ERR_FULL: kept.  Else: kept. */
enum err intake_submit(struct intake *in, struct request *r) MUSTCHECK;

/* The error for a refusal of intake_submit(). */
void intake_refused(struct request *r, enum err err);

/* The error for an ack that says that nothing was kept, or FAIL_NONE. */
enum fail_code intake_failed(const struct ack *a);

/* Answers r when its last event is in the serving copy (?wait=applied), or now;
 * `answer` writes it. */
void intake_finish(struct request *r, uint64_t last_seq,
                   void (*answer)(struct request *r));

#endif
