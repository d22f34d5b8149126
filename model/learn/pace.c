/* pace.c -- see pace.h. */
#include "model/learn/pace.h"

#define FAST 4.0
#define SLOW 32.0

void pace_look(struct course *c, const struct settings *s)
{
    const struct versus *w = &c->window;
    double pace = (double)pace_now(c, s);
    if (!s->control || !(w->baseline > 0))
        return;
    double rel = w->squared / w->baseline;
    if (!(c->slow > 0))
        c->fast = c->slow = rel;
    c->fast += (rel - c->fast) / FAST;
    c->slow += (rel - c->slow) / SLOW;
    if (c->fast > c->slow * (1 + PACE_DRIFT))
        pace *= PACE_RAISE;
    else if (pace > 1 || (c->fast < c->slow * (1 + PACE_STABLE) &&
                          c->fast > c->slow * (1 - PACE_STABLE)))
        pace *= PACE_LOWER;
    c->pace = pace < s->control_min ? s->control_min
            : pace > s->control_max ? s->control_max : pace;
}
