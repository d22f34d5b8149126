/* influence.h -- how much one user may teach.
 *
 *   cap     of the events that a user sends within a day of event time (UTC) the
 *           first learn.influence_cap are learned; the rest are counted as
 *           skipped.  A user who sends events of the past has those of that day
 *           counted anew: who can choose times can spread them, but not more
 *           than one cap to a day
 *   trust   the n-th event of a user moves the item by n / (n + trust_half) of
 *           a step, so that many accounts with few ratings each lift an item
 *           less than the same number of ratings by people who are known
 *
 * Trainer only; pure functions of the events.
 */
#ifndef FRESHET_MODEL_LEARN_INFLUENCE_H
#define FRESHET_MODEL_LEARN_INFLUENCE_H

#include "model/core/table.h"
#include "model/learn/settings.h"

#define INFLUENCE_DAY_MS 86400000

/* Counts the event of the user at that time.  False: it is one too many. */
static inline bool influence_take(struct users *u, uint32_t user,
                                  int64_t time_ms, const struct settings *s)
{
    uint32_t day = (uint32_t)(time_ms / INFLUENCE_DAY_MS);
    if (s->influence_cap == 0)
        return true;
    if (u->day[user] != day) {
        u->day[user] = day;
        u->today[user] = 0;
    }
    if (u->today[user] >= s->influence_cap)
        return false;
    u->today[user]++;
    return true;
}

/* What a step of the user, who has learned n events before it, counts for the
 * item. */
static inline float influence_trust(uint32_t n, const struct settings *s)
{
    float one_more = (float)n + 1.0f;
    return one_more / (one_more + s->trust_half);
}

#endif
