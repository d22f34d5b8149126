/* stress_live.c -- readers and a trainer on the two copies, for a while.
 *
 *   stress_live SECONDS [SEED [READERS]]
 *
 * All values of a row are equal by construction: the number of the batch that
 * wrote it last.  Row 0 is written in every batch, and totals.events is the sum
 * over all rows, so that a copy tells whether it is what one batch left behind.
 * A reader fails on
 *   - a row whose values differ (torn), or that is newer than the copy;
 *   - a sum that does not fit (a row was not copied);
 *   - a copy that changes while it is pinned, or one older than what the reader
 *     saw, or what live_seq() said, before;
 *   - an id that is not where its copy says; a list or card freed too early.
 * The trainer fails when live_begin() gives a shadow that is not the published
 * copy byte for byte.
 *
 * Built with -DLIVE_STRESS the steps of the protocol sleep at random; without
 * that, this test proves little.  The same seed makes the same changes; what
 * the threads make of them differs from run to run.  Exit status 1: it failed,
 * 2: wrong arguments.
 */
#define STRESS_NAME "stress_live"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "model/core/live_point.h"
#include "model/core/random.h"
#include "model/core/reclaim.h"
#include "model/learn/seen.h"
#include "tests/stress/stress.h"
#include "tests/unit/live_test.h"

#define ROWS       4000u      /* past two doublings of the id maps' slots */
#define BATCHES    (1u << 24) /* floats hold these numbers exactly */
#define READERS    16

static const struct live_shape shape = {
    .dims = {8, 8}, .max_users = ROWS, .max_items = ROWS, .max_features = ROWS};

struct reader {
    /* set at boot, then read-only */
    struct live *live;
    const struct stress *stress;
    int slot;
    pthread_t thread;
    /* this reader only */
    uint64_t last;             /* newest batch seen */
    uint64_t looks;
};

struct stress {
    struct live *live;
    uint64_t seed;
    double seconds;
    int nreaders;
    atomic_bool stop;
    struct reader readers[READERS];
    /* trainer only */
    uint32_t batch;
};

/* ---- readers ----------------------------------------------------------- */

/* The value of a row, which cannot be torn or newer than its copy. */
static uint32_t look_at_row(const char *kind, uint32_t row, uint32_t value,
                            bool whole, uint64_t batch)
{
    if (!whole)
        fail("%s %u is torn", kind, row);
    if (value > batch)
        fail("%s %u of batch %u in a copy of %lu", kind, row, value, batch);
    return value;
}

static void look_at_card(const struct card *c, const char *kind, uint32_t row,
                         uint32_t value)
{
    if (!c || c->feature[0].row != value)
        fail("card of %s %u is of another batch", kind, row);
}

/* Sum of the values of all rows; fails on one that cannot be. */
static uint64_t sum_of_rows(const struct table *t, uint64_t batch)
{
    uint64_t sum = 0;
    for (uint32_t row = 0; row < t->users.n; row++) {
        uint32_t value = look_at_row("user", row, t->users.count[row],
                                     live_test_user_is_whole(t, row), batch);
        const struct seen_list *list = t->users.seen[row];
        if (!list || list->item[0] != value || seen_stamps(list)[0] != value)
            fail("seen list of user %u is of another batch", row);
        look_at_card(t->users.card[row], "user", row, value);
        sum += value;
    }
    for (uint32_t row = 0; row < t->items.n; row++) {
        uint32_t value = look_at_row("item", row, t->items.count[row],
                                     live_test_item_is_whole(t, row), batch);
        look_at_card(t->items.card[row], "item", row, value);
        sum += value;
    }
    for (uint32_t row = 0; row < t->features.n; row++)
        sum += look_at_row("feature", row, t->features.count[row],
                           live_test_feature_is_whole(t, row), batch);
    return sum;
}

static void look_up(const struct ids *ids, uint32_t k, uint32_t n, char kind)
{
    char name[16];
    struct id id = live_test_id(name, kind, k);
    uint32_t row = ids_find(ids, id, n);
    if (row != (k < n ? k : ROW_NONE))
        fail("%s is row %u in a copy of %u rows", name, row, n);
    struct id kept = row == ROW_NONE ? id : ids_name(ids, row);
    if (kept.len != id.len || memcmp(kept.s, id.s, id.len) != 0)
        fail("row %u has lost its name", row);
}

