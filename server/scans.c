/* scans.c -- see scans.h. */
#include "server/scans.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "server/app.h"
#include "server/mailbox.h"
#include "server/worker.h"

#define NICER 5

struct scanner {
    /* set at boot, then read-only */
    struct scans *all;
    int slot;
    pthread_t thread;
    bool started;            /* main thread only */
    /* this thread only */
    struct recommend_desk desk;
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

static void answer(struct scanner *me, struct scan *scan)
{
    struct serving *serving = &me->all->app->serving;
    pthread_mutex_lock(&serving->lock);
    struct model *model = serving->model;
    struct settings settings = serving->settings;
    serving->scanning++;
    pthread_mutex_unlock(&serving->lock);
    struct recommend_source from = {model_live(model), me->slot, &settings};
    scan->ok = ask_answer(&me->desk, &from, &scan->limits, &scan->ask,
                          &scan->answer, &scan->fail);
    pthread_mutex_lock(&serving->lock);
    serving->scanning--;
    if (serving->model != model)
        serving->behind--;
    pthread_mutex_unlock(&serving->lock);
}

/* ---- the threads -------------------------------------------------------- */

/* The next question, or NULL: it is over. */
static struct scan *take(struct scans *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->first && !s->closed)
        pthread_cond_wait(&s->work, &s->lock);
    struct scan *scan = s->closed ? NULL : s->first;
    if (scan) {
        s->first = scan->next;
        if (!s->first)
            s->last = &s->first;
        s->waiting--;
    }
    pthread_mutex_unlock(&s->lock);
    return scan;
}

static void *scanner_main(void *arg)
{
    struct scanner *me = arg;
    struct scan *scan;
    setpriority(PRIO_PROCESS, 0, NICER); // of this thread, on Linux
    for (scan = take(me->all); scan; scan = take(me->all)) {
        answer(me, scan);
        mailbox_scan(me->all->app->workers[scan->owner]->mail, scan);
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
        recommend_desk_release(&s->scanner[i].desk);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->work);
    free(s);
}
