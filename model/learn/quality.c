/* quality.c -- see quality.h. */
#include "model/learn/quality.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS    60000
#define MINUTE_WORDS ((QUALITY_MINUTES + 63) / 64)
#define CURVE_WORDS  ((QUALITY_CURVE + 63) / 64)

struct quality {
    /* trainer only */
    struct quality_state now;
    uint32_t shift;                      /* width is 1 << this */
    uint32_t every;
    bool spread;
    int64_t ranking_ns;
    bool changed;                        /* since quality_publish() */
    uint64_t marked_minutes[MINUTE_WORDS]; /* bits: and which buckets */
    uint64_t marked_curve[CURVE_WORDS];
    /* guarded by lock */
    pthread_mutex_t lock;
    struct quality_state shown;
    int64_t shown_ranking_ns;
};

struct quality *quality_new(void)
{
    struct quality *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    if (pthread_mutex_init(&q->lock, NULL) != 0) {
        free(q);
        return NULL;
    }
    q->now.width = QUALITY_WIDTH;
    q->shift = (uint32_t)__builtin_ctzll(QUALITY_WIDTH);
    q->shown = q->now;
    return q;
}

void quality_free(struct quality *q)
{
    if (!q)
        return;
    pthread_mutex_destroy(&q->lock);
    free(q);
}

size_t quality_bytes(void)
{
    return sizeof(struct quality);
}

/* ---- the buckets of an event -------------------------------------------- */

static void mark(uint64_t *bits, uint32_t i)
{
    bits[i >> 6] |= (uint64_t)1 << (i & 63);
}

/* Neighbours become one, until there is a bucket for seq. */
static struct quality_sums *curve_bucket(struct quality *q, uint64_t seq)
{
    struct quality_sums *c = q->now.curve;
    while (seq >> q->shift >= QUALITY_CURVE) {
        for (uint32_t i = 0; i < QUALITY_CURVE / 2; i++) {
            struct quality_sums pair = c[2 * i];
            quality_add(&pair, &c[2 * i + 1]);
            c[i] = pair;
        }
        memset(&c[QUALITY_CURVE / 2], 0, QUALITY_CURVE / 2 * sizeof *c);
        q->now.width *= 2;
        q->shift++;
        memset(q->marked_curve, 0xff, sizeof q->marked_curve);
    }
    uint32_t i = (uint32_t)(seq >> q->shift);
    mark(q->marked_curve, i);
    return &c[i];
}

uint32_t quality_minute_place(int64_t minute)
{
    int64_t m = minute % (int64_t)QUALITY_MINUTES;
    return (uint32_t)(m < 0 ? m + (int64_t)QUALITY_MINUTES : m);
}

/* NULL: the bucket belongs to a later minute. */
static struct quality_sums *minute_bucket(struct quality *q, int64_t time_ms)
{
    int64_t minute = time_ms / MINUTE_MS - (time_ms % MINUTE_MS < 0);
    uint32_t i = quality_minute_place(minute);
    struct quality_minute *b = &q->now.minutes[i];
    if (!quality_is_empty(&b->sums) && b->minute > minute)
        return NULL;
    if (b->minute != minute)
        *b = (struct quality_minute){.minute = minute};
    mark(q->marked_minutes, i);
    return &b->sums;
}

/* ---- ratings ------------------------------------------------------------ */

/* To one bucket.  Each event does this four times, so no more is added than
 * there is. */
static void add_rating(struct quality_sums *to, const struct quality_errors *e,
                       bool cold_user, bool cold_item)
{
    quality_add_errors(&to->all, e);
    if (cold_user)
        quality_add_errors(&to->cold_users, e);
    if (cold_item)
        quality_add_errors(&to->cold_items, e);
}

void quality_rated(struct quality *q, const struct quality_rating *r)
{
    struct quality_errors e =
        quality_errors_one(r->predicted, r->baseline, r->rating);
    bool user = r->user_count < QUALITY_COLD;
    bool item = r->item_count < QUALITY_COLD;
    uint64_t n = q->now.overall.all.n;
    struct quality_sums *block =
        &q->now.recent[n / QUALITY_BLOCK_RATINGS % QUALITY_BLOCKS];
    if (n % QUALITY_BLOCK_RATINGS == 0) { // the oldest block makes room
        memset(&block->all, 0, sizeof block->all);
        memset(&block->cold_items, 0, sizeof block->cold_items);
        memset(&block->cold_users, 0, sizeof block->cold_users);
    }
    struct quality_sums *minute = minute_bucket(q, r->time_ms);
    add_rating(&q->now.overall, &e, user, item);
    add_rating(block, &e, user, item);
    add_rating(curve_bucket(q, r->seq), &e, user, item);
    if (minute)
        add_rating(minute, &e, user, item);
    q->changed = true;
}

