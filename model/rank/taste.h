/* taste.h -- the ranking vector of who is asking.
 *
 * A user's is in the table: as the last event left it, while the items learned on.
 * So a list for a user begins with it and learns the last `recommend.recent` items
 * that they liked (learn/liked.h) once more, TASTE_AGAIN passes, if there are so
 * many.  Hit rate at 10 without / with the last five:
 *
 *   MovieLens-100k, each event ranked before it is learned   .158  .161
 *     last item of 943 users held out, 10 epochs (se .012)   .141  .191
 *   MovieTweetings-100k, each fourth event                   .178  .177
 *     last item of 4,692 users held out (se .005)            .162  .164
 *
 * Without epochs .131 becomes .175, .188, .193 with three, five, eight items.  From
 * the first item on instead of the fifth, MovieTweetings loses .003, and .007 with
 * eight passes.  It takes 27,000 instructions.
 *
 * Somebody who comes with a history (what they clicked
 * a minute ago, without a name) is learned as learning does, on a vector of
 * their own that nobody keeps: TASTE_PASSES passes over the history, a logistic
 * step for each item and, where it is liked, one for each of the negatives, which
 * depend on the items alone.  The same history gives the same vector.
 *
 * A history is in order, and the last TASTE_ITEMS are learned from: more are no
 * better and cost time under a pin.  At most about TASTE_STEPS steps are taken, so
 * that many negatives mean fewer passes.  MovieLens-100k with genres and years,
 * one epoch, last item of each of 943 users held out and all others excluded, hit
 * rate at 10 (standard error .012) of the last n items of their history, alone and
 * upon the user's own vector, which by itself has .125:
 *
 *   n        1     5    10    20    50   200   500
 *   alone  .137  .184        .186  .179  .179  .181
 *   upon   .176  .179  .188  .188  .179
 *
 *   g = |w| (label - sigmoid(rb_i + p . q_i))      p += rate (g q_i - l2 p)
 *
 * Any thread with a pinned table; pure, allocates nothing.
 */
#ifndef FRESHET_MODEL_RANK_TASTE_H
#define FRESHET_MODEL_RANK_TASTE_H

#include "model/core/table.h"
#include "model/learn/settings.h"
#include "model/rank/compose.h"
#include "model/rank/row_set.h"

struct ids;

#define TASTE_PASSES 8
#define TASTE_AGAIN  2       /* passes over what a user liked last */
#define TASTE_ITEMS  64u
#define TASTE_STEPS  4096u

/* An item, and how much it was liked (> 0) or disliked (< 0). */
struct taste {
    uint32_t item;           /* a row of the table */
    float weight;
};

struct taste_query {
    uint32_t user;           /* a row, where the history starts from; ROW_NONE */
    const struct taste *history;   /* (n) the newest last */
    uint32_t n;
    uint32_t passes;         /* at most; 0: TASTE_PASSES */
    uint32_t nitems;         /* negatives are of the first so many; 0: of all */
    const struct row_set *known;   /* items that are no negatives: those of the
                                      history, and what the user has seen */
};

/* Is there enough to rank by?  A head that has learned, and of the user or in
 * the history something that it has learned from. */
bool taste_known(const struct table *t, const struct taste_query *q);

/* The items that the user (a row, or ROW_NONE) liked last: s->recent of them, 0 if
 * there are not so many. */
uint32_t taste_recent(const struct table *t, const struct settings *s,
                      uint32_t user, struct taste out[LIKED_ITEMS]);

/* The same of q->user, as the query's history. */
void taste_recall(const struct table *t, const struct settings *s,
                  struct taste recent[LIKED_ITEMS], struct taste_query *q);

/* What the user (a row, or ROW_NONE) has seen, to *known.  False: no memory. */
bool taste_know_seen(const struct table *t, uint32_t user,
                     struct row_set *known);

/* The vector (rdim) to *p. */
void taste_vector(const struct table *t, const struct ids *items,
                  const struct settings *s, const struct taste_query *q,
                  struct compose_room *p);

#endif
