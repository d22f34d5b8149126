/* check_seen_fold.c -- what the fold keeps of who did what when, against a day
 * for each user, item and kind; and lists that leave out by it. */
#include "model_test.h"

#include <stdbool.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/fold.h"
#include "model/learn/seen.h"
#include "model/learn/seen_kinds.h"
#include "model/rank/recommend.h"

#define USERS 6u
#define ITEMS 25u
#define KINDS 19u            /* names; ratings beside them */
#define DAY   INT64_C(86400000)
#define NEVER SEEN_NEVER

START_TEST(days)
{
    static const struct {
        int64_t ms;
        uint32_t day;
    } t[] = {{0, 0}, {-1, 0}, {INT64_MIN, 0}, {DAY - 1, 0}, {DAY, 1},
             {1700000000000, 19675}, {65535 * DAY - 1, 65534},
             {65535 * DAY, 65535}, {65536 * DAY, 65535}, {INT64_MAX, 65535}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        ck_assert_uint_eq(seen_day_of(t[i].ms), t[i].day);
}
END_TEST

static struct event behaviour(const char *kind, float value)
{
    struct event e = test_event("u", "i", value, DAY);
    e.type = EVENT_BEHAVIOUR;
    e.payload = (const unsigned char *)kind;
    e.payload_bytes = (uint32_t)strlen(kind);
    return e;
}

START_TEST(bits_are_given_as_kinds_are_met)
{
    static const char *const long_name = "a-name-of-thirty-two-bytes-is-it";
    struct seen_kinds k = {.n = 0};
    struct event rating = test_event("u", "i", 3, DAY), none = behaviour("", 1);
    struct event other = behaviour(long_name, 1);
    ck_assert(seen_kinds_ok(&k));
    ck_assert_uint_eq(seen_kind_of(&k, &rating), SEEN_RATING);
    ck_assert_uint_eq(seen_kind_of(&k, &none), SEEN_OTHERS);
    ck_assert_uint_eq(k.n, 0);
    ck_assert_uint_eq(seen_kind_bit(&k, long_name, 32), 0);
    ck_assert_uint_eq(seen_kind_of(&k, &other), 2);
    ck_assert_uint_eq(seen_kind_bit(&k, long_name, 32), 2);
    ck_assert_uint_eq(seen_kind_bit(&k, long_name, 31), 0);
    ck_assert_uint_eq(seen_kind_bit(&k, long_name, 33), SEEN_OTHERS);
    for (uint32_t i = 1; i < 30; i++) {
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        struct event e = behaviour(name, 1);
        uint32_t want = i < SEEN_NAMES ? 2u << i : SEEN_OTHERS;
        for (int again = 0; again < 2; again++)
            ck_assert_uint_eq(seen_kind_of(&k, &e), want);
        ck_assert_uint_eq(seen_kind_bit(&k, name, strlen(name)), want);
        ck_assert(seen_kinds_ok(&k));
    }
    ck_assert_uint_eq(k.n, SEEN_NAMES);
    const char *const names[] = {"rating", long_name, "k1", [14] = "k13",
                                 [15] = "others"};
    for (uint32_t bit = 0; bit < SEEN_KINDS; bit++) {
        struct id name = seen_kind_name(&k, bit);
        if (names[bit])
            ck_assert(name.len == strlen(names[bit]) &&
                      memcmp(name.s, names[bit], name.len) == 0);
    }
    ck_assert_uint_eq(seen_kind_of(&k, &other), 2);
    k.name[3][0] = '\0';
    ck_assert(!seen_kinds_ok(&k));
    k = (struct seen_kinds){.n = SEEN_NAMES + 1};
    ck_assert(!seen_kinds_ok(&k));
}
END_TEST

/* ---- a stream ------------------------------------------------------------ */

static uint32_t day_of[USERS][ITEMS][KINDS + 1]; /* the last one: ratings */

struct words {
    char user[8], item[8], kind[8];
};

/* Ratings and behaviours, wanted, unwanted and neutral, in no order of time. */
static struct event event_of(uint32_t k, struct words *w)
{
    uint32_t kind = test_below(k, 2, 2 * KINDS);
    uint32_t met = k < 2000 ? 5 : KINDS; // most kinds come late
    snprintf(w->user, sizeof w->user, "u%u", test_below(k, 0, USERS));
    snprintf(w->item, sizeof w->item, "i%u", test_below(k, 1, ITEMS));
    struct event e = test_event(w->user, w->item,
                                (float)(1 + test_below(k, 3, 5)),
                                (int64_t)(k / 90 + test_below(k, 4, 6)) * DAY);
    if (kind >= KINDS)
        return e;
    snprintf(w->kind, sizeof w->kind, "k%u", kind % met);
    e.type = EVENT_BEHAVIOUR;
    e.value = (float)test_below(k, 5, 3) - 1;
    e.payload = (const unsigned char *)w->kind;
    e.payload_bytes = (uint32_t)strlen(w->kind);
    return e;
}

/* Of an id or a name: a letter and a number. */
static uint32_t number_of(const char *s, uint32_t len)
{
    uint32_t n = 0;
    for (uint32_t i = 1; i < len; i++)
        n = 10 * n + (uint32_t)(s[i] - '0');
    return n;
}

static uint32_t number_of_id(struct id id)
{
    return number_of(id.s, id.len);
}

static void note(const struct event *e)
{
    uint32_t kind = e->type == EVENT_RATING
                        ? KINDS
                        : number_of((const char *)e->payload,
                                    e->payload_bytes);
    uint32_t *day = &day_of[number_of_id(e->user)][number_of_id(e->item)][kind];
    uint32_t new = (uint32_t)(e->time_ms / DAY);
    if ((e->type == EVENT_RATING || e->value != 0) &&
        (*day == NEVER || *day < new))
        *day = new;
}

static uint32_t user_row(struct model *m, uint32_t user, uint32_t n)
{
    char name[8];
    int len = snprintf(name, sizeof name, "u%u", user);
    return ids_find(live_user_ids(model_live(m)),
                    (struct id){name, (uint32_t)len}, n);
}

static uint32_t item_of(struct model *m, uint32_t row)
{
    return number_of_id(ids_name(live_item_ids(model_live(m)), row));
}

/* Was one of these kinds done so late?  (bits: of the names, KINDS: ratings.) */
static bool was_done(const uint32_t *day, uint32_t names, uint32_t from)
{
    for (uint32_t k = 0; k <= KINDS; k++)
        if (names >> k & 1 && day[k] != NEVER && day[k] >= from)
            return true;
    return false;
}

/* The same question to the model.  Kinds that share a bit are asked together. */
static struct seen_want want_of(const struct table *t, uint32_t *names,
                                uint32_t from)
{
    uint32_t bit[KINDS + 1] = {[KINDS] = SEEN_RATING}, others = 0, kinds = 0;
    for (uint32_t k = 0; k < KINDS; k++) {
        char name[8];
        snprintf(name, sizeof name, "k%u", k);
        bit[k] = seen_kind_bit(&t->totals.kinds, name, strlen(name));
        others |= bit[k] == SEEN_OTHERS ? 1u << k : 0;
    }
    if (*names & others)
        *names |= others;
    for (uint32_t k = 0; k <= KINDS; k++)
        kinds |= *names >> k & 1 ? bit[k] : 0;
    return (struct seen_want){(uint16_t)kinds, (uint16_t)from};
}

static const struct filter everything;

/* Each user's list of all items but for those: of as many as there are. */
static void check_lists(struct model *m, const struct settings *s,
                        struct recommend *r, uint32_t dice)
{
    const struct table *t = live_pin(model_live(m), 0);
    for (uint32_t user = 0; user < USERS; user++) {
        uint32_t names = test_below(dice, user, 1u << (KINDS + 1));
        uint32_t from = dice / 90 + test_below(dice, user + 9, 7);
        struct seen_want want = want_of(t, &names, from);
        uint32_t row = user_row(m, user, t->users.n), left = 0;
        struct recommend_query q = {.s = s, .by = RECOMMEND_LATEST,
                                    .user = &row, .nusers = 1,
                                    .exclude_seen = true, .seen = &want,
                                    .n = ITEMS, .filter = &everything};
        struct recommend_list list;
        ck_assert_int_eq(recommend_run(r, t, live_item_ids(model_live(m)), &q),
                         ERR_OK);
        recommend_list(r, 0, &list);
        bool shown[ITEMS] = {false};
        for (uint32_t i = 0; i < list.n; i++)
            shown[item_of(m, list.items[i].row)] = true;
        for (uint32_t i = 0; i < t->items.n; i++) {
            uint32_t item = item_of(m, i);
            bool out = was_done(day_of[user][item], names, from);
            ck_assert_msg(shown[item] == !out, "event %u, user %u, item %u",
                          dice, user, item);
            left += out;
        }
        ck_assert_uint_eq(list.n, t->items.n - left);
    }
    live_unpin(model_live(m), 0);
}

static uint64_t seen_hash(struct model *m)
{
    return fold_seen_hash(model_fold_state(m));
}

START_TEST(lists_leave_out_by_kind_and_day)
{
    struct settings s = test_settings();
    struct recommend *r = recommend_new();
    struct model *m;
    memset(day_of, 0xff, sizeof day_of);
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < 5000; k++) {
        struct words w;
        struct event e = event_of(k, &w);
        uint64_t hash = seen_hash(m);
        uint32_t was[USERS][ITEMS][KINDS + 1];
        memcpy(was, day_of, sizeof was);
        test_fold(m, &e, k + 1);
        note(&e);
        if (k < 2000) // no kind shares a bit yet: the hash is of what is known
            ck_assert((seen_hash(m) == hash) ==
                      (memcmp(was, day_of, sizeof was) == 0));
        if (k % 25 == 0)
            check_lists(m, &s, r, k);
    }
    recommend_free(r);
    model_free(m);
}
END_TEST

