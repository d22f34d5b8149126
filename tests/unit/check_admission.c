/* check_admission.c -- what is taken of a batch: each name once, seqs without a
 * gap, seals and times, nothing left of what was given up.  Each test without a
 * log and with one. */
#include "admission_test.h"

/* ---- numbering ----------------------------------------------------------- */

static const struct said plain[] = {
    {NULL, "u", "i", 3, 5}, {NULL, "u", "j", 4, 0}, {NULL, "u", "i", 3, 5},
    {"n", "v", "i", 1, 0}};

START_TEST(seqs_times_and_seals)
{
    struct rig r;
    rig_init(&r, _i, 100);
    r.last = _i ? 0 : 41;
    struct batch *list[] = {batch_of(plain, 3, false), batch_of(NULL, 0, true),
                            batch_of(plain + 1, 3, true)};
    uint64_t seq = r.last + 1;
    decide(&r, list, 3, true);
    for (int i = 0; i < 3; i++) {
        struct batch *b = list[i];
        const unsigned char *p = b->data;
        ck_assert_uint_eq(b->first_seq, seq);
        ck_assert_uint_eq(b->ack.first_seq, seq);
        ck_assert_uint_eq(b->n, i == 1 ? 0 : 3);
        expect(&b->ack, ERR_OK, b->n, 0, 0);
        for (uint32_t k = 0; k < b->n; k++, seq++) {
            struct event e, want = event_of(&plain[(i ? 1 : 0) + k]);
            ck_assert(event_check(p, seq));
            ck_assert(!event_check(p, seq + 1));
            p = event_decode(p, b->data + b->bytes, &e);
            ck_assert_ptr_nonnull(p);
            ck_assert(e.stamped == (want.time_ms == TIME_UNSET));
            ck_assert_int_eq(e.time_ms, e.stamped ? NOW : want.time_ms);
            want.stamped = e.stamped;
            ck_assert(event_same(&e, &want));
        }
        ck_assert_ptr_eq(p, b->data + b->bytes);
        batch_free(b);
    }
    ck_assert_uint_eq(r.last, seq - 1);
    rig_release(&r);
}
END_TEST

/* What is known leaves no gap behind, in the bytes or the seqs. */
START_TEST(the_rest_moves_up)
{
    static const struct said first[] = {{"b", "u", "i", 3, 5},
                                        {"d", "long user", "item", 4, 0}};
    static const struct said all[] = {
        {"a", "u", "i1", 1, 0}, {"b", "u", "i", 3, 5}, {"c", "u", "i2", 2, 9},
        {"d", "long user", "item", 4, 0}, {NULL, "u", "i3", 5, 0},
        {"a", "u", "i1", 1, 0}, {"e", "u", "i4", 2, 7}};
    static const int kept[] = {0, 2, 4, 6};
    struct rig r;
    rig_init(&r, _i, 100);
    struct ack a = number(&r, first, 2, true, true);
    expect(&a, ERR_OK, 2, 0, 0);
    struct batch *b = batch_of(all, 7, true);
    decide(&r, &b, 1, true);
    expect(&b->ack, ERR_OK, 4, 3, 0);
    ck_assert_uint_eq(b->ack.first_seq, 3);
    ck_assert_uint_eq(b->ack.duplicate_seq, 3); // the newest: "a", just before
    ck_assert_uint_eq(b->n, 4);
    ck_assert_uint_eq(r.last, 6);
    const unsigned char *p = b->data;
    for (uint64_t k = 0; k < 4; k++) {
        struct event e, want = event_of(&all[kept[k]]);
        ck_assert(event_check(p, 3 + k));
        p = event_decode(p, b->data + b->bytes, &e);
        ck_assert_ptr_nonnull(p);
        want.stamped = e.stamped;
        want.time_ms = e.time_ms;
        ck_assert(event_same(&e, &want));
    }
    ck_assert_ptr_eq(p, b->data + b->bytes);
    batch_free(b);
    rig_release(&r);
}
END_TEST

/* ---- the same, or another ------------------------------------------------ */

