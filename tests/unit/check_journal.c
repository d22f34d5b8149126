/* check_journal.c -- numbers without gaps, acks before hand-over, stamps,
 * pressure, teardown. */
#include "model_test.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "model/store/journal.h"
#include "model/store/queue.h"

/* Acks by tag, and how often there was room; written by the journal's thread,
 * read under the lock. */
struct heard {
    pthread_mutex_t lock;
    struct ack ack[16];
    uint32_t acks, rooms;
};

static void on_ack(void *arg, const struct ack *a)
{
    struct heard *h = arg;
    pthread_mutex_lock(&h->lock);
    h->ack[a->tag % 16] = *a;
    h->acks++;
    pthread_mutex_unlock(&h->lock);
}

static void on_room(void *arg)
{
    struct heard *h = arg;
    pthread_mutex_lock(&h->lock);
    h->rooms++;
    pthread_mutex_unlock(&h->lock);
}

static uint32_t read_count(struct heard *h, const uint32_t *count)
{
    pthread_mutex_lock(&h->lock);
    uint32_t n = *count;
    pthread_mutex_unlock(&h->lock);
    return n;
}

/* Waits for *count to reach want; the test's timeout is the bound. */
static void wait_for(struct heard *h, const uint32_t *count, uint32_t want)
{
    while (read_count(h, count) < want)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static struct batch *batch_of(uint32_t n, int owner, uint64_t tag,
                              int64_t time_ms)
{
    struct batch *b = batch_new(64);
    for (uint32_t i = 0; i < n; i++) {
        struct event e = test_event("user", "item", 3,
                                    i % 2 ? 1234 : time_ms);
        ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
    }
    b->owner = owner;
    b->tag = tag;
    return b;
}

struct rig {
    struct queue *out;
    struct dedupe *dedupe;
    struct journal *j;
    struct heard heard;
};

static void rig_init(struct rig *r, uint64_t last, uint32_t in, uint32_t out)
{
    memset(r, 0, sizeof *r);
    pthread_mutex_init(&r->heard.lock, NULL);
    struct journal_hooks hooks = {.arg = &r->heard, .acked = on_ack,
                                  .room = on_room};
    r->out = queue_new(out);
    r->dedupe = dedupe_new(1000, true);
    r->j = journal_new(r->out, NULL, r->dedupe, last, in, &hooks);
    ck_assert_ptr_nonnull(r->j);
}

static void rig_release(struct rig *r)
{
    journal_free(r->j);
    dedupe_free(r->dedupe);
    queue_free(r->out);
    pthread_mutex_destroy(&r->heard.lock);
}

START_TEST(seqs_and_acks)
{
    struct rig r;
    rig_init(&r, 41, 1000, 1000);
    ck_assert_uint_eq(journal_last(r.j), 41);
    for (uint32_t tag = 0; tag < 4; tag++)
        ck_assert_int_eq(journal_submit(r.j, batch_of(tag + 1,
                                                      tag == 3 ? -1 : 7, tag,
                                                      99)), ERR_OK);
    ck_assert_uint_eq(journal_depth(r.j), 10);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    journal_stop(r.j);
    static const uint64_t first[] = {42, 43, 45, 48};
    struct batch *b = queue_pop(r.out, 1000);
    for (uint32_t tag = 0; tag < 4; tag++) {
        struct batch *next = b->next;
        ck_assert_uint_eq(b->tag, tag);
        ck_assert_uint_eq(b->first_seq, first[tag]);
        if (tag < 3) {
            ck_assert_uint_eq(r.heard.ack[tag].first_seq, first[tag]);
            ck_assert_uint_eq(r.heard.ack[tag].n, tag + 1);
            ck_assert_int_eq(r.heard.ack[tag].owner, 7);
            ck_assert_int_eq(r.heard.ack[tag].err, ERR_OK);
        }
        batch_free(b);
        b = next;
    }
    ck_assert_ptr_null(b);
    ck_assert_uint_eq(r.heard.acks, 3); // owner -1 wants none
    ck_assert_uint_eq(journal_last(r.j), 51);
    rig_release(&r);
}
END_TEST

START_TEST(stamps_only_what_has_no_time)
{
    struct rig r;
    rig_init(&r, 0, 1000, 1000);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t from = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    ck_assert_int_eq(journal_submit(r.j, batch_of(6, 0, 0, TIME_UNSET)),
                     ERR_OK);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    journal_stop(r.j);
    struct batch *b = queue_pop(r.out, 1000);
    const unsigned char *p = b->data;
    for (uint32_t i = 0; i < 6; i++) {
        struct event e;
        p = event_decode(p, b->data + b->bytes, &e);
        ck_assert_ptr_nonnull(p);
        if (i % 2)
            ck_assert_int_eq(e.time_ms, 1234);
        else
            ck_assert(e.time_ms >= from && e.time_ms < from + 60000);
    }
    batch_free(b);
    rig_release(&r);
}
END_TEST

/* The trainer takes nothing: its queue fills, then ours, then submit tells. */
START_TEST(pressure_reaches_the_submitter)
{
    struct rig r;
    uint32_t taken = 0;
    rig_init(&r, 0, 10, 10);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    struct batch *b = batch_of(5, 1, 0, 99);
    for (int i = 0; i < 1000 && taken < 100; i++) {
        enum err err = journal_submit(r.j, b);
        if (err == ERR_OK) {
            b = batch_of(5, 1, ++taken, 99);
            continue;
        }
        ck_assert_int_eq(err, ERR_FULL);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    // 10 with the trainer, at most 10 in the group that waits, 10 here
    ck_assert_uint_ge(taken * 5, 20);
    ck_assert_uint_le(taken * 5, 30);
    uint32_t before = read_count(&r.heard, &r.heard.rooms);
    ck_assert_int_eq(journal_submit(r.j, b), ERR_FULL);
    for (uint32_t got = 0; got < taken;) {
        struct batch *list = queue_pop(r.out, 10);
        while (list) {
            struct batch *next = list->next;
            batch_free(list);
            list = next;
            got++;
        }
    }
    wait_for(&r.heard, &r.heard.rooms, before + 1);
    ck_assert_int_eq(journal_submit(r.j, b), ERR_OK);
    wait_for(&r.heard, &r.heard.acks, taken + 1);
    journal_stop(r.j);
    ck_assert_uint_eq(journal_last(r.j), (taken + 1) * 5);
    rig_release(&r);
}
END_TEST

/* While the trainer is paused all that is taken is acknowledged: what its queue
 * and this one cannot hold is refused at once. */
START_TEST(paused)
{
    struct rig r;
    rig_init(&r, 0, 100, 100);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    queue_stall(r.out, true);
    journal_pause(r.j, true);
    uint32_t taken = 0;
    for (enum err err = ERR_OK; err == ERR_OK; taken += err == ERR_OK) {
        struct batch *b = batch_of(10, 0, taken, 99);
        err = journal_submit(r.j, b);
        if (err != ERR_OK) {
            ck_assert_int_eq(err, ERR_FULL);
            batch_free(b);
        }
        wait_for(&r.heard, &r.heard.acks, taken + (err == ERR_OK));
    }
    ck_assert_uint_eq(taken, 10);
    ck_assert_uint_eq(queue_depth(r.out), 100);
    // the keeper's own events are not held up
    ck_assert_int_eq(journal_submit_wait(r.j, batch_of(1, 0, 15, 99)), ERR_OK);
    wait_for(&r.heard, &r.heard.acks, taken + 1);
    queue_stall(r.out, false);
    journal_pause(r.j, false);
    ck_assert_int_eq(journal_submit(r.j, batch_of(10, 0, 14, 99)), ERR_OK);
    uint32_t n = 0;
    while (n < 111) {
        struct batch *b = queue_pop(r.out, 1000);
        for (struct batch *next; b; b = next) {
            next = b->next;
            n += b->n;
            batch_free(b);
        }
    }
    journal_stop(r.j);
    rig_release(&r);
}
END_TEST

START_TEST(stopped)
{
    struct rig r;
    rig_init(&r, 0, 100, 100);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    journal_stop(r.j);
    struct batch *b = batch_of(1, 0, 0, 1);
    ck_assert_int_eq(journal_submit(r.j, b), ERR_CLOSED);
    batch_free(b);
    rig_release(&r);
    journal_free(NULL);
}
END_TEST

#define THREADS 3
#define SUBMITS 2000u

static void *submit_many(void *arg)
{
    struct rig *r = arg;
    for (uint32_t i = 0; i < SUBMITS; i++) {
        struct batch *b = batch_of(1 + i % 3, -1, 0, 5);
        while (journal_submit(r->j, b) == ERR_FULL)
            nanosleep(&(struct timespec){0, 50000}, NULL);
    }
    return NULL;
}

START_TEST(no_gap_with_many_submitters)
{
    struct rig r;
    pthread_t thread[THREADS];
    uint64_t next = 1, batches = 0;
    rig_init(&r, 0, 64, 64);
    ck_assert_int_eq(journal_start(r.j), ERR_OK);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, submit_many, &r);
    while (batches < THREADS * SUBMITS) {
        struct batch *list = queue_pop(r.out, 20);
        while (list) {
            struct batch *b = list;
            ck_assert_uint_eq(b->first_seq, next);
            next += b->n;
            list = b->next;
            batch_free(b);
            batches++;
        }
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    journal_stop(r.j);
    ck_assert_uint_eq(journal_last(r.j), next - 1);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("journal", seqs_and_acks, stamps_only_what_has_no_time,
                pressure_reaches_the_submitter, paused, stopped,
                no_gap_with_many_submitters)
