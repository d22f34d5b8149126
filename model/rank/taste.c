/* taste.c -- see taste.h. */
#include "model/rank/taste.h"

#include <math.h>

#include "model/core/ids.h"
#include "model/core/random.h"
#include "model/learn/sigmoid.h"

/* A card's features that some event was part of. */
static bool features_learned(const struct table *t, const struct card *c)
{
    for (uint32_t i = 0; c && i < c->nfeatures; i++)
        if (t->features.count[c->feature[i].row])
            return true;
    return false;
}

bool taste_known(const struct table *t, const struct taste_query *q)
{
    if (t->rdim == 0)
        return false;
    if (q->user != ROW_NONE && (t->users.positives[q->user] ||
                                features_learned(t, t->users.card[q->user])))
        return true;
    for (uint32_t i = 0; i < q->n; i++)
        if (t->items.positives[q->history[i].item] ||
            features_learned(t, t->items.card[q->history[i].item]))
            return true;
    return false;
}

/* One step on the vector; one that would not be finite is not taken. */
static void step(const struct table *t, uint32_t item, float label,
                 float weight, float rate, float l2, struct compose_room *p)
{
    struct compose_room sum, to;
    const float *row = compose_rank_item(t, item, &sum);
    const dot_half *q = (const dot_half *)__builtin_assume_aligned(row, 16);
    float score = t->items.rbias[item] +
                  dot_rows((const float *)p->v, row, t->rdim);
    float g = weight * (label - sigmoid(score));
    dot_half bad = {0};
    for (uint32_t j = 0; j < t->rdim / 4; j++) {
        to.v[j] = p->v[j] + rate * (g * q[j] - l2 * p->v[j]);
        bad += to.v[j] - to.v[j];
    }
    if ((bad[0] + bad[1]) + (bad[2] + bad[3]) == 0)
        memcpy(p->v, to.v, t->rdim * sizeof(float));
}

/* The first step size, for a user who had so many positive events. */
static float first_rate(const struct settings *s, uint32_t had)
{
    float grown = 1.0f + (float)had / s->rank_half;
    return s->rank_rate / sqrtf(sqrtf(grown));
}

/* How often n items are gone over. */
static uint32_t passes(const struct settings *s, const struct taste_query *q,
                       uint32_t n)
{
    uint32_t most = TASTE_STEPS / (n * (1 + s->negatives) + 1);
    uint32_t want = q->passes ? q->passes : TASTE_PASSES;
    return most < 1 ? 1 : most < want ? most : want;
}

uint32_t taste_recent(const struct table *t, const struct settings *s,
                      uint32_t user, struct taste out[LIKED_ITEMS])
{
    uint32_t n = s->recent;
    if (user == ROW_NONE || n == 0)
        return 0;
    const uint32_t *liked = &t->users.liked[(size_t)user * LIKED_ITEMS];
    if (!liked[n - 1])
        return 0;
    for (uint32_t i = 0; i < n; i++)
        out[n - 1 - i] = (struct taste){liked[i] - 1, 1};
    return n;
}

void taste_recall(const struct table *t, const struct settings *s,
                  struct taste recent[LIKED_ITEMS], struct taste_query *q)
{
    q->n = taste_recent(t, s, q->user, recent);
    q->history = recent;
    q->passes = TASTE_AGAIN;
}

bool taste_know_seen(const struct table *t, uint32_t user,
                     struct row_set *known)
{
    if (!row_set_begin(known, t->items.n))
        return false;
    for (uint32_t i = 0; user != ROW_NONE && i < t->users.nseen[user]; i++)
        row_set_add(known, t->users.seen[user]->item[i]);
    return true;
}

void taste_vector(const struct table *t, const struct ids *items,
                  const struct settings *s, const struct taste_query *q,
                  struct compose_room *p)
{
    uint32_t nitems = q->nitems ? q->nitems : t->items.n;
    uint32_t had = 0, n = q->n < TASTE_ITEMS ? q->n : TASTE_ITEMS;
    memset(p->v, 0, t->rdim * sizeof(float));
    if (q->user != ROW_NONE) {
        const float *own = compose_rank_user(t, q->user, p);
        if (own != (const float *)p->v)
            memcpy(p->v, own, t->rdim * sizeof(float));
        had = t->users.positives[q->user];
    }
    if (n == 0)
        return;
    const struct taste *last = &q->history[q->n - n];
    float rate = first_rate(s, had + n);
    for (uint32_t k = 0, all = passes(s, q, n) * n; k < all; k++) {
        const struct taste *h = &last[k % n];
        float size = fabsf(h->weight);
        uint64_t key = ids_key(items, h->item);
        step(t, h->item, h->weight > 0 ? 1.0f : 0.0f, size, rate, s->rank_l2,
             p);
        for (uint32_t j = 0; h->weight > 0 && j < s->negatives; j++) {
            uint64_t r = random_u64(s->seed, RANDOM_NEGATIVE, key,
                                    (k / n) * s->negatives + j);
            uint32_t other = random_below(r, nitems);
            if (!row_set_has(q->known, other))
                step(t, other, 0.0f, size, rate, s->rank_l2, p);
        }
    }
}
