/* visit.h -- a question about a person and an item, as the pinned model sees it,
 * and its explanation as JSON.  Worker only, all.
 *
 * The person is a row of the table, or a visitor (model/rank/visitor.h) when the
 * question brings a history; nothing of it is kept.
 */
#ifndef FRESHET_SERVER_API_VISIT_H
#define FRESHET_SERVER_API_VISIT_H

#include "model/rank/explain.h"
#include "proto/predict.h"
#include "server/worker.h"

struct visit {
    uint32_t user, item;             /* rows, or ROW_NONE */
    int64_t time_ms;
    uint32_t nhistory;               /* of w->history */
    const struct visitor *visitor;   /* NULL: the row is asked */
    struct visitor room;             /* ... or this */
};

/* Room for the history in w's scratch; before the pin.  False: no memory. */
bool visit_reserve(struct worker *w, const struct past *past);

/* Under the pin on t.  Finds the rows, and learns the history. */
void visit_begin(struct visit *v, struct worker *w, const struct table *t,
                 const struct predict_pair *pair, const struct past *past);

/* As above.  PREDICT_COLD_...: who brings a history is not cold. */
unsigned char visit_cold(const struct visit *v);

float visit_rating(const struct visit *v, const struct worker *w,
                   const struct table *t);

/* As above, for names belong to the copy.  The rating or, with ranking, the score
 * in parts; at most `scan` past items are looked at. */
void visit_explain(const struct visit *v, const struct worker *w,
                   const struct table *t, bool ranking, uint32_t scan,
                   struct explanation *out);

/* As above.  "parts" and "because", without braces. */
void visit_write(struct buf *out, const struct live *live,
                 const struct explanation *e);

#endif
