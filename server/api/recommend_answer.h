/* recommend_answer.h -- from a request for recommendations to the bytes of its
 * answer, on whatever thread has a reader slot.
 */
#ifndef FRESHET_SERVER_API_RECOMMEND_ANSWER_H
#define FRESHET_SERVER_API_RECOMMEND_ANSWER_H

#include "model/core/live.h"
#include "model/learn/settings.h"
#include "proto/buf.h"
#include "proto/recommend.h"

struct recommend;

/* What it takes.  Zero-initialise; recommend_desk_release().  One thread's. */
struct recommend_desk {
    struct recommend *scratch; /* NULL until it is needed */
    uint32_t *row;             /* those that a request names */
    size_t rows;               /* room */
};
void recommend_desk_release(struct recommend_desk *d);

/* Where to look: the copies, the slot to pin with, the fold's settings. */
struct recommend_source {
    struct live *live;
    int slot;
    const struct settings *settings;
};

/* The owner of the slot.  Everything is picked and written under one pin: names
 * and rows belong to the copy.  out is cleared first.  False: *f says why. */
bool recommend_answer(struct recommend_desk *d,
                      const struct recommend_source *from,
                      const struct recommend_request *req, struct buf *out,
                      struct fail *f);

/* Likewise.  Users like the one with that id: n and offset of req count. */
bool recommend_answer_users(struct recommend_desk *d,
                            const struct recommend_source *from,
                            struct id user,
                            const struct recommend_request *req,
                            struct buf *out, struct fail *f);

#endif
