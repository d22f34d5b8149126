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
 * Off by default: where tastes change it helps (a stream of 120,000 ratings
 * whose items change for other ones twice: RMSE .731 -> .722; all the time:
 * .795 -> .785), on MovieLens-100k a little (.9257 -> .9245), and on
 * MovieTweetings it costs as much (1.5902 -> 1.5911).
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
