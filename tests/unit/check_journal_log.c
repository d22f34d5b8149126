/* check_journal_log.c -- the journal before a real log: an ack says what is on
 * the disk, whatever fails; copies share the fate of their original; batches
 * that have to be prepared. */
#include "store_test.h"

#include "disk_test.h"
#include "model/store/journal.h"
#include "model/store/queue.h"

#define TAGS 16

struct rig {
    struct store s;
    struct queue *out;
    struct dedupe *dedupe;
    struct journal *j;
    uint64_t last;
    /* the journal's until it is stopped */
    struct ack ack[TAGS];
    uint32_t acks[TAGS];
    enum log_state state[TAGS];
    int error[TAGS];
    uint32_t states;
    bool early;                /* an ack came before its events were synced */
};

static void on_ack(void *arg, const struct ack *a)
{
    struct rig *r = arg;
    struct log_stats now;
    log_stats(r->s.log, &now);
    uint64_t newest = a->n ? a->first_seq + a->n - 1 : 0;
    if (a->err == ERR_OK && (newest > now.durable_seq ||
                             a->duplicate_seq > now.durable_seq))
        r->early = true;
    r->ack[a->tag % TAGS] = *a;
    r->acks[a->tag % TAGS]++;
}

static void on_storage(void *arg, enum log_state state, int error)
{
    struct rig *r = arg;
    r->state[r->states] = state;
    r->error[r->states++] = error;
}

static void rig_init(struct rig *r)
{
    memset(r, 0, sizeof *r);
    disk_hook_reset();
    store_init(&r->s);
    store_begin(&r->s);
    r->out = queue_new(100000);
    r->dedupe = dedupe_new(1000, false);
}

static void rig_release(struct rig *r)
{
    ck_assert(!r->early);
    disk_hook_reset();
    dedupe_free(r->dedupe);
    queue_free(r->out);
    store_release(&r->s);
}

/* A journal for what will be submitted until the end of run(): one group. */
static void begin(struct rig *r)
{
    struct journal_hooks hooks = {.arg = r, .acked = on_ack,
                                  .storage = on_storage};
    memset(r->acks, 0, sizeof r->acks);
    r->states = 0;
    r->j = journal_new(r->out, r->s.log, r->dedupe, r->last, 100000, &hooks);
    ck_assert_ptr_nonnull(r->j);
}

static void run(struct rig *r, uint32_t tags)
{
    ck_assert_int_eq(journal_start(r->j), ERR_OK);
    journal_stop(r->j);
    for (uint32_t tag = 0; tag < tags; tag++)
        ck_assert_uint_eq(r->acks[tag], 1); // neither lost nor doubled
    r->last = journal_last(r->j);
    ck_assert_uint_eq(r->last, log_last(r->s.log));
    journal_free(r->j);
    disk_hook_reset();
}

static struct batch *named(const char *name, float value, uint64_t tag)
{
    struct event e = test_event("user", "item", value, 5);
    struct batch *b = batch_new(0);
    e.event_id = (struct id){name, (uint32_t)strlen(name)};
    ck_assert_int_eq(batch_add(b, &e, 0), ERR_OK);
    b->owner = 0;
    b->tag = tag;
    return b;
}

static void submit(struct rig *r, struct batch *b)
{
    ck_assert_int_eq(journal_submit(r->j, b), ERR_OK);
}

static void expect(const struct rig *r, uint64_t tag, enum err err, uint32_t n,
                   uint32_t duplicates)
{
    const struct ack *a = &r->ack[tag];
    ck_assert_msg(a->err == err && a->n == n && a->duplicates == duplicates,
                  "tag %u: err %d, n %u, duplicates %u", (unsigned)tag, a->err,
                  a->n, a->duplicates);
}

/* Events that reached the trainer's queue, which is then empty. */
static uint32_t passed_on(struct rig *r)
{
    uint32_t n = 0;
    struct batch *list = queue_try_pop(r->out, UINT32_MAX);
    while (list) {
        struct batch *b = list;
        list = b->next;
        n += b->n;
        batch_free(b);
    }
    return n;
}

