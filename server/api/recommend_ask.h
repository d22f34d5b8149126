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

/* The owner of the slot and the desk.  out is cleared first.  False: *f says
 * why. */
bool ask_answer(struct recommend_desk *d, const struct recommend_source *from,
                const struct proto_limits *limits, const struct ask *ask,
                struct buf *out, struct fail *f);

#endif
