/* check_liked.c -- what each user liked last, against a list kept beside; and the
 * lists that are for it. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/fold.h"
#include "model/rank/rank_of.h"
#include "model/rank/recommend.h"
#include "model/rank/taste_score.h"

#define USERS 5u
#define ITEMS 60u
#define EVENTS 1500u

/* The newest first; 0: none. */
static uint32_t liked[USERS][LIKED_ITEMS];

static void note(uint32_t user, uint32_t item)
{
    uint32_t *l = liked[user], at = 0;
    while (at < LIKED_ITEMS - 1 && l[at] != item + 1)
        at++;
    memmove(&l[1], l, at * sizeof *l);
    l[0] = item + 1;
}

static void forget(uint32_t user, uint32_t item)
{
    uint32_t *l = liked[user], n = 0, kept[LIKED_ITEMS] = {0};
    for (uint32_t i = 0; i < LIKED_ITEMS; i++)
        if (l[i] != item + 1)
            kept[n++] = l[i];
    memcpy(l, kept, sizeof kept);
}

static uint32_t row_of(const struct ids *ids, char kind, uint32_t number)
{
    char name[8];
    int n = snprintf(name, sizeof name, "%c%u", kind, number);
    return ids_find(ids, (struct id){name, (uint32_t)n}, UINT32_MAX);
}

/* The row says what is kept beside. */
static void check_user(struct model *m, const struct table *t, uint32_t user)
{
    uint32_t row = row_of(live_user_ids(model_live(m)), 'u', user);
    if (row == ROW_NONE || row >= t->users.n)
        return;
    const uint32_t *l = &t->users.liked[(size_t)row * LIKED_ITEMS];
    for (uint32_t i = 0; i < LIKED_ITEMS; i++) {
        uint32_t item = liked[user][i];
        uint32_t want = item ? row_of(live_item_ids(model_live(m)), 'i',
                                      item - 1) + 1
                             : 0;
        ck_assert_uint_eq(l[i], want);
    }
}

static uint64_t hash_of(struct model *m)
{
    return fold_liked_hash(model_fold_state(m));
}

/* A retraction, or the erasure of the user. */
static void take_out(struct model *m, uint32_t user, const char *item)
{
    unsigned char birth[8];
    const struct ids *users = live_user_ids(model_live(m));
    const struct table *t = live_pin(model_live(m), 0);
    uint64_t seq = t->totals.seq + 1;
    live_unpin(model_live(m), 0);
    put_u64(birth, ids_birth(users, row_of(users, 'u', user)));
    struct event e = {.type = item ? EVENT_RETRACT : EVENT_ERASE,
                      .payload = birth, .payload_bytes = 8};
    if (item)
        e.item = (struct id){item, (uint32_t)strlen(item)};
    test_fold(m, &e, seq);
}