static void look(struct reader *r, const struct table *t, uint64_t dice)
{
    uint64_t batch = t->totals.seq;
    if (batch < r->last)
        fail("copy of batch %lu after one of %lu", batch, r->last);
    if (t->users.count[0] != batch || t->items.count[0] != batch)
        fail("row 0 is not of batch %lu", batch);
    if (sum_of_rows(t, batch) != t->totals.events)
        fail("rows of batch %lu do not sum up", batch);
    // A few beyond what this copy has: the map may know them already.
    look_up(live_user_ids(r->live), random_below(dice, t->users.n + 4),
            t->users.n, 'u');
    look_up(live_item_ids(r->live), random_below(dice, t->items.n + 4),
            t->items.n, 'i');
    look_up(live_feature_ids(r->live), random_below(dice, t->features.n + 4),
            t->features.n, 'f');
    if (dice % 16 == 0) { // long enough for the trainer to come and wait
        nap((long)(dice % 1000000));
        if (sum_of_rows(t, batch) != t->totals.events)
            fail("batch %lu changed while it was pinned", batch);
    }
    if (t->totals.seq != batch || t->users.count[0] != batch)
        fail("batch %lu became %lu while pinned", batch, t->totals.seq);
    r->last = batch;
}

static void *reader_main(void *arg)
{
    struct reader *r = arg;
    while (!atomic_load_explicit(&r->stress->stop, memory_order_relaxed)) {
        uint64_t dice = random_u64(r->stress->seed, RANDOM_REPLAY,
                                   (uint64_t)r->slot, r->looks);
        uint64_t seq = live_seq(r->live);
        r->last = seq > r->last ? seq : r->last;
        look(r, live_pin(r->live, r->slot), dice);
        live_unpin(r->live, r->slot);
        r->looks++;
        if (dice % 64 == 1)
            nap((long)(dice % 100000));
    }
    return NULL;
}

/* ---- the trainer ------------------------------------------------------- */

static void give_list(struct stress *s, struct table *t, uint32_t user)
{
    struct seen_list *list = calloc(1, seen_list_bytes(1));
    if (!list)
        fail("no memory");
    list->cap = 1;
    list->item[0] = s->batch;
    seen_stamps(list)[0] = s->batch;
    reclaim_retire(live_reclaim(s->live), t->users.seen[user]);
    t->users.seen[user] = list;
}

static void give_card(struct stress *s, struct card **card)
{
    struct card *c = calloc(1, sizeof *c + sizeof c->feature[0]);
    if (!c)
        fail("no memory");
    c->nfeatures = 1;
    c->feature[0].row = s->batch;
    reclaim_retire_held(live_reclaim(s->live), *card);
    *card = c;
}

static void change_user(struct stress *s, struct table *t, uint32_t user)
{
    t->totals.events += s->batch - t->users.count[user];
    live_test_set_user(t, user, s->batch);
    give_list(s, t, user);
    give_card(s, &t->users.card[user]);
    live_touch_user(s->live, user);
}

static void change_item(struct stress *s, struct table *t, uint32_t item)
{
    t->totals.events += s->batch - t->items.count[item];
    live_test_set_item(t, item, s->batch);
    give_card(s, &t->items.card[item]);
    live_touch_item(s->live, item);
}

static void change_feature(struct stress *s, struct table *t, uint32_t feature)
{
    t->totals.events += s->batch - t->features.count[feature];
    live_test_set_feature(t, feature, s->batch);
    live_touch_feature(s->live, feature);
}

static void add_three(struct stress *s, struct table *t)
{
    char name[16];
    uint32_t n = t->users.n;
    if (n == ROWS)
        return;
    if (live_test_add_user(s->live, t, live_test_id(name, 'u', n),
                           s->batch) != n ||
        live_test_add_item(s->live, t, live_test_id(name, 'i', n),
                           s->batch) != n ||
        live_test_add_feature(s->live, t, live_test_id(name, 'f', n),
                              s->batch) != n)
        fail("rows %u were not added", n);
    give_list(s, t, n);
    give_card(s, &t->users.card[n]);
    give_card(s, &t->items.card[n]);
    t->totals.events += 3 * (uint64_t)s->batch;
}

