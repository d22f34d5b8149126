/* check_control_fold.c -- what an erasure, a retraction and other settings
 * leave in the model that learned, and that in a fold of the log they leave
 * nothing. */
#include "model_test.h"

#include <math.h>
#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/seen.h"

#define EVENTS 4000u
#define USERS  25u
#define ITEMS  20u

/* One event of a log that is kept here; frames of ratings can become voids. */
struct entry {
    enum event_type type;
    uint32_t user, item;
    unsigned char birth[8];
};

static struct entry entries[EVENTS + 1];     /* [seq] */

static struct event event_of(uint32_t seq, char name[2][16])
{
    const struct entry *x = &entries[seq];
    struct event e = test_stream(seq, USERS, ITEMS, name);
    snprintf(name[0], 16, "u%u", x->user);
    snprintf(name[1], 16, "i%u", x->item);
    e.user = (struct id){name[0], (uint32_t)strlen(name[0])};
    e.item = (struct id){name[1], (uint32_t)strlen(name[1])};
    if (x->type == EVENT_RATING)
        return e;
    struct event c = {.type = x->type};
    if (x->type != EVENT_VOID) {
        c.payload = x->birth;
        c.payload_bytes = sizeof x->birth;
    }
    if (x->type == EVENT_RETRACT)
        c.item = e.item;
    return c;
}

static void fold_one(struct model *m, uint32_t seq)
{
    char name[2][16];
    struct event e = event_of(seq, name);
    float predicted = test_fold(m, &e, seq);
    ck_assert(e.type == EVENT_RATING || isnan(predicted));
}

static uint32_t row_of(struct model *m, uint32_t user)
{
    char name[16];
    int n = snprintf(name, sizeof name, "u%u", user);
    return ids_find(live_user_ids(model_live(m)),
                    (struct id){name, (uint32_t)n}, UINT32_MAX);
}

static uint32_t item_row(struct model *m, uint32_t item)
{
    char name[16];
    int n = snprintf(name, sizeof name, "i%u", item);
    return ids_find(live_item_ids(model_live(m)),
                    (struct id){name, (uint32_t)n}, UINT32_MAX);
}

/* All state but the totals, where events that are no ratings are counted. */
static uint64_t hash_of_learned(struct model *m)
{
    struct live *live = model_live(m);
    const struct table *t = live_pin(live, 0);
    uint64_t sum = live_hash(live, t) + fold_seen_hash(model_fold_state(m));
    struct history *h = fold_history(model_fold_state(m));
    sum += history_hash(h, live_user_ids(live), live_item_ids(live));
    live_unpin(live, 0);
    return sum;
}

static struct totals totals_of(struct model *m)
{
    const struct table *t = live_pin(model_live(m), 0);
    struct totals totals = t->totals;
    live_unpin(model_live(m), 0);
    return totals;
}

/* What the keeper does: the frames become voids, then comes the event. */
static void take_out(struct model *m, uint32_t seq, bool whole)
{
    struct entry *x = &entries[seq];
    uint32_t row = row_of(m, x->user);
    uint64_t first = 0;
    for (uint32_t s = 1; s < seq; s++) {
        struct entry *old = &entries[s];
        if (old->type != EVENT_RATING || old->user != x->user ||
            (!whole && old->item != x->item))
            continue;
        old->type = EVENT_VOID;
        first = first ? first : s;
    }
    x->type = whole ? EVENT_ERASE : EVENT_RETRACT;
    if (row != ROW_NONE)
        first = ids_birth(live_user_ids(model_live(m)), row);
    put_u64(x->birth, first);
}

static struct model *new_model(void)
{
    struct settings s = test_settings();
    struct model *m;
    s.history = 300; // full before long
    s.max_users = 2 * EVENTS;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    return m;
}

/* People come, are erased or take something back, and come again.  The log that
 * is left gives the model of a log that never held what was taken out. */
START_TEST(a_fold_of_what_is_left)
{
    struct model *m = new_model(), *folded = new_model(), *never = new_model();
    uint32_t out = 0;
    for (uint32_t seq = 1; seq <= EVENTS; seq++) {
        struct entry *x = &entries[seq];
        *x = (struct entry){.type = EVENT_RATING,
                            .user = test_below(seq, 7, USERS),
                            .item = test_below(seq, 8, ITEMS)};
        if (test_below(seq, 9, 40) == 0) {
            take_out(m, seq, test_below(seq, 10, 2));
            out++;
        }
        fold_one(m, seq);
    }
    for (uint32_t seq = 1; seq <= EVENTS; seq++)
        fold_one(folded, seq);
    for (uint32_t seq = 1; seq <= EVENTS; seq++) {
        if (entries[seq].type != EVENT_RATING)
            entries[seq].type = EVENT_VOID;
        fold_one(never, seq);
    }
    struct totals f = totals_of(folded), n = totals_of(never);
    ck_assert_uint_eq(hash_of_learned(folded), hash_of_learned(never));
    ck_assert_uint_eq(f.epoch, out);
    ck_assert_uint_eq(f.interim + f.erased + n.epoch, 0);
    f.epoch = 0;
    ck_assert_mem_eq(&f, &n, sizeof f);
    struct totals live = totals_of(m);
    ck_assert_uint_eq(live.interim, 1);
    ck_assert_uint_eq(live.epoch, out);
    ck_assert_uint_gt(live.erased, 10);
    ck_assert_uint_ne(hash_of_learned(m), hash_of_learned(folded));
    model_free(m);
    model_free(folded);
    model_free(never);
}
END_TEST

