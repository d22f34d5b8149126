/* admission_test.h -- what tests of the admission share: batches as clients say
 * them, and groups that are kept or given up. */
#ifndef FRESHET_TESTS_UNIT_ADMISSION_TEST_H
#define FRESHET_TESTS_UNIT_ADMISSION_TEST_H

#include "store_test.h"

#include "model/store/admission.h"

#define NOW 1800000000000

/* An admission with a log, or without. */
struct rig {
    bool logged;
    struct store s;
    struct dedupe *dedupe;
    struct admission *in;
    uint64_t last;
    int64_t now_ms;
};

static inline void rig_init(struct rig *r, bool logged, uint64_t window)
{
    memset(r, 0, sizeof *r);
    r->logged = logged;
    if (logged) {
        store_init(&r->s);
        store_begin(&r->s);
    }
    r->dedupe = dedupe_new(window, !logged);
    r->in = admission_new(r->s.log, r->dedupe);
    r->now_ms = NOW;
    ck_assert(r->dedupe && r->in);
}

static inline void rig_release(struct rig *r)
{
    admission_free(r->in);
    dedupe_free(r->dedupe);
    if (r->logged)
        store_release(&r->s);
}

/* A rating with a name, as a client says it. */
struct said {
    const char *name;          /* NULL: it has none */
    const char *user, *item;
    float value;
    int64_t time_ms;           /* 0: none */
};

static inline struct event event_of(const struct said *s)
{
    struct event e = test_event(s->user, s->item, s->value,
                                s->time_ms ? s->time_ms : TIME_UNSET);
    if (s->name)
        e.event_id = (struct id){s->name, (uint32_t)strlen(s->name)};
    return e;
}

static inline struct batch *batch_of(const struct said *said, uint32_t n,
                                     bool whole)
{
    struct batch *b = batch_new(0);
    for (uint32_t i = 0; i < n; i++) {
        struct event e = event_of(&said[i]);
        ck_assert_int_eq(batch_add(b, &e, 10 * i), ERR_OK);
    }
    b->whole = whole;
    b->owner = 3;
    b->tag = 77;
    return b;
}

/* The group of these batches is kept, or it is given up. */
static inline void decide(struct rig *r, struct batch **list, size_t n,
                          bool keep)
{
    uint64_t next = r->last + 1;
    admission_begin(r->in, next, r->now_ms++);
    for (size_t i = 0; i < n; i++) {
        list[i]->next = i + 1 < n ? list[i + 1] : NULL;
        list[i]->first_seq = next;
        next = admission_number(r->in, list[i]);
        ck_assert_int_eq(list[i]->ack.owner, 3);
        ck_assert_uint_eq(list[i]->ack.tag, 77);
    }
    if (!keep) {
        admission_give_up(r->in);
        return;
    }
    if (r->logged && next > r->last + 1)
        ck_assert_int_eq(log_append(r->s.log, list[0], false), ERR_OK);
    r->last = next - 1;
}

static inline struct ack number(struct rig *r, const struct said *said,
                                uint32_t n, bool whole, bool keep)
{
    struct batch *b = batch_of(said, n, whole);
    decide(r, &b, 1, keep);
    struct ack a = b->ack;
    batch_free(b);
    return a;
}

static inline void expect(const struct ack *a, enum err err, uint32_t n,
                          uint32_t duplicates, uint32_t conflicts)
{
    ck_assert_msg(a->err == err && a->n == n && a->duplicates == duplicates &&
                  a->conflicts == conflicts,
                  "err %d, n %u, duplicates %u, conflicts %u", a->err, a->n,
                  a->duplicates, a->conflicts);
}

#endif