static void fold(struct stress *s, struct table *t)
{
    uint64_t dice = random_u64(s->seed, RANDOM_RESERVOIR, s->batch, 0);
    for (uint64_t k = dice % 4 + (t->users.n == 0); k > 0; k--)
        add_three(s, t);
    change_user(s, t, 0);
    change_item(s, t, 0);
    change_feature(s, t, 0);
    if (dice % 5 == 0) // as a snapshot that begins, or ends
        reclaim_hold(live_reclaim(s->live), dice % 2);
    for (uint32_t k = 1; k < dice / 4 % 32; k++) {
        uint64_t r = random_u64(s->seed, RANDOM_RESERVOIR, s->batch, k);
        change_user(s, t, random_below(r, t->users.n));
        change_item(s, t, random_below(random_mix(r), t->items.n));
        change_feature(s, t, random_below(random_mix(r + 1), t->features.n));
    }
    t->totals.seq = s->batch;
}

/* The shadow, after a look at the published copy through a pin of our own. */
static struct table *begin(struct stress *s)
{
    const struct table *now = live_pin(s->live, s->nreaders);
    struct table *shadow = live_begin(s->live);
    if (!live_test_equal(now, shadow))
        fail("shadow after batch %u is not the published copy", s->batch);
    live_unpin(s->live, s->nreaders);
    return shadow;
}

static void train(struct stress *s)
{
    double until = now() + s->seconds;
    while (now() < until && s->batch < BATCHES) {
        struct table *shadow = begin(s);
        s->batch++;
        fold(s, shadow);
        live_publish(s->live);
        if (live_seq(s->live) != s->batch)
            fail("live_seq() is not %u", s->batch);
    }
}

/* ---- life -------------------------------------------------------------- */

static void start_readers(struct stress *s)
{
    for (int i = 0; i < s->nreaders; i++) {
        struct reader *r = &s->readers[i];
        *r = (struct reader){.live = s->live, .stress = s, .slot = i};
        if (pthread_create(&r->thread, NULL, reader_main, r) != 0)
            fail("no thread");
    }
}

static void join_readers(struct stress *s)
{
    atomic_store(&s->stop, true);
    for (int i = 0; i < s->nreaders; i++)
        pthread_join(s->readers[i].thread, NULL);
}

/* Fails when too little happened for the result to mean anything. */
static void report(const struct stress *s)
{
    struct live_stats stats;
    uint64_t looks = 0;
    live_stats(s->live, &stats);
    for (int i = 0; i < s->nreaders; i++) {
        looks += s->readers[i].looks;
        if (s->readers[i].looks < 10)
            fail("reader %d looked %lu times only", i, s->readers[i].looks);
    }
    if (s->batch < 100 || stats.waits == 0)
        fail("%u batches and %lu waits only", s->batch, stats.waits);
    printf("stress_live: ok: %u batches, %lu looks, %lu waits\n", s->batch,
           looks, stats.waits);
}

static void free_lists(struct stress *s)
{
    const struct table *t = live_pin(s->live, 0);
    for (uint32_t user = 0; user < t->users.n; user++) {
        free(t->users.seen[user]);
        free(t->users.card[user]);
    }
    for (uint32_t item = 0; item < t->items.n; item++)
        free(t->items.card[item]);
    live_unpin(s->live, 0);
}

int main(int argc, char **argv)
{
    static struct stress s;
    s.seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
    s.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    s.nreaders = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 3;
    if (s.seconds <= 0 || s.nreaders < 1 || s.nreaders > READERS) {
        fprintf(stderr, "usage: stress_live SECONDS [SEED [READERS]]\n");
        return 2;
    }
    printf("stress_live: %g s, seed %lu, %d readers\n", s.seconds, s.seed,
           s.nreaders);
    fflush(stdout);
    live_point_seed((unsigned)s.seed);
    s.live = live_new(&shape, s.nreaders + 1);
    if (!s.live)
        fail("no memory");
    s.batch = 1; // a first one, so that row 0 is there
    fold(&s, live_begin(s.live));
    live_publish(s.live);
    start_readers(&s);
    train(&s);
    join_readers(&s);
    report(&s);
    free_lists(&s);
    live_free(s.live);
    return 0;
}
