/* similar.h -- how alike items are, or users, to the ranking head.
 *
 *   similarity(a, b) = cosine of their vectors with features (compose.h)
 *
 * Without a ranking head the vectors of the rating head stand in.  A row that
 * nothing was learned of, neither from events nor of a feature, is at right
 * angles to all others: what its vector happens to be means nothing.
 *
 * Any thread with a pinned table; pure, allocates nothing.
 */
#ifndef FRESHET_MODEL_RANK_SIMILAR_H
#define FRESHET_MODEL_RANK_SIMILAR_H

#include "model/rank/compose.h"

/* Where vectors are taken from: rows of items or of users. */
struct similar_space {
    const float *vec;            /* (n, dim) */
    const uint32_t *learned;     /* (n) events a row was learned from */
    struct card *const *card;    /* (n) */
    const struct brief *brief;   /* (n) of the cards; NULL: there is none */
    const float *features;       /* (F, dim) */
    const uint32_t *met;         /* (F) events a feature was part of */
    uint32_t n, dim;
};
struct similar_space similar_items(const struct table *t);
struct similar_space similar_users(const struct table *t);

/* The row's vector, of length 1, to *p.  False: nothing was learned of it. */
bool similar_vector(const struct similar_space *s, uint32_t row,
                    struct compose_room *p);

/* The similarity of p, of length 1, and a row. */
float similar_to(const struct similar_space *s, const float *p, uint32_t row);

#endif
