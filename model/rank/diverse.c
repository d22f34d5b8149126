/* diverse.c -- see diverse.h. */
#include "model/rank/diverse.h"

#include <stdlib.h>
#include <string.h>

#include "model/rank/similar.h"

void diverse_release(struct diverse *d)
{
    free(d->vec);
    memset(d, 0, sizeof *d);
}

static float *vectors(struct diverse *d, const struct table *t,
                      const struct topn_entry *list, uint32_t n)
{
    struct similar_space s = similar_items(t);
    size_t floats = (size_t)n * s.dim;
    struct compose_room p;
    if (floats > d->room) {
        float *vec = aligned_alloc(64, (floats + 15) / 16 * 64);
        if (!vec)
            return NULL;
        free(d->vec);
        d->vec = vec;
        d->room = floats;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!similar_vector(&s, list[i].row, &p))
            memset(&p, 0, s.dim * sizeof(float));
        memcpy(&d->vec[(size_t)i * s.dim], &p, s.dim * sizeof(float));
    }
    return d->vec;
}

/* What is left of the pool, and of each how close it is to what was chosen. */
struct left {
    uint32_t at;             /* in the list */
    float relevance;
    float closest;
};

static uint32_t best_of(const struct left *left, uint32_t n, float part)
{
    uint32_t best = 0;
    float most = 0;
    for (uint32_t i = 0; i < n; i++) {
        float value = (1 - part) * left[i].relevance - part * left[i].closest;
        if (i == 0 || value > most) {
            best = i;
            most = value;
        }
    }
    return best;
}

/* relevance of key in worst..best */
static float relevance(double key, double worst, double best)
{
    return best > worst ? (float)((key - worst) / (best - worst)) : 0;
}

enum err diverse_order(struct diverse *d, const struct table *t,
                       struct topn_entry *list, uint32_t n, uint32_t want,
                       float part)
{
    struct topn_entry out[DIVERSE_MAX];
    struct left left[DIVERSE_POOL];
    uint32_t dim = similar_items(t).dim;
    const float *vec = vectors(d, t, list, n);
    if (!vec && n)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        left[i] = (struct left){
            i, relevance(list[i].key, list[n - 1].key, list[0].key), 0};
    uint32_t take = want < n ? want : n, nleft = n;
    for (uint32_t k = 0; k < take; k++) {
        uint32_t best = best_of(left, nleft, part), at = left[best].at;
        out[k] = list[at];
        nleft--;
        for (uint32_t i = best; i < nleft; i++)
            left[i] = left[i + 1];
        for (uint32_t i = 0; i < nleft; i++) {
            float near = dot_rows(&vec[(size_t)at * dim],
                                  &vec[(size_t)left[i].at * dim], dim);
            if (k == 0 || near > left[i].closest)
                left[i].closest = near;
        }
    }
    memcpy(list, out, take * sizeof *out);
    return ERR_OK;
}