static struct model *learned(const struct settings *s)
{
    struct model *m;
    memset(liked, 0, sizeof liked);
    ck_assert_int_eq(model_new(s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < EVENTS; k++) {
        char name[2][16];
        struct event e = test_stream(k, USERS, ITEMS, name);
        uint32_t user = test_below(k, 0, USERS), item = test_below(k, 1, ITEMS);
        if (k % 3 == 0) { // wanted, neutral, unwanted
            e.type = EVENT_BEHAVIOUR;
            e.value = (float)test_below(k, 7, 3) - 1;
            e.payload = (const unsigned char *)"view";
            e.payload_bytes = 4;
        }
        test_fold(m, &e, k + 1);
        if (e.value >= (e.type == EVENT_RATING ? s->positive_from : 1))
            note(user, item);
        const struct table *t = live_pin(model_live(m), 0);
        check_user(m, t, user);
        live_unpin(model_live(m), 0);
    }
    return m;
}

START_TEST(the_newest_first_and_each_once)
{
    struct settings s = test_settings();
    struct model *m = learned(&s);
    for (uint32_t user = 0; user < USERS; user++) {
        char item[8];
        uint64_t before = hash_of(m);
        uint32_t gone = liked[user][3] - 1;
        snprintf(item, sizeof item, "i%u", gone);
        take_out(m, user, item);
        forget(user, gone);
        const struct table *t = live_pin(model_live(m), 0);
        check_user(m, t, user);
        live_unpin(model_live(m), 0);
        uint64_t after = hash_of(m);
        ck_assert_uint_ne(before, after);
        take_out(m, user, item); // it is not there any more
        ck_assert_uint_eq(hash_of(m), after);
    }
    for (uint32_t user = 0; user < USERS; user++)
        take_out(m, user, NULL);
    ck_assert_uint_eq(hash_of(m), 0);
    model_free(m);
}
END_TEST

START_TEST(without_the_head_there_are_none)
{
    struct settings s = test_settings();
    s.rdim = 0;
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    struct event e = test_event("u", "i", 5, 1);
    test_fold(m, &e, 1);
    ck_assert_uint_eq(live_pin(model_live(m), 0)->users.liked[0], 0);
    live_unpin(model_live(m), 0);
    model_free(m);
}
END_TEST

static const struct filter everything;

/* A list's scores are those by the taste of the newest `recent` liked items, as
 * somebody's who comes with them as a history, but for the passes; and the test
 * of ranking has the same. */
START_TEST(lists_are_for_it)
{
    struct settings s = test_settings();
    struct model *m = learned(&s);
    struct recommend *r = recommend_new();
    struct taste_scratch scratch = {.known = {.bits = NULL}};
    const struct table *t = live_pin(model_live(m), 0);
    const struct ids *items = live_item_ids(model_live(m));
    for (uint32_t row = 0; row < t->users.n; row++) {
        float plain[ITEMS] = {0};
        for (s.recent = 0; s.recent <= LIKED_ITEMS; s.recent++) {
            struct recommend_query q = {.s = &s, .user = &row, .nusers = 1,
                                        .n = ITEMS, .filter = &everything};
            struct recommend_list list;
            uint32_t moved = 0;
            ck_assert_int_eq(recommend_run(r, t, items, &q), ERR_OK);
            recommend_list(r, 0, &list);
            ck_assert_uint_eq(list.n, t->items.n);
            ck_assert(!recommend_vector(r, 0) == !s.recent);
            ck_assert_int_eq(taste_scores(t, items, &s, row, t->items.n,
                                          &scratch), ERR_OK);
            for (uint32_t i = 0; i < list.n; i++) {
                uint32_t item = list.items[i].row;
                ck_assert(list.items[i].score == scratch.scores.score[item]);
                moved += list.items[i].score != plain[item];
                if (s.recent == 0)
                    plain[item] = list.items[i].score;
            }
            ck_assert_uint_ge(moved, list.n / 2);
        }
    }
    s.recent = LIKED_ITEMS;
    struct taste out[LIKED_ITEMS];
    ck_assert_uint_eq(taste_recent(t, &s, 0, out), LIKED_ITEMS);
    for (uint32_t i = 0; i < LIKED_ITEMS; i++) // the newest last
        ck_assert(out[LIKED_ITEMS - 1 - i].item + 1 == t->users.liked[i] &&
                  out[i].weight > 0);
    ck_assert_uint_eq(taste_recent(t, &s, ROW_NONE, out), 0);
    live_unpin(model_live(m), 0);
    taste_scratch_release(&scratch);
    recommend_free(r);
    model_free(m);
}
END_TEST

/* Fewer than asked for: the table's vector as it is. */
START_TEST(a_few_are_not_enough)
{
    struct settings s = test_settings();
    struct model *m;
    struct taste out[LIKED_ITEMS];
    s.recent = 3;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 1; k <= 4; k++) {
        char name[8];
        snprintf(name, sizeof name, "i%u", k % 3); // the first once more
        struct event e = test_event("u", name, 5, k);
        test_fold(m, &e, k);
        const struct table *t = live_pin(model_live(m), 0);
        ck_assert_uint_eq(taste_recent(t, &s, 0, out), k < 3 ? 0 : 3);
        live_unpin(model_live(m), 0);
    }
    ck_assert(out[2].item == 0 && out[1].item == 2 && out[0].item == 1);
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("liked", the_newest_first_and_each_once,
                without_the_head_there_are_none, lists_are_for_it,
                a_few_are_not_enough)
