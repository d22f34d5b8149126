/* taste_score.h -- what the ranking head thinks of all items for one user, as a
 * list for them has it: by the vector of taste.h.  For tests of ranking, in the
 * fold and after it.
 */
#ifndef FRESHET_MODEL_RANK_TASTE_SCORE_H
#define FRESHET_MODEL_RANK_TASTE_SCORE_H

#include "model/rank/score.h"
#include "model/rank/taste.h"

/* Scratch that grows and is reused.  Zero-initialise; taste_scratch_release(). */
struct taste_scratch {
    struct score_scratch scores;
    struct row_set known;
};
void taste_scratch_release(struct taste_scratch *s);

/* Any thread with a pinned table, or the trainer on the shadow.  The scores of
 * items 0 .. nitems-1, which are all there are for this, to s->scores.score.
 * user: a row of t.  ERR_NOMEM. */
enum err taste_scores(const struct table *t, const struct ids *items,
                      const struct settings *s, uint32_t user, uint32_t nitems,
                      struct taste_scratch *scratch) MUSTCHECK;

#endif