/* ---- ranks -------------------------------------------------------------- */

void quality_sample(struct quality *q, uint32_t every, bool spread)
{
    q->every = every;
    q->spread = spread;
}

bool quality_wants(const struct quality *q, uint64_t seq, uint32_t nitems)
{
    uint64_t every = q->every;
    if (every == 0)
        return false;
    if (q->spread)
        for (uint64_t n = QUALITY_SPREAD_ITEMS; n < nitems; n *= 2)
            every *= 2;
    return seq % every == 0;
}

void quality_ranked(struct quality *q, const struct quality_ranking *r)
{
    struct quality_sums one = {
        .ranks = {.n = 1, .model = quality_places_one(r->rank),
                  .popular = quality_places_one(r->rank_popular)}};
    uint64_t n = q->now.overall.ranks.n;
    struct quality_sums *block =
        &q->now.recent[n / QUALITY_BLOCK_RANKS % QUALITY_BLOCKS];
    if (n % QUALITY_BLOCK_RANKS == 0)
        memset(&block->ranks, 0, sizeof block->ranks);
    struct quality_sums *minute = minute_bucket(q, r->time_ms);
    quality_add(&q->now.overall, &one);
    quality_add(block, &one);
    quality_add(curve_bucket(q, r->seq), &one);
    if (minute)
        quality_add(minute, &one);
    q->ranking_ns += r->took_ns;
    q->changed = true;
}

/* ---- to the readers ----------------------------------------------------- */

void quality_publish(struct quality *q)
{
    if (!q->changed)
        return;
    const struct quality_state *now = &q->now;
    pthread_mutex_lock(&q->lock);
    q->shown_ranking_ns = q->ranking_ns;
    q->shown.width = now->width;
    q->shown.overall = now->overall;
    memcpy(q->shown.recent, now->recent, sizeof now->recent);
    for (uint32_t w = 0; w < CURVE_WORDS; w++)
        for (uint64_t bits = q->marked_curve[w]; bits; bits &= bits - 1) {
            uint32_t i = 64 * w + (uint32_t)__builtin_ctzll(bits);
            q->shown.curve[i] = now->curve[i];
        }
    for (uint32_t w = 0; w < MINUTE_WORDS; w++)
        for (uint64_t bits = q->marked_minutes[w]; bits; bits &= bits - 1) {
            uint32_t i = 64 * w + (uint32_t)__builtin_ctzll(bits);
            q->shown.minutes[i] = now->minutes[i];
        }
    pthread_mutex_unlock(&q->lock);
    memset(q->marked_curve, 0, sizeof q->marked_curve);
    memset(q->marked_minutes, 0, sizeof q->marked_minutes);
    q->changed = false;
}

void quality_read(struct quality *q, struct quality_state *out)
{
    pthread_mutex_lock(&q->lock);
    *out = q->shown;
    pthread_mutex_unlock(&q->lock);
}

void quality_read_sums(struct quality *q, struct quality_sums *overall,
                       struct quality_sums *recent)
{
    struct quality_sums blocks[QUALITY_BLOCKS];
    pthread_mutex_lock(&q->lock);
    *overall = q->shown.overall;
    memcpy(blocks, q->shown.recent, sizeof blocks);
    pthread_mutex_unlock(&q->lock);
    memset(recent, 0, sizeof *recent);
    for (uint32_t i = 0; i < QUALITY_BLOCKS; i++)
        quality_add(recent, &blocks[i]);
}

int64_t quality_ranking_ns(struct quality *q)
{
    pthread_mutex_lock(&q->lock);
    int64_t ns = q->shown_ranking_ns;
    pthread_mutex_unlock(&q->lock);
    return ns;
}

/* ---- snapshots ---------------------------------------------------------- */

const struct quality_state *quality_now(const struct quality *q)
{
    return &q->now;
}

void quality_restore(struct quality *q, const struct quality_state *s)
{
    q->now = *s;
    q->shift = (uint32_t)__builtin_ctzll(s->width);
    pthread_mutex_lock(&q->lock);
    q->shown = *s;
    pthread_mutex_unlock(&q->lock);
}
