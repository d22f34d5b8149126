/* pace.h -- steps that follow how well learning goes (learn.control).
 *
 *   rel   = error of the window / error of the baseline on the same ratings
 *   fast += (rel - fast) / 4           slow += (rel - slow) / 32
 *   drift    fast > slow * (1 + PACE_DRIFT)           pace *= PACE_RAISE
 *   over     pace > 1, and no drift                   pace *= PACE_LOWER
 *   stable   fast in slow * (1 -+ PACE_STABLE)        pace *= PACE_LOWER
 *   else (it gets better)                             pace stays
 *   pace stays in learn.control_min .. learn.control_max
 *
 * at each look of the guard (guard.h), which also says what a window is.  The
 * steps of biases and factors, fresh and replayed, are multiplied by the pace;
 * and the trainer publishes after that much fewer events (trainer.h).  A pure
 * function of the events, kept in totals.course.
 *
 * Measured, RMSE without and with control, at the defaults and with
 * control_min = 0.8:
 *
 *   120,000 ratings, items change twice       .773   .751   .753
 *   the same, they change all the time        .828   .825   .831
 *   the same, they do not change              .595   .595   .597
 *   MovieLens-100k without metadata           .9258  .9258  .9268
 *   MovieTweetings-100k                       1.5946 1.5946 1.5959
 *
 * So control_min is 1: steps that shrink with a row's count are small enough
 * when all is stable.  Off by default, because on neither of the sets that
 * people made does it ever see a drift.
 */
#ifndef FRESHET_MODEL_LEARN_PACE_H
#define FRESHET_MODEL_LEARN_PACE_H

#include "model/core/table.h"
#include "model/learn/settings.h"

#define PACE_DRIFT  0.04
#define PACE_STABLE 0.01
#define PACE_RAISE  1.5
#define PACE_LOWER  0.98

/* Any thread.  What steps are multiplied by: 1 when learn.control is off. */
static inline float pace_now(const struct course *c, const struct settings *s)
{
    float pace = c->pace > 0 ? (float)c->pace : 1;
    if (!s->control)
        return 1;
    pace = pace < s->control_min ? s->control_min : pace;
    return pace > s->control_max ? s->control_max : pace;
}

/* For guard_look(): c->window is complete. */
void pace_look(struct course *c, const struct settings *s);

#endif
