/* check_queue.c -- order, the bound in events, full, kick, close, threads. */
#include "model_test.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "model/store/queue.h"

static struct batch *batch_of(uint32_t n, uint64_t tag)
{
    struct batch *b = batch_new(0);
    ck_assert_ptr_nonnull(b);
    b->n = n;
    b->tag = tag;
    return b;
}

static void push(struct queue *q, uint32_t n, uint64_t tag)
{
    ck_assert_int_eq(queue_push(q, batch_of(n, tag)), ERR_OK);
}

/* Frees the list; its tags in order as one decimal number. */
static uint64_t tags_of(struct batch *list)
{
    uint64_t tags = 0;
    while (list) {
        struct batch *next = list->next;
        tags = tags * 10 + list->tag;
        batch_free(list);
        list = next;
    }
    return tags;
}

static void nap(void)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
}

START_TEST(first_in_first_out)
{
    struct queue *q = queue_new(100);
    for (uint64_t tag = 1; tag <= 5; tag++)
        push(q, 10, tag);
    ck_assert_uint_eq(queue_depth(q), 50);
    ck_assert_uint_eq(tags_of(queue_pop(q, 25)), 12);   // whole batches
    ck_assert_uint_eq(tags_of(queue_pop(q, 1)), 3);     // at least one
    push(q, 10, 6);
    ck_assert_uint_eq(tags_of(queue_pop(q, 1000)), 456);
    ck_assert_uint_eq(queue_depth(q), 0);
    ck_assert_ptr_null(queue_try_pop(q, 1000));
    push(q, 1, 7);
    ck_assert_uint_eq(tags_of(queue_try_pop(q, 1000)), 7);
    queue_free(q);
}
END_TEST

/* Few events may be many bytes. */
START_TEST(bytes_are_bounded)
{
    struct queue *q = queue_new(4);
    struct batch *large = batch_of(1, 1), *more = batch_of(1, 2);
    large->bytes = 10 * 4 * QUEUE_EVENT_BYTES; // alone it is taken
    ck_assert_int_eq(queue_push(q, large), ERR_OK);
    more->bytes = 8;
    ck_assert_int_eq(queue_push(q, more), ERR_FULL);
    ck_assert(queue_was_full(q));
    ck_assert_uint_eq(tags_of(queue_pop(q, 1)), 1);
    more->bytes = 3 * QUEUE_EVENT_BYTES;
    ck_assert_int_eq(queue_push(q, more), ERR_OK);
    more = batch_of(1, 3);
    more->bytes = QUEUE_EVENT_BYTES;
    ck_assert_int_eq(queue_push(q, more), ERR_OK);
    more = batch_of(1, 4);
    more->bytes = 1;
    ck_assert_int_eq(queue_push(q, more), ERR_FULL);
    batch_free(more);
    ck_assert_uint_eq(tags_of(queue_pop(q, 100)), 23);
    queue_free(q);
}
END_TEST

START_TEST(full_is_an_answer)
{
    struct queue *q = queue_new(10);
    push(q, 6, 1);
    push(q, 4, 2);
    ck_assert(!queue_was_full(q));
    struct batch *one = batch_of(1, 3);
    ck_assert_int_eq(queue_push(q, one), ERR_FULL);
    ck_assert(queue_was_full(q));
    ck_assert(!queue_was_full(q)); // asking forgets
    ck_assert_uint_eq(tags_of(queue_pop(q, 6)), 1);
    ck_assert_int_eq(queue_push(q, one), ERR_OK);
    ck_assert_uint_eq(queue_depth(q), 5);
    queue_free(q); // with batches inside
}
END_TEST

START_TEST(larger_than_the_queue)
{
    struct queue *q = queue_new(10);
    push(q, 1000, 1);
    struct batch *b = batch_of(1000, 2);
    ck_assert_int_eq(queue_push(q, b), ERR_FULL);
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 1);
    ck_assert_int_eq(queue_push(q, b), ERR_OK);
    queue_free(q);
}
END_TEST

START_TEST(closed)
{
    struct queue *q = queue_new(10);
    push(q, 1, 1);
    queue_close(q);
    struct batch *b = batch_of(1, 2);
    ck_assert_int_eq(queue_push(q, b), ERR_CLOSED);
    ck_assert_int_eq(queue_push_wait(q, b), ERR_CLOSED);
    batch_free(b);
    ck_assert(!queue_is_closed(q)); // there is something to drain
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 1);
    ck_assert(queue_is_closed(q));
    ck_assert_ptr_null(queue_pop(q, 10)); // does not wait
    queue_free(q);
}
END_TEST

START_TEST(kick_before_pop)
{
    struct queue *q = queue_new(10);
    queue_kick(q);
    queue_kick(q);
    ck_assert_ptr_null(queue_pop(q, 10));
    ck_assert(!queue_is_closed(q));
    push(q, 1, 1);
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 1);
    queue_free(q);
}
END_TEST

static void *pop_one(void *q)
{
    return queue_pop(q, 10);
}