/* ---- copies -------------------------------------------------------------- */

/* The original, a copy of it and a conflict with it, in one group that fails:
 * none of the three may hear that the event is known. */
static void together(struct rig *r, enum err err)
{
    begin(r);
    submit(r, named("n", 3, 0));
    submit(r, named("n", 3, 1));
    submit(r, named("n", 4, 2));
    struct batch *whole = named("n", 5, 3);
    whole->whole = true;
    submit(r, whole);
    submit(r, named("kept", 1, 4)); // a copy of one that is durable
    disk_hook.error = err == ERR_NOSPACE ? ENOSPC : EIO;
    disk_hook.from = disk_hook.calls + 1;
    disk_hook.times = UINT_MAX;
    run(r, 5);
    for (uint64_t tag = 0; tag < 4; tag++)
        expect(r, tag, err, 0, 0);
    expect(r, 4, ERR_OK, 0, 1);
    ck_assert_uint_eq(r->ack[4].duplicate_seq, 1);
    ck_assert_uint_eq(passed_on(r), 0);
    ck_assert_uint_eq(r->last, 1);
}

static void keep_one(struct rig *r)
{
    begin(r);
    submit(r, named("kept", 1, 0));
    run(r, 1);
    expect(r, 0, ERR_OK, 1, 0);
    ck_assert_uint_eq(passed_on(r), 1);
}

START_TEST(copies_share_the_fate)
{
    struct rig r;
    rig_init(&r);
    keep_one(&r);
    together(&r, ERR_NOSPACE);
    begin(&r); // there is room again
    for (uint64_t tag = 0; tag < 3; tag++)
        submit(&r, named("n", tag < 2 ? 3 : 4, tag));
    run(&r, 3);
    expect(&r, 0, ERR_OK, 1, 0);
    expect(&r, 1, ERR_OK, 0, 1);
    expect(&r, 2, ERR_OK, 0, 0);
    ck_assert_uint_eq(r.ack[0].first_seq, 2);
    ck_assert_uint_eq(r.ack[1].duplicate_seq, 2);
    ck_assert_uint_eq(r.ack[2].conflicts, 1);
    ck_assert_uint_eq(passed_on(&r), 1);
    rig_release(&r);
}
END_TEST

START_TEST(failed_for_good)
{
    struct rig r;
    rig_init(&r);
    keep_one(&r);
    together(&r, ERR_IO);
    ck_assert_uint_eq(r.states, 1);
    ck_assert_int_eq(r.state[0], LOG_FAILED);
    ck_assert_int_eq(r.error[0], EIO);
    for (int i = 0; i < 3; i++) { // the disk is well again: no matter
        begin(&r);
        submit(&r, named("n", 3, 0));
        submit(&r, named("kept", 1, 1));
        run(&r, 2);
        expect(&r, 0, ERR_IO, 0, 0);
        expect(&r, 1, ERR_OK, 0, 1);
    }
    ck_assert_uint_eq(passed_on(&r), 0);
    ck_assert_uint_eq(r.last, 1);
    rig_release(&r);
}
END_TEST

/* Each call to the disk fails once: the group is kept or it is not, and what is
 * said is what is so. */
START_TEST(each_call_fails)
{
    static const int errors[] = {ENOSPC, EIO};
    for (unsigned k = 0; k < 8; k++) {
        struct rig r;
        rig_init(&r);
        keep_one(&r);
        begin(&r);
        submit(&r, named("a", 1, 0));
        submit(&r, named("b", 1, 1));
        submit(&r, named("a", 1, 2));
        disk_hook_arm(1 + k / 2, 1, errors[k % 2]);
        run(&r, 3);
        bool kept = r.ack[0].err == ERR_OK;
        ck_assert_uint_eq(passed_on(&r), kept ? 2 : 0);
        ck_assert_uint_eq(r.last, kept ? 3 : 1);
        for (uint64_t tag = 0; tag < 3; tag++)
            expect(&r, tag, r.ack[0].err, kept && tag < 2, kept && tag == 2);
        rig_release(&r);
    }
}
END_TEST

