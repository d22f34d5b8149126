/* check_seen_oracle.c -- seen lists against a day for each item and kind,
 * whatever was added, taken out, cleared, saved and loaded. */
#include "seen_rig.h"

#define FEW   40u
#define NEVER SEEN_NEVER

struct oracle {
    uint32_t day[ITEMS][SEEN_KINDS];
    uint32_t nitems;         /* that have any */
};

static void oracle_init(struct oracle *o)
{
    memset(o, 0xff, sizeof *o);
    o->nitems = 0;
}

static bool oracle_has(const struct oracle *o, uint32_t item,
                       struct seen_want want)
{
    for (uint32_t k = 0; k < SEEN_KINDS; k++)
        if (o->day[item][k] != NEVER && want.kinds >> k & 1 &&
            o->day[item][k] >= want.day)
            return true;
    return false;
}

static void oracle_drop(struct oracle *o, uint32_t item)
{
    o->nitems -= oracle_has(o, item, SEEN_WANT_ANY);
    memset(o->day[item], 0xff, sizeof o->day[item]);
}

/* How many entries its items take: one for each day. */
static uint32_t oracle_entries(const struct oracle *o, uint32_t items)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < items; i++)
        for (uint32_t k = 0; k < SEEN_KINDS; k++) {
            bool new = o->day[i][k] != NEVER;
            for (uint32_t j = 0; j < k; j++)
                new = new && o->day[i][j] != o->day[i][k];
            n += new;
        }
    return n;
}

/* Each item, by each question, and the list folded. */
static void check_list(const struct rig *r, const struct oracle *o,
                       uint32_t items, uint32_t dice)
{
    static uint32_t item[2 * ITEMS], stamp[2 * ITEMS];
    const struct seen_list *l = r->list[0];
    uint32_t n = r->n[0], firsts = 0;
    bool right = true; // an assertion for each takes its time
    for (uint32_t i = 0; i < items; i++) {
        struct seen_want want = {(uint16_t)test_below(dice, i, 65536),
                                 (uint16_t)test_below(dice, i + 7000, 30)};
        right = right && list_has(l, n, i, want) == oracle_has(o, i, want) &&
                seen_has(l, n, i) == oracle_has(o, i, SEEN_WANT_ANY);
    }
    for (uint32_t i = 0; i < n; i++)
        firsts += seen_is_first(l, i);
    ck_assert(right);
    ck_assert_uint_eq(firsts, o->nitems);
    struct seen_fold f = seen_fold(l, n, item, stamp);
    struct seen_fold counted = seen_fold(l, n, NULL, NULL);
    ck_assert_uint_eq(f.items, o->nitems);
    ck_assert_uint_eq(f.n, oracle_entries(o, items));
    ck_assert(f.n == counted.n && f.items == counted.items);
    ck_assert(seen_is_folded(item, stamp, f.n, items));
    for (uint32_t i = 0; i < f.n; i++)
        for (uint32_t k = 0; k < SEEN_KINDS; k++)
            right = right && (!(stamp[i] >> k & 1) ||
                              o->day[item[i]][k] ==
                                  stamp[i] >> SEEN_DAY_SHIFT);
    ck_assert(right);
    ck_assert_uint_eq(r->bytes, l ? seen_list_bytes(l->cap) : 0);
    ck_assert_uint_le(n, l ? l->cap : 0);
    ck_assert_uint_le(n - (l ? l->sorted : 0), 32);
}

/* One event; the list says what the oracle does. */
static void do_one(struct rig *r, struct oracle *o, uint32_t k, uint32_t items,
                   uint32_t max)
{
    uint32_t item = test_below(k, 0, items), kind = test_below(k, 1, 5);
    uint32_t day = test_below(k, 2, 4) + k / 400, before;
    uint32_t *known = &o->day[item][kind == 4 ? 15 : kind], had = *known;
    bool here = oracle_has(o, item, SEEN_WANT_ANY);
    bool room = oracle_entries(o, items) < 2 * max &&
                (here || o->nitems < max);
    struct seen_book b = book(r, max);
    uint32_t bit = kind == 4 ? SEEN_OTHERS : 1u << kind;
    enum seen_result got = seen_add(&b, 0, item, seen_stamp(day, bit),
                                    &before);
    bool news = (had == NEVER || had < day) && room;
    ck_assert_int_eq(got, news ? SEEN_ADDED : SEEN_AS_BEFORE);
    ck_assert_uint_eq(before, had);
    if (!news)
        return;
    *known = day;
    o->nitems += !here;
}

/* Events of few items and of many, with a limit that is met and one that is not;
 * taken out and cleared; readers' older lists stay as they were; a list that was
 * saved and loaded goes on as the one that was not. */
static void run(uint32_t items, uint32_t max, uint32_t steps)
{
    static struct oracle o;
    struct rig r;
    oracle_init(&o);
    rig_init(&r);
    for (uint32_t k = 0; k < steps; k++) {
        const struct seen_list *before = r.list[0];
        uint32_t n = r.n[0], what = test_below(k, 3, 1000);
        bool has = list_has(before, n, 7, (struct seen_want){2, 3});
        if (what == 0) {
            clear(&r);
            oracle_init(&o);
        } else if (what < 60) {
            uint32_t item = test_below(k, 0, items);
            ck_assert(drop(&r, item) == oracle_has(&o, item, SEEN_WANT_ANY));
            oracle_drop(&o, item);
        } else {
            do_one(&r, &o, k, items, max);
        }
        ck_assert(list_has(before, n, 7, (struct seen_want){2, 3}) == has);
        if (k % 7 == 0)
            check_list(&r, &o, items, k);
    }
    rig_release(&r);
}

START_TEST(as_an_oracle)
{
    run(FEW, ITEMS, 8000);
    run(FEW, 25, 8000);
    run(FEW, 3, 4000);
    run(400, ITEMS, 6000);
    run(400, 150, 6000);
}
END_TEST

/* What a snapshot keeps: the folded list.  From then on both say the same, even
 * about what there is no room for. */
START_TEST(a_restored_list_goes_on)
{
    enum { MAX = 60 };
    static uint32_t item[2 * ITEMS], stamp[2 * ITEMS];
    struct rig r, other;
    rig_init(&r);
    for (uint32_t k = 0; k < 6000; k++) {
        if (k % 500 == 499) {
            struct seen_fold f = seen_fold(r.list[0], r.n[0], item, stamp);
            rig_init(&other);
            ck_assert(seen_restore(&other.u, 0, item, stamp, f.n,
                                   &other.bytes));
            ck_assert_uint_eq(other.bytes, seen_list_bytes(f.n));
        }
        uint32_t i = test_below(k, 0, 90);
        uint32_t s = seen_stamp(k / 100, 1u << test_below(k, 1, 6));
        enum seen_result got = add(&r, i, s, MAX);
        if (k < 499)
            continue;
        ck_assert(add(&other, i, s, MAX) == got);
        struct seen_fold a = seen_fold(r.list[0], r.n[0], item, stamp);
        struct seen_fold b = seen_fold(other.list[0], other.n[0], &item[ITEMS],
                                       &stamp[ITEMS]);
        ck_assert(a.n == b.n && a.items == b.items);
        ck_assert_mem_eq(item, &item[ITEMS], a.n * sizeof *item);
        ck_assert_mem_eq(stamp, &stamp[ITEMS], a.n * sizeof *stamp);
        if (k % 500 == 498)
            rig_release(&other);
    }
    rig_release(&r);
    rig_release(&other);
}
END_TEST

MODEL_TEST_MAIN("seen_oracle", as_an_oracle, a_restored_list_goes_on)
