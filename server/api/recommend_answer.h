/* recommend_answer.h -- from a request for recommendations to the bytes of its
 * answer, on whatever thread has a reader slot.
 */
#ifndef FRESHET_SERVER_API_RECOMMEND_ANSWER_H
#define FRESHET_SERVER_API_RECOMMEND_ANSWER_H

#include "model/core/live.h"
#include "model/learn/settings.h"
#include "proto/buf.h"
#include "proto/recommend.h"
#include "server/api/kept_lists.h"

struct named;
struct recommend;

/* What it takes.  Zero-initialise; recommend_desk_release().  One thread's, and
 * one question's at a time. */
struct recommend_desk {
    struct recommend *scratch; /* NULL until it is needed */
    struct named *named;       /* likewise: the question in rows */
    uint32_t *row;             /* those that a request names */
    size_t rows;               /* room */
    struct scored *page;       /* of a list that was kept */
    uint32_t page_room;
    /* from start to finish: */
    bool is_found;             /* the answer is a list that was kept, this: */
    struct recommend_list found;
};
void recommend_desk_release(struct recommend_desk *d);

/* Where to look: the copies, the slot to pin with, the fold's settings, what was
 * kept; and whom to let pass on the way (recommend.h), or NULL. */
struct recommend_source {
    struct live *live;
    int slot;
    const struct settings *settings;
    struct kept_lists *kept;
    void (*rest)(void);
};

/* Questions that share a scan, at most. */
#define RECOMMEND_ANSWERS 16

/* The owner of the slot, all three under one pin of t: names and rows belong to
 * the copy.  Start each question at a desk of its own; scan for those that
 * started; finish each, which clears `out` first and writes the answer.  False:
 * *f says why, and it goes no further.  *req stays until then. */
bool recommend_answer_start(struct recommend_desk *d,
                            const struct recommend_source *from,
                            const struct table *t,
                            const struct recommend_request *req,
                            struct fail *f);
void recommend_answer_scan(struct recommend_desk *const *d, uint32_t n);
bool recommend_answer_finish(struct recommend_desk *d,
                             const struct recommend_source *from,
                             const struct recommend_request *req,
                             struct buf *out, struct fail *f);

/* Likewise under a pin, in one step.  Users like the one with that id: n and
 * offset of req count. */
bool recommend_answer_users(struct recommend_desk *d,
                            const struct recommend_source *from,
                            const struct table *t, struct id id,
                            const struct recommend_request *req,
                            struct buf *out, struct fail *f);

#endif