START_TEST(full_and_room_again)
{
    struct rig r;
    rig_init(&r);
    begin(&r);
    submit(&r, named("a", 1, 0));
    disk_hook_arm(1, 1, ENOSPC);
    run(&r, 1);
    expect(&r, 0, ERR_NOSPACE, 0, 0);
    ck_assert_uint_ge(r.states, 1);
    ck_assert_int_eq(r.state[0], LOG_FULL);
    ck_assert_int_eq(r.error[0], ENOSPC);
    keep_one(&r);
    rig_release(&r);
}
END_TEST

/* ---- prepared ------------------------------------------------------------ */

struct preparing {
    struct rig *rig;
    enum err answer;
    uint64_t last;             /* of the log, when it was prepared */
    uint64_t first_seq;
    uint32_t prepared, finished;
    struct ack ack;
};

static enum err on_prepare(void *arg, struct batch *b)
{
    struct preparing *p = arg;
    struct log_stats now;
    log_stats(p->rig->s.log, &now);
    p->last = now.durable_seq;
    p->first_seq = b->first_seq;
    p->prepared++;
    return p->answer;
}

static void on_finished(void *arg, const struct ack *a)
{
    struct preparing *p = arg;
    p->finished++;
    p->ack = *a;
}

static void submit_prepared(struct rig *r, struct preparing *p, enum err answer)
{
    struct batch *b = named("p", 1, 0);
    *p = (struct preparing){.rig = r, .answer = answer};
    b->owner = -1;
    b->prepare = on_prepare;
    b->finished = on_finished;
    b->arg = p;
    submit(r, b);
}

/* Everything before is on the disk by then, and nothing behind. */
START_TEST(prepared_alone)
{
    struct rig r;
    struct preparing p[3];
    rig_init(&r);
    begin(&r);
    submit_prepared(&r, &p[0], ERR_NOSPACE); // refuses: no seq is lost
    submit(&r, named("a", 1, 0));
    submit(&r, named("b", 1, 1));
    submit_prepared(&r, &p[1], ERR_OK);
    submit_prepared(&r, &p[2], ERR_IO);
    submit(&r, named("c", 1, 2));
    run(&r, 3);
    static const uint64_t last[] = {0, 2, 3};
    static const enum err err[] = {ERR_NOSPACE, ERR_OK, ERR_IO};
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(p[i].prepared, 1);
        ck_assert_uint_eq(p[i].finished, 1);
        ck_assert_uint_eq(p[i].last, last[i]);
        ck_assert_uint_eq(p[i].first_seq, last[i] + 1);
        ck_assert_int_eq(p[i].ack.err, err[i]);
        ck_assert_uint_eq(p[i].ack.n, i == 1);
    }
    ck_assert_uint_eq(r.ack[2].first_seq, 4);
    ck_assert_uint_eq(passed_on(&r), 4);
    ck_assert_uint_eq(r.last, 4);
    rig_release(&r);
}
END_TEST

START_TEST(prepared_in_vain)
{
    struct rig r;
    struct preparing p;
    rig_init(&r);
    begin(&r);
    submit_prepared(&r, &p, ERR_OK);
    disk_hook_arm(1, 1, EIO);
    run(&r, 0);
    ck_assert_uint_eq(p.finished, 1);
    ck_assert_int_eq(p.ack.err, ERR_IO);
    ck_assert_uint_eq(p.ack.n, 0);
    ck_assert_uint_eq(passed_on(&r), 0);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("journal_log", copies_share_the_fate, failed_for_good,
                each_call_fails, full_and_room_again, prepared_alone,
                prepared_in_vain)
