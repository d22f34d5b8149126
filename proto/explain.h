/* explain.h -- POST /v1/explain, and explanations in other answers.
 *
 *   {"user_id"|"history","item_id"[,"timestamp"][,"head":"rating"|"ranking"]}
 *     -> {"rating"|"score",
 *         "parts":[{"part":"mean","value"},
 *                  {"part":"feature","name":"category=Comedy","value"},...],
 *         "because":[{"item_id","similarity","pull"},...],
 *         "model_seq"[,"cold":["user","item"]]}
 *
 * A history is one of ratings (past.h), or for the ranking head what
 * /v1/recommend takes (recommend.h).  What parts and pulls mean stands in
 * model/rank/explain.h.
 */
#ifndef FRESHET_PROTO_EXPLAIN_H
#define FRESHET_PROTO_EXPLAIN_H

#include "proto/predict.h"
#include "proto/recommend.h"

struct explain_request {
    struct predict_pair pair;
    bool ranking;            /* the ranking head's score, not the rating */
    struct past past;        /* a history for the rating head, */
    const struct recommend_past *liked; /* ... for the ranking head */
    uint32_t nliked;
};

/* Any thread.  What *out points to is borrowed until explain_end() or the
 * thread's next document. */
bool explain_parse(const char *bytes, size_t n,
                   const struct proto_limits *limits,
                   struct explain_request *out, struct fail *f);

/* Any thread.  An explanation as two members, "parts" and "because", without
 * braces: explain_parts(), each explain_part(), explain_because(), each
 * explain_past_item(), explain_done(). */
void explain_parts(struct buf *out);
/* name: of a feature; len 0: it has none. */
void explain_part(struct buf *out, bool first, const char *part,
                  struct id name, float value);
void explain_because(struct buf *out);
void explain_past_item(struct buf *out, bool first, struct id item,
                       float similarity, float pull);
void explain_done(struct buf *out);

/* Any thread, the one that parsed.  The answer of /v1/explain around them.
 * explain_end() gives the memory of the request back. */
void explain_begin(struct buf *out, bool ranking, float value);
void explain_end(struct buf *out, uint64_t model_seq, unsigned char cold);

#endif
