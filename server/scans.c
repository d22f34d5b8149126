/* scans.c -- see scans.h. */
#include "server/scans.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "server/app.h"
#include "server/mailbox.h"
#include "server/worker.h"

#define NICER 5
#define SHARE 4              /* questions that are answered in one scan: more
                                gain little, and the trainer waits for them */
_Static_assert(SHARE <= ASK_TURNS, "turns for all of them");

struct scanner {
    /* set at boot, then read-only */
    struct scans *all;
    int slot;
    pthread_t thread;
    bool started;            /* main thread only */
    /* this thread only */
    struct ask_turn turn[SHARE];
};

struct scans {
    struct app *app;
    int n;
    uint32_t room;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct scan *first, **last; /* guarded by lock: those that wait, */
    uint32_t waiting;           /* ... and how many */
    bool closed;                /* guarded by lock */
    struct scanner scanner[];   /* (n) */
};

/* ---- one question ------------------------------------------------------- */

struct scan *scan_new(const struct ask *ask, struct buf *body)
{
    struct scan *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->ask = *ask;
    memcpy(s->id, ask->id.s, ask->id.len);
    s->ask.id.s = s->id;
    if (ask->query) {
        s->query = strdup(ask->query);
        s->ask.query = s->query;
        if (!s->query) {
            free(s);
            return NULL;
        }
    }
    if (body) {
        s->body = *body;
        s->ask.body = s->body.p;
        *body = (struct buf){0};
    }
    return s;
}

void scan_free(struct scan *s)
{
    if (!s)
        return;
    buf_release(&s->body);
    buf_release(&s->answer);
    free(s->query);
    free(s);
}

/* A worker that has been woken on this core waits for the end of our time slice, a
 * millisecond and more, nicer or not; unless we stand back.  p99 of predictions
 * beside lists was 8 times that without, and is one and a half.  (SCHED_IDLE would
 * do it too, and on a busy machine let a list wait for seconds, and the trainer for
 * its pin.) */
static void let_pass(void)
{
    sched_yield();
}

/* n of them, one after the other in the list, from one copy. */
static void answer(struct scanner *me, struct scan *first, uint32_t n)
{
    struct serving *serving = &me->all->app->serving;
    struct ask_turn *turn[SHARE];
    struct scan *scan = first;
    for (uint32_t i = 0; i < n; i++, scan = scan->next) {
        turn[i] = &me->turn[i];
        turn[i]->ask = &scan->ask;
        turn[i]->limits = &scan->limits;
        turn[i]->out = &scan->answer;
        turn[i]->fail = &scan->fail;
    }
    pthread_mutex_lock(&serving->lock);
    struct model *model = serving->model;
    struct settings settings = serving->settings;
    serving->scanning++;
    pthread_mutex_unlock(&serving->lock);
    struct recommend_source from = {model_live(model), me->slot, &settings,
                                    me->all->app->kept, let_pass};
    ask_answer(turn, n, &from);
    pthread_mutex_lock(&serving->lock);
    serving->scanning--;
    if (serving->model != model)
        serving->behind--;
    pthread_mutex_unlock(&serving->lock);
    scan = first;
    for (uint32_t i = 0; i < n; i++, scan = scan->next) {
        scan->ok = turn[i]->ok;
        scan->personal = turn[i]->req.user.len > 0;
    }
}

/* ---- the threads -------------------------------------------------------- */

/* This thread's share of those that wait, so that no other thread idles; NULL:
 * it is over. */
static struct scan *take(struct scans *s, uint32_t *n)
{
    pthread_mutex_lock(&s->lock);
    while (!s->first && !s->closed)
        pthread_cond_wait(&s->work, &s->lock);
    struct scan *first = s->closed ? NULL : s->first;
    uint32_t share = (s->waiting + (uint32_t)s->n - 1) / (uint32_t)s->n;
    *n = 0;
    while (first && *n < share && *n < SHARE && s->first) {
        s->first = s->first->next;
        ++*n;
    }
    s->waiting -= *n;
    if (!s->first)
        s->last = &s->first;
    pthread_mutex_unlock(&s->lock);
    return first;
}

static void *scanner_main(void *arg)
{
    struct scanner *me = arg;
    uint32_t n;
    struct scan *scan;
    setpriority(PRIO_PROCESS, 0, NICER); // of this thread, on Linux
    for (scan = take(me->all, &n); scan; scan = take(me->all, &n)) {
        answer(me, scan, n);
        for (struct scan *next; n > 0; n--, scan = next) {
            next = scan->next; // the worker's from here on
            mailbox_scan(me->all->app->workers[scan->owner]->mail, scan);
        }
    }
    return NULL;
}

enum err scans_submit(struct scans *s, struct scan *scan)
{
    enum err err = ERR_OK;
    scan->next = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->closed)
        err = ERR_CLOSED;
    else if (s->waiting >= s->room)
        err = ERR_FULL;
    else {
        *s->last = scan;
        s->last = &scan->next;
        s->waiting++;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

/* ---- life --------------------------------------------------------------- */

enum err scans_new(struct app *app, int n, int first_slot, uint32_t room,
                   struct scans **out)
{
    struct scans *s = calloc(1, sizeof *s + (size_t)n * sizeof *s->scanner);
    if (!s)
        return ERR_NOMEM;
    s->app = app;
    s->n = n;
    s->room = room;
    s->last = &s->first;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    for (int i = 0; i < n; i++) {
        s->scanner[i].all = s;
        s->scanner[i].slot = first_slot + i;
    }
    *out = s;
    return ERR_OK;
}

enum err scans_start(struct scans *s)
{
    for (int i = 0; i < s->n; i++) {
        struct scanner *me = &s->scanner[i];
        char name[16];
        if (pthread_create(&me->thread, NULL, scanner_main, me) != 0)
            return ERR_IO;
        me->started = true;
        snprintf(name, sizeof name, "scan %u", (unsigned)i % 1000);
        pthread_setname_np(me->thread, name);
    }
    return ERR_OK;
}

void scans_stop(struct scans *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < s->n; i++) {
        if (s->scanner[i].started)
            pthread_join(s->scanner[i].thread, NULL);
        s->scanner[i].started = false;
    }
}

void scans_free(struct scans *s)
{
    if (!s)
        return;
    for (struct scan *scan = s->first, *next; scan; scan = next) {
        next = scan->next;
        scan_free(scan);
    }
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < SHARE; k++)
            recommend_desk_release(&s->scanner[i].turn[k].desk);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->work);
    free(s);
}