/* The events of users `who` (bits) out of the first n, but not of user `but`'s
 * item 3. */
static struct model *model_of(uint32_t n, uint32_t who, uint32_t but)
{
    struct settings s = test_settings();
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    for (uint32_t k = 0; k < n; k++) {
        struct words w;
        struct event e = event_of(k, &w);
        uint32_t user = number_of_id(e.user);
        if (!(who >> user & 1) || (user == but && strcmp(w.item, "i3") == 0))
            e = (struct event){.type = EVENT_VOID};
        test_fold(m, &e, k + 1);
    }
    return m;
}

/* Folds an erasure of the user, or a retraction of their item 3. */
static void take_out(struct model *m, uint32_t user, enum event_type type)
{
    const struct table *t = live_pin(model_live(m), 0);
    unsigned char birth[8];
    uint64_t seq = t->totals.seq + 1;
    put_u64(birth, ids_birth(live_user_ids(model_live(m)),
                             user_row(m, user, t->users.n)));
    live_unpin(model_live(m), 0);
    struct event e = {.type = type, .payload = birth, .payload_bytes = 8};
    if (type == EVENT_RETRACT)
        e.item = (struct id){"i3", 2};
    test_fold(m, &e, seq);
}

/* The hash of all lists is that of a fold that never met what was taken out. */
START_TEST(what_is_taken_out_leaves_nothing)
{
    const uint32_t all = (1u << USERS) - 1;
    struct model *m = model_of(1900, all, USERS);
    struct model *without = model_of(1900, all, 2);
    ck_assert_uint_ne(seen_hash(m), seen_hash(without));
    take_out(m, 2, EVENT_RETRACT);
    ck_assert_uint_eq(seen_hash(m), seen_hash(without));
    take_out(m, 2, EVENT_RETRACT); // there is nothing left of it
    ck_assert_uint_eq(seen_hash(m), seen_hash(without));
    model_free(without);
    for (uint32_t user = 0; user < USERS; user++)
        take_out(m, user, EVENT_ERASE);
    ck_assert_uint_eq(seen_hash(m), 0);
    ck_assert_uint_eq(fold_seen_bytes(model_fold_state(m)), 0);
    model_free(m);
}
END_TEST

