/* progress.c -- see progress.h. */
#include "model/learn/progress.h"

#include <string.h>

static void add(struct error_sums *s, double error)
{
    s->n++;
    s->squared += error * error;
    s->absolute += error < 0 ? -error : error;
}

void progress_add(struct totals *t, float predicted, float rating)
{
    double error = (double)predicted - (double)rating;
    struct error_sums *block =
        &t->recent[t->all.n / RECENT_EVENTS % RECENT_BLOCKS];
    if (t->all.n % RECENT_EVENTS == 0) // the oldest block makes room
        memset(block, 0, sizeof *block);
    add(block, error);
    add(&t->all, error);
}
