/* explain_past.h -- the past items of explain.h.  For explain.c only.
 * Any thread with a pinned table; pure. */
#ifndef FRESHET_MODEL_RANK_EXPLAIN_PAST_H
#define FRESHET_MODEL_RANK_EXPLAIN_PAST_H

#include "model/rank/explain.h"

/* Where vectors are compared: the factors of one head. */
struct past_space {
    const float *items;      /* (I, dim) */
    const float *features;   /* (F, dim) */
    const float *user;       /* (dim) P */
    const float *item;       /* (dim) Q */
    uint32_t dim;
    float unit;              /* of the answer per unit of the dot product */
};

/* Fills past and npast. */
void explain_past(const struct table *t, const struct past_space *space,
                  const struct explain_query *q, struct explanation *out);

#endif