/* A reader's copy says what it said, whatever comes meanwhile. */
START_TEST(a_pinned_copy_stays)
{
    struct settings s = test_settings();
    struct model *m;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    struct event e = test_event("u0", "i0", 4, 10 * DAY);
    test_fold(m, &e, 1);
    for (uint32_t k = 2; k < 200; k++) {
        const struct table *t = live_pin(model_live(m), 0);
        const struct seen_list *l = t->users.seen[0];
        uint32_t n = t->users.nseen[0], stamp[SEEN_KINDS];
        ck_assert_uint_eq(seen_stamps_of(l, n, 0, stamp), 1);
        ck_assert_uint_eq(stamp[0], seen_stamp(8 + k, SEEN_RATING));
        e.time_ms = (9 + (int64_t)k) * DAY; // the next day, and so on
        test_fold(m, &e, k);
        ck_assert_uint_eq(t->users.nseen[0], n);
        ck_assert_uint_eq(seen_stamps_of(l, n, 0, stamp), 1);
        ck_assert_uint_eq(stamp[0], seen_stamp(8 + k, SEEN_RATING));
        live_unpin(model_live(m), 0);
    }
    model_free(m);
}
END_TEST

MODEL_TEST_MAIN("seen_fold", days, bits_are_given_as_kinds_are_met,
                lists_leave_out_by_kind_and_day,
                what_is_taken_out_leaves_nothing, a_pinned_copy_stays)