static const struct {
    struct said a, b;
    bool same;
} pairs[] = {
    {{"n", "u", "i", 3, 0}, {"n", "u", "i", 3, 0}, true}, // at another time
    {{"n", "u", "i", 3, 9}, {"n", "u", "i", 3, 9}, true},
    {{"n", "u", "i", 3, 9}, {"n", "u", "i", 3, 8}, false},
    {{"n", "u", "i", 3, 0}, {"n", "u", "i", 3, 9}, false},
    {{"n", "u", "i", 3, 9}, {"n", "u", "i", 3, 0}, false},
    {{"n", "u", "i", 3, NOW}, {"n", "u", "i", 3, 0}, false},
    {{"n", "u", "i", 3, 0}, {"n", "u", "i", 3, NOW}, false},
    {{"n", "u", "i", 3, 9}, {"n", "u", "i", 4, 9}, false},
    {{"n", "u", "i", 3, 9}, {"n", "v", "i", 3, 9}, false},
    {{"n", "u", "i", 3, 9}, {"n", "u", "j", 3, 9}, false},
    {{"n", "ui", "x", 3, 9}, {"n", "u", "ix", 3, 9}, false}};

START_TEST(same_or_other)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (int apart = 0; apart < 3; apart++) { // batch, group, groups
            struct rig r;
            bool same = pairs[i].same;
            rig_init(&r, _i, 100);
            struct said both[] = {pairs[i].a, pairs[i].b};
            struct batch *list[] = {batch_of(both, apart ? 1 : 2, false),
                                    batch_of(both + 1, apart ? 1 : 0, false)};
            decide(&r, list, apart == 2 ? 1 : 2, true);
            if (apart == 2)
                decide(&r, list + 1, 1, true);
            struct ack *a = &list[apart > 0]->ack;
            expect(a, ERR_OK, apart ? 0 : 1, same, !same);
            ck_assert_uint_eq(a->duplicate_seq, same);
            ck_assert(same || a->conflict[0] == (apart ? 0 : 10));
            ck_assert_uint_eq(list[apart > 0]->leans_on, 1);
            ck_assert_uint_eq(r.last, 1);
            batch_free(list[0]);
            batch_free(list[1]);
            rig_release(&r);
        }
    }
}
END_TEST

/* The first few places of conflicts are told, all are counted; a stream keeps
 * the rest, an array nothing, and then its names are free. */
START_TEST(conflicts)
{
    struct said first[6], again[8], right[8];
    static const char *name[] = {"c0", "c1", "c2", "c3",
                                 "c4", "c5", "n6", "n7"};
    struct rig r;
    for (int whole = 0; whole < 2; whole++) {
        rig_init(&r, _i, 100);
        for (int k = 0; k < 8; k++) {
            right[k] = again[k] = (struct said){name[k], "u", "i", 2, 5};
            again[k].value = k < 6 ? 3 : 2;
            if (k < 6)
                first[k] = right[k];
        }
        struct ack a = number(&r, first, 6, true, true);
        expect(&a, ERR_OK, 6, 0, 0);
        a = number(&r, again, 8, whole, true);
        expect(&a, whole ? ERR_RANGE : ERR_OK, whole ? 0 : 2, 0, 6);
        for (uint32_t k = 0; k < ACK_CONFLICTS; k++)
            ck_assert_uint_eq(a.conflict[k], 10 * k);
        ck_assert_uint_eq(r.last, whole ? 6 : 8);
        a = number(&r, right, 8, true, true);
        expect(&a, ERR_OK, whole ? 2 : 0, whole ? 6 : 8, 0);
        ck_assert_uint_eq(r.last, 8);
        rig_release(&r);
    }
}
END_TEST

