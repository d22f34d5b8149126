/* guard.c -- see guard.h. */
#include "model/learn/guard.h"

#include "model/learn/pace.h"

void guard_add(struct totals *t, float predicted, float mean, float rating)
{
    struct versus *w = &t->course.window;
    double error = (double)predicted - (double)rating;
    double base = (double)mean - (double)rating;
    w->n++;
    w->squared += error * error;
    w->baseline += base * base;
}

static bool worse(const struct versus *v, double ratio,
                  const struct settings *s)
{
    double least = GUARD_LEAST * ((double)s->rating_max -
                                  (double)s->rating_min);
    return v->squared > ratio * v->baseline + (double)v->n * least * least;
}

static void add(struct versus *to, const struct versus *v)
{
    to->n += v->n;
    to->squared += v->squared;
    to->baseline += v->baseline;
}

static void trip(struct course *c, uint64_t seq)
{
    c->held = c->good_seq;
    c->held_at = seq;
    c->trips++;
}

void guard_look(struct totals *t, const struct settings *s)
{
    struct course *c = &t->course;
    double ratio = (double)s->guard_ratio;
    if (c->window.n < GUARD_RATINGS)
        return;
    pace_look(c, s);
    if (c->held && (!(ratio > 0) ||
                    !worse(&c->window, GUARD_RELEASE * ratio, s)))
        c->held = c->held_at = 0;
    else if (!c->held && ratio > 0 && c->good_seq &&
             worse(&c->window, ratio, s) && !worse(&c->past, 1, s))
        trip(c, t->seq);
    if (!c->held) {
        add(&c->past, &c->window);
        c->good_seq = t->seq;
    }
    c->window = (struct versus){.n = 0};
}
