/* recommend_ask.h -- a question for recommendations as it came, and its answer.
 *
 * A question is bytes: a worker answers it at once, or hands it to a scan thread,
 * which reads and answers it the same way (server/scans.h).
 */
#ifndef FRESHET_SERVER_API_RECOMMEND_ASK_H
#define FRESHET_SERVER_API_RECOMMEND_ASK_H

#include "server/api/recommend_answer.h"

enum ask_kind { ASK_RECOMMEND, ASK_RECOMMENDATIONS, ASK_POPULAR, ASK_LATEST,
                ASK_SIMILAR_ITEMS, ASK_SIMILAR_USERS };

struct ask {
    enum ask_kind kind;
    const char *body;        /* (bytes) of ASK_RECOMMEND; else NULL */
    size_t bytes;
    struct id id;            /* of the path, if it has one */
    const char *query;       /* after '?', or NULL */
};

/* A place to answer one.  Zero-initialise; recommend_desk_release(&desk).
 * One thread's. */
struct ask_turn {
    /* set by the caller */
    const struct ask *ask;
    const struct proto_limits *limits;
    struct buf *out;         /* cleared first */
    struct fail *fail;
    /* the answer: false, and *fail says why */
    bool ok;
    /* on the way */
    struct recommend_request req;
    struct recommend_desk desk;
};

#define ASK_TURNS RECOMMEND_ANSWERS

/* The owner of the slot.  Answers n questions, 1..ASK_TURNS, from one copy and
 * in one scan. */
void ask_answer(struct ask_turn *const *turn, uint32_t n,
                const struct recommend_source *from);

#endif
