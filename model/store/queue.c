/* queue.c -- see queue.h. */
#include "model/store/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct queue {
    uint32_t max;              /* set at boot */
    pthread_mutex_t lock;
    pthread_cond_t some;       /* there is a batch, a kick, or the end */
    pthread_cond_t room;       /* there is room, or the end */
    struct batch *first;       /* guarded by lock, and all below */
    struct batch **last;
    uint32_t events;
    size_t bytes;
    bool closed;
    bool kicked;
    bool was_full;
    bool stalled;
};

struct queue *queue_new(uint32_t max_events)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->max = max_events;
    q->last = &q->first;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&q->some, &clock);
    pthread_condattr_destroy(&clock);
    pthread_cond_init(&q->room, NULL);
    return q;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    while (q->first) {
        struct batch *b = q->first;
        q->first = b->next;
        batch_free(b);
    }
    pthread_cond_destroy(&q->some);
    pthread_cond_destroy(&q->room);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/* Under the lock.  In 64 bits: one batch alone may exceed the bounds. */
static bool fits(const struct queue *q, const struct batch *b)
{
    return q->events == 0 ||
           ((uint64_t)q->events + b->n <= q->max &&
            (uint64_t)q->bytes + b->bytes <=
                (uint64_t)q->max * QUEUE_EVENT_BYTES);
}

/* Under the lock. */
static void append(struct queue *q, struct batch *b)
{
    b->next = NULL;
    *q->last = b;
    q->last = &b->next;
    q->events += b->n;
    q->bytes += b->bytes;
    pthread_cond_signal(&q->some);
}

enum err queue_push(struct queue *q, struct batch *b)
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&q->lock);
    if (q->closed)
        err = ERR_CLOSED;
    else if (!fits(q, b)) {
        q->was_full = true;
        err = ERR_FULL;
    } else
        append(q, b);
    pthread_mutex_unlock(&q->lock);
    return err;
}

enum err queue_push_wait(struct queue *q, struct batch *b)
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&q->lock);
    while (!q->closed && !q->stalled && !fits(q, b))
        pthread_cond_wait(&q->room, &q->lock);
    if (q->closed)
        err = ERR_CLOSED;
    else
        append(q, b);
    pthread_mutex_unlock(&q->lock);
    return err;
}

/* Under the lock.  Is there something to take? */
static bool has_some(const struct queue *q)
{
    return q->first && (!q->stalled || q->closed);
}

/* Under the lock. */
static struct batch *take(struct queue *q, uint32_t max_events)
{
    struct batch *list = q->first;
    if (!has_some(q))
        return NULL;
    struct batch **end = &list;
    uint32_t n = 0;
    while (*end && (n == 0 || n + (*end)->n <= max_events)) {
        n += (*end)->n;
        q->bytes -= (*end)->bytes;
        end = &(*end)->next;
    }
    q->first = *end;
    *end = NULL;
    if (!q->first)
        q->last = &q->first;
    q->events -= n;
    if (n)
        pthread_cond_signal(&q->room);
    return list;
}

static struct timespec after_ms(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

struct batch *queue_pop_within(struct queue *q, uint32_t max_events, int ms)
{
    struct timespec until = after_ms(ms < 0 ? 0 : ms);
    int rc = 0;
    pthread_mutex_lock(&q->lock);
    while (!has_some(q) && !q->closed && !q->kicked && rc == 0) {
        if (ms < 0)
            pthread_cond_wait(&q->some, &q->lock);
        else
            rc = pthread_cond_timedwait(&q->some, &q->lock, &until);
    }
    q->kicked = false;
    struct batch *list = take(q, max_events);
    pthread_mutex_unlock(&q->lock);
    return list;
}

struct batch *queue_pop(struct queue *q, uint32_t max_events)
{
    return queue_pop_within(q, max_events, -1);
}

struct batch *queue_try_pop(struct queue *q, uint32_t max_events)
{
    pthread_mutex_lock(&q->lock);
    struct batch *list = take(q, max_events);
    pthread_mutex_unlock(&q->lock);
    return list;
}

uint32_t queue_depth(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    uint32_t n = q->events;
    pthread_mutex_unlock(&q->lock);
    return n;
}

bool queue_was_full(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool was = q->was_full;
    q->was_full = false;
    pthread_mutex_unlock(&q->lock);
    return was;
}

bool queue_is_closed(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool closed = q->closed && !q->first;
    pthread_mutex_unlock(&q->lock);
    return closed;
}

void queue_kick(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->kicked = true;
    pthread_cond_signal(&q->some);
    pthread_mutex_unlock(&q->lock);
}

void queue_stall(struct queue *q, bool on)
{
    pthread_mutex_lock(&q->lock);
    q->stalled = on;
    pthread_cond_signal(&q->some);
    pthread_cond_signal(&q->room);
    pthread_mutex_unlock(&q->lock);
}

bool queue_has_room(struct queue *q, uint32_t more)
{
    pthread_mutex_lock(&q->lock);
    bool room = (uint64_t)q->events + more <= q->max &&
                (uint64_t)q->bytes < (uint64_t)q->max * QUEUE_EVENT_BYTES;
    pthread_mutex_unlock(&q->lock);
    return room;
}

bool queue_is_stalled(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool stalled = q->stalled;
    pthread_mutex_unlock(&q->lock);
    return stalled;
}

void queue_close(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    pthread_cond_broadcast(&q->some);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
}
