/* state.c -- see state.h. */
#include "model/learn/state.h"

#include "model/core/hash.h"
#include "model/core/ids.h"
#include "model/learn/history.h"
#include "model/learn/quality.h"

static uint64_t hash_of_rows(const struct state *s)
{
    return live_hash(s->live, s->t);
}

static size_t bytes_of_rows(const struct state *s)
{
    struct live_stats stats;
    live_stats(s->live, &stats);
    return stats.bytes;
}

/* Every field is 8 bytes, so there is no padding to hash. */
_Static_assert(sizeof(struct totals) ==
                   8 * (13 + sizeof(struct seen_kinds) / 8 +
                        3 * (1 + RECENT_BLOCKS) + 13),
               "totals has padding");

uint64_t state_hash_totals(const struct totals *t)
{
    // a model into which no mean was imported hashes as it ever did
    size_t n = t->prior_count ? sizeof *t : offsetof(struct totals, prior_mean);
    return hash_bytes(hash_start(HASH_TOTALS, 0), t, n);
}

static uint64_t hash_of_totals(const struct state *s)
{
    return state_hash_totals(&s->t->totals);
}

static size_t bytes_of_totals(const struct state *s)
{
    (void)s;
    return 2 * sizeof(struct totals);
}

static uint64_t hash_of_liked(const struct state *s)
{
    return fold_liked_hash(s->fold);
}

static size_t bytes_of_liked(const struct state *s)
{
    (void)s;
    return 0; // among those of rows
}

static uint64_t hash_of_seen(const struct state *s)
{
    return fold_seen_hash(s->fold);
}

static size_t bytes_of_seen(const struct state *s)
{
    return fold_seen_bytes(s->fold);
}

static uint64_t hash_of_cards(const struct state *s)
{
    return fold_user_cards(s->fold)->hash + fold_item_cards(s->fold)->hash;
}

static size_t bytes_of_cards(const struct state *s)
{
    return fold_user_cards(s->fold)->memory + fold_item_cards(s->fold)->memory;
}

static uint64_t hash_entries(const struct state *s, struct history *h)
{
    return h ? history_hash(h, live_user_ids(s->live), live_item_ids(s->live))
             : 0;
}

static uint64_t hash_of_history(const struct state *s)
{
    return hash_entries(s, fold_history(s->fold));
}

static size_t bytes_of_history(const struct state *s)
{
    const struct history *h = fold_history(s->fold);
    return h ? history_bytes(h) : 0;
}

static uint64_t hash_of_positives(const struct state *s)
{
    return hash_entries(s, fold_positives(s->fold));
}

static size_t bytes_of_positives(const struct state *s)
{
    const struct history *h = fold_positives(s->fold);
    return h ? history_bytes(h) : 0;
}

/* What has been measured of a model does not make it another. */
static uint64_t hash_of_evaluation(const struct state *s)
{
    (void)s;
    return 0;
}

static size_t bytes_of_evaluation(const struct state *s)
{
    (void)s;
    return quality_bytes();
}

uint64_t state_hash_mlp(const struct mlp_shape *shape, const float *block)
{
    return shape->floats ? hash_bytes(hash_start(HASH_MLP, shape->nlayers),
                                      block, mlp_bytes(shape))
                         : 0;
}

static uint64_t hash_of_mlp(const struct state *s)
{
    return state_hash_mlp(&s->t->mlp_shape, s->t->mlp);
}

static size_t bytes_of_mlp(const struct state *s)
{
    (void)s;
    return 0; // among those of rows: live_stats()
}

static const struct {
    uint64_t (*hash)(const struct state *s);
    size_t (*bytes)(const struct state *s);
} parts[] = {
#define PART(name, what) {hash_of_##name, bytes_of_##name},
    STATE_PARTS(PART)
};

#define NPARTS (sizeof parts / sizeof *parts)

uint64_t state_hash(const struct state *s)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < NPARTS; i++)
        sum += parts[i].hash(s);
    return sum;
}

size_t state_bytes(const struct state *s)
{
    size_t sum = 0;
    for (size_t i = 0; i < NPARTS; i++)
        sum += parts[i].bytes(s);
    return sum;
}