START_TEST(kick_and_close_wake_a_sleeper)
{
    struct queue *q = queue_new(10);
    for (int close = 0; close < 2; close++) {
        pthread_t t;
        void *got = q;
        pthread_create(&t, NULL, pop_one, q);
        nap();
        if (close)
            queue_close(q);
        else
            queue_kick(q);
        pthread_join(t, &got);
        ck_assert_ptr_null(got);
    }
    queue_free(q);
}
END_TEST

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *push_late(void *q)
{
    nap();
    push(q, 3, 5);
    return NULL;
}

START_TEST(pop_within)
{
    struct queue *q = queue_new(10);
    int64_t from = now_ms();
    ck_assert_ptr_null(queue_pop_within(q, 10, 0)); // does not wait
    ck_assert_ptr_null(queue_pop_within(q, 10, 60));
    ck_assert_int_ge(now_ms() - from, 60);
    push(q, 4, 1);
    from = now_ms();
    ck_assert_uint_eq(tags_of(queue_pop_within(q, 10, 50000)), 1);
    queue_kick(q);
    ck_assert_ptr_null(queue_pop_within(q, 10, 50000));
    pthread_t t; // what comes meanwhile ends the wait
    pthread_create(&t, NULL, push_late, q);
    ck_assert_uint_eq(tags_of(queue_pop_within(q, 10, 50000)), 5);
    pthread_join(t, NULL);
    queue_close(q);
    ck_assert_ptr_null(queue_pop_within(q, 10, 50000));
    ck_assert_int_lt(now_ms() - from, 40000);
    queue_free(q);
}
END_TEST

static void *push_and_wait(void *q)
{
    return queue_push_wait(q, batch_of(8, 2)) == ERR_OK ? q : NULL;
}

START_TEST(push_wait_waits_for_room)
{
    struct queue *q = queue_new(10);
    pthread_t t;
    void *pushed;
    push(q, 8, 1);
    pthread_create(&t, NULL, push_and_wait, q);
    nap();
    ck_assert_uint_eq(queue_depth(q), 8); // still outside
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 1);
    pthread_join(t, &pushed);
    ck_assert_ptr_eq(pushed, q);
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 2);
    queue_free(q);
}
END_TEST

#define THREADS 4
#define PUSHES  5000u

struct pusher {
    struct queue *q;
    int owner;
};

static void *push_many(void *arg)
{
    const struct pusher *p = arg;
    for (uint32_t i = 0; i < PUSHES; i++) {
        struct batch *b = batch_of(1 + i % 3, i);
        b->owner = p->owner;
        if (queue_push_wait(p->q, b) != ERR_OK)
            abort();
    }
    return NULL;
}

START_TEST(many_pushers_keep_their_own_order)
{
    struct queue *q = queue_new(16);
    struct pusher pushers[THREADS];
    pthread_t thread[THREADS];
    uint64_t next[THREADS] = {0}, got = 0;
    for (int i = 0; i < THREADS; i++) {
        pushers[i] = (struct pusher){q, i};
        pthread_create(&thread[i], NULL, push_many, &pushers[i]);
    }
    while (got < THREADS * PUSHES) {
        struct batch *list = queue_pop(q, 7);
        ck_assert_ptr_nonnull(list);
        while (list) {
            struct batch *b = list;
            ck_assert_uint_eq(b->tag, next[b->owner]);
            next[b->owner]++;
            list = b->next;
            batch_free(b);
            got++;
        }
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    ck_assert_uint_eq(queue_depth(q), 0);
    queue_free(q);
}
END_TEST

static void *unstall(void *arg)
{
    nap();
    queue_stall(arg, false);
    return NULL;
}

/* Pops find nothing, kicks are heard; pushes go on, and none waits; the end of
 * it, and that of the queue, give all back in order. */
START_TEST(stalled)
{
    struct queue *q = queue_new(10);
    pthread_t thread;
    push(q, 4, 1);
    ck_assert(queue_has_room(q, 6) && !queue_has_room(q, 7));
    queue_stall(q, true);
    ck_assert(queue_is_stalled(q));
    ck_assert_ptr_null(queue_try_pop(q, 100));
    ck_assert_ptr_null(queue_pop_within(q, 100, 10));
    queue_kick(q);
    ck_assert_ptr_null(queue_pop(q, 100));
    push(q, 6, 2);
    ck_assert_int_eq(queue_push_wait(q, batch_of(5, 3)), ERR_OK); // over it
    ck_assert_uint_eq(queue_depth(q), 15);
    pthread_create(&thread, NULL, unstall, q);
    ck_assert_uint_eq(tags_of(queue_pop(q, 10)), 12);
    pthread_join(thread, NULL);
    queue_stall(q, true);
    queue_close(q);
    ck_assert(!queue_is_closed(q));
    ck_assert_uint_eq(tags_of(queue_pop(q, 100)), 3);
    ck_assert(queue_is_closed(q));
    queue_free(q);
}
END_TEST

MODEL_TEST_MAIN("queue", first_in_first_out, bytes_are_bounded,
                full_is_an_answer,
                larger_than_the_queue, closed, kick_before_pop,
                kick_and_close_wake_a_sleeper, pop_within,
                push_wait_waits_for_room,
                stalled, many_pushers_keep_their_own_order)