/* An array that is refused is not there for the batches behind it. */
START_TEST(a_refused_array_in_the_middle)
{
    static const struct said used[] = {{"x", "u", "i", 1, 5}};
    static const struct said array[] = {{"y", "u", "i", 2, 5},
                                        {"y", "u", "i", 2, 5},
                                        {"x", "u", "i", 9, 5},
                                        {"z", "u", "i", 2, 5}};
    static const struct said after[] = {{"y", "u", "i", 4, 5},
                                        {"z", "u", "i", 2, 5}};
    struct rig r;
    rig_init(&r, _i, 100);
    struct batch *list[] = {batch_of(used, 1, false), batch_of(array, 4, true),
                            batch_of(after, 2, true)};
    decide(&r, list, 3, true);
    expect(&list[0]->ack, ERR_OK, 1, 0, 0);
    expect(&list[1]->ack, ERR_RANGE, 0, 0, 1);
    ck_assert_uint_eq(list[1]->ack.conflict[0], 20);
    ck_assert_uint_eq(list[1]->n, 0);
    ck_assert_uint_eq(list[1]->bytes, 0);
    expect(&list[2]->ack, ERR_OK, 2, 0, 0);
    ck_assert_uint_eq(list[2]->first_seq, 2);
    ck_assert_uint_eq(r.last, 3);
    struct ack a = number(&r, after, 2, true, true);
    expect(&a, ERR_OK, 0, 2, 0);
    ck_assert_uint_eq(a.duplicate_seq, 3);
    for (int i = 0; i < 3; i++)
        batch_free(list[i]);
    rig_release(&r);
}
END_TEST

START_TEST(given_up)
{
    static const struct said old[] = {{"old", "u", "i", 1, 5}};
    static const struct said tried[] = {{"p", "u", "i", 2, 5},
                                        {"old", "u", "i", 1, 5},
                                        {"q", "u", "j", 3, 0}};
    static const struct said other[] = {{"p", "u", "i", 5, 5},
                                        {"q", "u", "i", 5, 5}};
    struct rig r;
    rig_init(&r, _i, 100);
    struct ack a = number(&r, old, 1, true, true);
    for (int k = 0; k < 50; k++) {
        a = number(&r, tried, 3, true, false);
        expect(&a, ERR_OK, 2, 1, 0);
        ck_assert_uint_eq(a.first_seq, 2);
    }
    ck_assert_uint_eq(dedupe_count(r.dedupe), 1);
    a = number(&r, other, 2, true, true); // the names were free
    expect(&a, ERR_OK, 2, 0, 0);
    a = number(&r, tried, 3, true, true);
    expect(&a, ERR_RANGE, 0, 0, 2);
    a = number(&r, old, 1, true, true);
    expect(&a, ERR_OK, 0, 1, 0);
    ck_assert_uint_eq(a.duplicate_seq, 1);
    rig_release(&r);
}
END_TEST

/* Counted in events, with a name or without. */
START_TEST(window)
{
    static const struct said named = {"n", "u", "i", 1, 5};
    static const struct said filler = {NULL, "u", "i", 1, 5};
    struct rig r;
    rig_init(&r, _i, 20);
    for (uint32_t gap = 15; gap < 25; gap++) {
        struct ack a = number(&r, &named, 1, true, true);
        uint64_t seq = r.last;
        expect(&a, ERR_OK, 1, 0, 0);
        for (uint32_t i = 1; i < gap; i++)
            (void)number(&r, &filler, 1, true, true);
        a = number(&r, &named, 1, true, true); // `gap` events later
        expect(&a, ERR_OK, gap > 20, gap <= 20, 0);
        ck_assert(gap > 20 || a.duplicate_seq == seq);
        for (int i = 0; i < 21; i++)
            (void)number(&r, &filler, 1, true, true);
    }
    rig_release(&r);
}
END_TEST

/* The names of many events come again at once, in any order. */
START_TEST(all_over_again)
{
    enum { N = 3000 };
    static char name[N][16];
    struct rig r;
    rig_init(&r, _i, 10000);
    for (int round = 0; round < 2; round++) {
        for (int k = 0; k < N;) {
            struct said list[7];
            uint32_t n = 0;
            for (; n < 7 && k < N; n++, k++) {
                int x = round ? k * 7 % N : k;
                snprintf(name[x], sizeof name[x], "n%d", x);
                list[n] = (struct said){name[x], name[x % 40], "i",
                                        (float)x, 0};
            }
            struct ack a = number(&r, list, n, true, true);
            expect(&a, ERR_OK, round ? 0 : n, round ? n : 0, 0);
        }
        ck_assert_uint_eq(r.last, N);
    }
    rig_release(&r);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {seqs_times_and_seals, the_rest_moves_up,
                            same_or_other, conflicts,
                            a_refused_array_in_the_middle, given_up, window,
                            all_over_again};
    return suite_run_loops("admission", tests, sizeof tests / sizeof *tests, 2);
}
