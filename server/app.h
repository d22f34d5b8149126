/* app.h -- what one running daemon is made of.
 *
 * Made by serve.c before any thread starts, taken apart by it after all have
 * ended.  Threads get a pointer and keep to the groups below.
 *
 * DESIGN  The shared counters order nothing but themselves: each is a number
 * that is raised, lowered and looked at, so relaxed order will do (and the
 * default where speed is no matter).  `config` is a pointer to something made
 * by another thread, so it is stored with release and loaded with acquire.
 */
#ifndef FRESHET_SERVER_APP_H
#define FRESHET_SERVER_APP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "config/config.h"
#include "model/learn/trainer.h"
#include "model/model.h"
#include "model/store/journal.h"

struct worker;
struct auth;
struct metrics;

/* The newest model_hash and the seq it belongs to.  It takes the trainer to
 * compute one, so readers ask and wait (api/stats.c). */
struct hash_cache {
    pthread_mutex_t lock;
    bool known;               /* guarded by lock */
    uint64_t seq;             /* guarded by lock */
    uint64_t hash;            /* guarded by lock */
};

struct app {
    /* set at boot, then read-only */
    int argc;                 /* the words after "serve", for SIGHUP */
    char *const *argv;
    struct settings settings; /* of the fold */
    struct model *model;
    struct live *live;
    struct queue *queue;      /* journal -> trainer */
    struct journal *journal;
    struct trainer *trainer;
    struct worker **workers;
    int nworkers;
    struct metrics *metrics;
    struct auth *auth;        /* own lock inside */
    int64_t started_ns;       /* CLOCK_MONOTONIC */
    int ended_fd;             /* eventfd: a worker's loop has ended */
    /* shared: atomic, see DESIGN */
    _Atomic(const struct config *) config;
    atomic_int connections;   /* open, all workers */
    atomic_llong body_bytes;  /* request bodies held, all workers */
    atomic_bool draining;     /* SIGTERM came: not ready any more */
    atomic_int running;       /* workers whose loop has not ended */
    /* own lock inside */
    struct hash_cache hash;
};

/* Any thread.  The options in force; valid until the process ends. */
const struct config *app_config(struct app *app);

/* Any thread.  The wall clock in ms, and the monotonic clock in ns. */
int64_t app_now_ms(void);
int64_t app_now_ns(void);

#endif