static struct model *learned(uint32_t events)
{
    struct model *m = new_model();
    for (uint32_t seq = 1; seq <= events; seq++) {
        entries[seq] = (struct entry){.type = EVENT_RATING,
                                      .user = test_below(seq, 7, USERS),
                                      .item = test_below(seq, 8, ITEMS)};
        fold_one(m, seq);
    }
    return m;
}

static uint32_t replays_of(struct model *m, uint32_t user, uint32_t item)
{
    const struct history *h = model_history(m);
    uint32_t n = 0;
    for (uint32_t i = 0; i < history_count(h); i++)
        n += history_entries(h)[i].user == user &&
             (item == ROW_NONE || history_entries(h)[i].item == item);
    return n;
}

START_TEST(erased_here_and_now)
{
    struct model *m = learned(500);
    uint32_t row = row_of(m, 5), dim = test_settings().dim;
    uint64_t birth = ids_birth(live_user_ids(model_live(m)), row);
    uint64_t hash = hash_of_learned(m);
    ck_assert_uint_gt(replays_of(m, row, ROW_NONE), 0);
    entries[501] = (struct entry){.user = 5};
    take_out(m, 501, true);
    ck_assert_uint_eq(get_u64(entries[501].birth), birth);
    size_t bytes = model_bytes(m);
    fold_one(m, 501);
    ck_assert_uint_lt(model_bytes(m), bytes);
    ck_assert_uint_ne(hash_of_learned(m), hash);
    ck_assert_uint_eq(row_of(m, 5), ROW_NONE);
    ck_assert_uint_eq(replays_of(m, row, ROW_NONE), 0);
    const struct table *t = live_pin(model_live(m), 0);
    for (uint32_t d = 0; d < dim; d++)
        ck_assert(t->users.vec[(size_t)row * dim + d] == 0);
    ck_assert(t->users.bias[row] == 0 && t->users.count[row] == 0);
    ck_assert(t->users.session[row] == 0 && t->users.last_ms[row] == 0);
    ck_assert(t->users.nseen[row] == 0 && !t->users.seen[row]);
    live_unpin(model_live(m), 0);
    ck_assert_uint_eq(totals_of(m).erased, 1);
    hash = hash_of_learned(m);
    entries[502] = entries[501]; // nothing is left to take out
    fold_one(m, 502);
    ck_assert_uint_eq(hash_of_learned(m), hash);
    ck_assert_uint_eq(totals_of(m).erased, 1);
    entries[503] = (struct entry){EVENT_RATING, 5, 3, {0}}; // a stranger
    fold_one(m, 503);
    ck_assert_uint_ne(row_of(m, 5), row);
    ck_assert_uint_eq(ids_birth(live_user_ids(model_live(m)), row_of(m, 5)),
                      503);
    model_free(m);
}
END_TEST

static uint32_t items_seen(const struct table *t, uint32_t user)
{
    return seen_fold(t->users.seen[user], t->users.nseen[user], NULL,
                     NULL).items;
}

START_TEST(retracted_here_and_now)
{
    struct model *m = learned(500);
    uint32_t user = row_of(m, entries[500].user);
    uint32_t item = item_row(m, entries[500].item);
    const struct table *t = live_pin(model_live(m), 0);
    uint32_t seen = items_seen(t, user), count = t->users.count[user];
    live_unpin(model_live(m), 0);
    ck_assert_uint_eq(replays_of(m, user, item), 1);
    entries[501] = entries[500];
    take_out(m, 501, false);
    fold_one(m, 501);
    ck_assert_uint_eq(replays_of(m, user, item), 0);
    t = live_pin(model_live(m), 0);
    ck_assert_uint_eq(items_seen(t, user), seen - 1);
    ck_assert(!seen_has(t->users.seen[user], t->users.nseen[user], item));
    ck_assert_uint_eq(t->users.count[user], count);
    live_unpin(model_live(m), 0);
    struct totals totals = totals_of(m);
    ck_assert(totals.interim == 1 && totals.epoch == 1 && totals.erased == 0);
    uint64_t hash = hash_of_learned(m);
    // a second time, by one who does not exist, of an item that does not
    entries[502] = entries[501];
    fold_one(m, 502);
    entries[503] = entries[501];
    put_u64(entries[503].birth, 499999);
    fold_one(m, 503);
    entries[504] = entries[501];
    entries[504].item = 99;
    fold_one(m, 504);
    ck_assert_uint_eq(hash_of_learned(m), hash);
    ck_assert_uint_eq(totals_of(m).epoch, 4);
    ck_assert_uint_eq(row_of(m, entries[500].user), user);
    model_free(m);
}
END_TEST

/* Nobody was erased: an event that finds no row does not make it interim. */
START_TEST(of_nobody)
{
    struct model *m = learned(100);
    uint64_t hash = hash_of_learned(m);
    entries[101] = (struct entry){.type = EVENT_ERASE};
    put_u64(entries[101].birth, 12345);
    fold_one(m, 101);
    entries[102] = (struct entry){.type = EVENT_VOID};
    fold_one(m, 102);
    struct totals t = totals_of(m);
    ck_assert(t.interim == 0 && t.epoch == 1 && t.erased == 0 && t.seq == 102);
    ck_assert(t.events == 100 && t.skipped == 0);
    ck_assert_uint_eq(hash_of_learned(m), hash);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("control_fold", a_fold_of_what_is_left, erased_here_and_now,
                retracted_here_and_now, of_nobody)
