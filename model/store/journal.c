/* journal.c -- see journal.h. */
#include "model/store/journal.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "model/store/queue.h"

/* Most events of one group: bounds the delay between the first and its ack. */
#define GROUP_EVENTS 4096

struct journal {
    /* set at boot, then read-only */
    struct queue *in;
    struct queue *out;
    struct journal_hooks hooks;
    pthread_t thread;
    bool started;
    /* shared: atomic, argued in journal.h; written by the thread */
    _Atomic uint64_t last;
};

struct journal *journal_new(struct queue *out, uint64_t last_seq,
                            uint32_t queue_events,
                            const struct journal_hooks *hooks)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->in = queue_new(queue_events);
    if (!j->in) {
        free(j);
        return NULL;
    }
    j->out = out;
    j->hooks = *hooks;
    atomic_init(&j->last, last_seq);
    return j;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    queue_free(j->in);
    free(j);
}

enum err journal_submit(struct journal *j, struct batch *b)
{
    return queue_push(j->in, b);
}

uint64_t journal_last(const struct journal *j)
{
    return atomic_load_explicit(&j->last, memory_order_acquire);
}

uint32_t journal_depth(const struct journal *j)
{
    return queue_depth(j->in);
}

/* ---- the thread -------------------------------------------------------- */

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Gives the time of arrival to events that came without one: the last moment at
 * which a clock may be read: from here on the event is what the log says. */
static void stamp(struct batch *b, int64_t now_ms)
{
    struct event e;
    unsigned char *p = b->data;
    for (uint32_t i = 0; i < b->n; i++) {
        const unsigned char *next = event_decode(p, b->data + b->bytes, &e);
        if (!next)
            return; // a worker encodes what it decodes: cannot happen
        if (e.time_ms == TIME_UNSET)
            event_set_time(p, now_ms);
        p += next - p;
    }
}

/* Everything that queued while the last group was written. */
static void number_group(struct journal *j, struct batch *group)
{
    uint64_t seq = atomic_load_explicit(&j->last, memory_order_relaxed);
    int64_t now_ms = wall_ms();
    for (struct batch *b = group; b; b = b->next) {
        stamp(b, now_ms);
        b->first_seq = seq + 1;
        seq += b->n;
    }
    atomic_store_explicit(&j->last, seq, memory_order_release);
}

static void acknowledge_group(struct journal *j, const struct batch *group)
{
    for (const struct batch *b = group; b; b = b->next)
        if (b->owner >= 0)
            j->hooks.acked(j->hooks.arg, b->owner, b->tag, b->first_seq,
                           b->n);
}

/* To the trainer, who may be behind: this waits, and so do the next groups. */
static void pass_on_group(struct journal *j, struct batch *group)
{
    while (group) {
        struct batch *b = group;
        group = b->next;
        if (queue_push_wait(j->out, b) != ERR_OK)
            batch_free(b); // the trainer is gone: teardown went wrong
    }
}

static void *journal_main(void *arg)
{
    struct journal *j = arg;
    while (!queue_is_closed(j->in)) {
        struct batch *group = queue_pop(j->in, GROUP_EVENTS);
        if (!group)
            continue;
        if (queue_was_full(j->in) && j->hooks.room)
            j->hooks.room(j->hooks.arg);
        number_group(j, group);
        acknowledge_group(j, group);
        pass_on_group(j, group);
    }
    return NULL;
}

enum err journal_start(struct journal *j)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&j->thread, NULL, journal_main, j);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return ERR_IO;
    pthread_setname_np(j->thread, "journal");
    j->started = true;
    return ERR_OK;
}

void journal_stop(struct journal *j)
{
    queue_close(j->in);
    if (j->started)
        pthread_join(j->thread, NULL);
    j->started = false;
}
