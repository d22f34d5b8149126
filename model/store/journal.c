/* journal.c -- see journal.h. */
#include "model/store/journal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "model/store/disk.h"
#include "model/store/admission.h"
#include "model/store/queue.h"

/* Most events of one group: bounds the delay between the first and its ack. */
#define GROUP_EVENTS 4096

struct journal {
    /* set at boot, then read-only */
    struct queue *in;
    struct queue *out;
    struct log *log;            /* NULL: in memory only */
    struct journal_hooks hooks;
    pthread_t thread;
    bool started;
    /* shared: atomic, argued in journal.h; written by the thread */
    _Atomic uint64_t last;
    atomic_bool paused;
    /* the thread's */
    struct admission *admission;
    enum log_state state;       /* that was told last */
};

struct journal *journal_new(struct queue *out, struct log *log,
                            struct dedupe *dedupe, uint64_t last_seq,
                            uint32_t queue_events,
                            const struct journal_hooks *hooks)
{
    struct journal *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->in = queue_new(queue_events);
    j->admission = admission_new(log, dedupe);
    if (!j->in || !j->admission) {
        journal_free(j);
        return NULL;
    }
    j->out = out;
    j->log = log;
    j->hooks = *hooks;
    atomic_init(&j->last, last_seq);
    return j;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    admission_free(j->admission);
    if (j->in)
        queue_free(j->in);
    free(j);
}

enum err journal_submit(struct journal *j, struct batch *b)
{
    if (atomic_load_explicit(&j->paused, memory_order_relaxed) &&
        !queue_has_room(j->out, queue_depth(j->in) + b->n))
        return ERR_FULL;
    return queue_push(j->in, b);
}

void journal_pause(struct journal *j, bool on)
{
    atomic_store_explicit(&j->paused, on, memory_order_relaxed);
}

enum err journal_submit_wait(struct journal *j, struct batch *b)
{
    return queue_push_wait(j->in, b);
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

/* Tells of the log's state when it is not the one told last. */
static void tell_state(struct journal *j, int error)
{
    struct log_stats s;
    if (!j->log)
        return;
    log_stats(j->log, &s);
    if (s.state == j->state)
        return;
    j->state = s.state;
    if (j->hooks.storage)
        j->hooks.storage(j->hooks.arg, s.state, error);
}

/* Takes the batches that make one group off the list: as many as there are, but
 * one that has to be prepared stands alone. */
static struct batch *take_group(struct batch **list)
{
    struct batch *group = *list, *last = group;
    while (!last->prepare && last->next && !last->next->prepare)
        last = last->next;
    *list = last->next;
    last->next = NULL;
    return group;
}

/* Gives seqs to everything in the group.  False: it has no events to keep. */
static bool number_group(struct journal *j, struct batch *group)
{
    uint64_t last = atomic_load_explicit(&j->last, memory_order_relaxed);
    uint64_t next = last + 1;
    admission_begin(j->admission, next, wall_ms());
    for (struct batch *b = group; b; b = b->next) {
        b->first_seq = next;
        enum err err = b->prepare ? b->prepare(b->arg, b) : ERR_OK;
        if (err == ERR_OK) {
            next = admission_number(j->admission, b);
            continue;
        }
        b->ack = (struct ack){.owner = b->owner, .tag = b->tag, .err = err};
        b->n = 0;
        b->bytes = 0;
    }
    return next != last + 1;
}

/* Nothing of the group is kept: neither are its events, nor is what was found
 * to be a copy of one of them. */
static void fail_group(struct journal *j, struct batch *group, enum err err)
{
    uint64_t last = atomic_load_explicit(&j->last, memory_order_relaxed);
    for (struct batch *b = group; b; b = b->next) {
        if (b->n == 0 && b->leans_on <= last)
            continue;
        b->ack = (struct ack){.owner = b->owner, .tag = b->tag, .err = err};
        b->n = 0;
    }
    admission_give_up(j->admission);
}

/* The group is in the log, or none of it is. */
static void keep_group(struct journal *j, struct batch *group)
{
    enum err err = ERR_OK;
    int error = 0;
    uint64_t last = atomic_load_explicit(&j->last, memory_order_relaxed);
    if (j->log) {
        err = log_append(j->log, group, group->urgent);
        error = errno;
    }
    if (err == ERR_OK) {
        for (const struct batch *b = group; b; b = b->next)
            last += b->n;
        atomic_store_explicit(&j->last, last, memory_order_release);
    } else
        fail_group(j, group, err);
    tell_state(j, error);
}

static void acknowledge_group(struct journal *j, const struct batch *group)
{
    for (const struct batch *b = group; b; b = b->next) {
        if (b->owner >= 0)
            j->hooks.acked(j->hooks.arg, &b->ack);
        if (b->finished)
            b->finished(b->arg, &b->ack);
    }
}

/* To the trainer, who may be behind: this waits, and so do the next groups. */
static void pass_on_group(struct journal *j, struct batch *group)
{
    while (group) {
        struct batch *b = group;
        group = b->next;
        if (b->n == 0 || queue_push_wait(j->out, b) != ERR_OK)
            batch_free(b); // nothing in it; or the trainer is gone
    }
}

static void take_in(struct journal *j, struct batch *group)
{
    bool some = number_group(j, group);
    bool early = DISK_MUTANT("reply_first");
    if (early)
        acknowledge_group(j, group);
    if (some)
        keep_group(j, group);
    if (!early && DISK_POINT("log.before_ack"))
        acknowledge_group(j, group);
    pass_on_group(j, group);
}

static void *journal_main(void *arg)
{
    struct journal *j = arg;
    int wait = -1;
    while (!queue_is_closed(j->in)) {
        struct batch *list = queue_pop_within(j->in, GROUP_EVENTS, wait);
        if (queue_was_full(j->in) && j->hooks.room)
            j->hooks.room(j->hooks.arg);
        while (list)
            take_in(j, take_group(&list));
        if (j->log)
            wait = log_tend(j->log);
        tell_state(j, 0);
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
