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
#include "model/store/keeper.h"
#include "model/store/recover.h"
#include "server/ingest_rules.h"

struct worker;
struct auth;
struct metrics;
struct scans;

/* The newest model_hash and the seq it belongs to.  It takes the trainer to
 * compute one, so readers ask and wait (api/stats.c). */
struct hash_cache {
    pthread_mutex_t lock;
    bool known;               /* guarded by lock */
    uint64_t seq;             /* guarded by lock */
    uint64_t hash;            /* guarded by lock */
};

/* What reads are answered from.  The trainer changes it (a rollback brings another
 * model, an event other settings) and tells the workers (MAIL_MODEL); each takes
 * it over between two requests, into its struct worker.  A model that was
 * replaced lives until no worker is behind.  Lock order: the last. */
struct serving {
    pthread_mutex_t lock;
    struct model *model;      /* guarded by lock, and all below */
    struct settings settings; /* in force */
    int behind;               /* workers and scans that still read the model
                                 before */
    int scanning;             /* scans on their way */
};

enum phase { PHASE_RECOVERING, PHASE_SERVING };

struct app {
    /* set at boot, then read-only */
    int argc;                 /* the words after "serve", for SIGHUP */
    char *const *argv;
    struct settings settings; /* of the fold, as at the start */
    struct ingest_rules rules;
    struct queue *queue;      /* journal -> trainer */
    struct recovery recovery; /* data.dir: lock, log, dedupe */
    struct journal *journal;
    struct keeper *keeper;
    struct trainer *trainer;
    struct worker **workers;
    int nworkers;
    struct scans *scans;      /* NULL: workers make all lists themselves */
    int nscans;               /* its threads */
    struct kept_lists *kept;  /* own lock inside */
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
    atomic_int phase;         /* enum phase */
    atomic_int storage_state; /* enum log_state, as told last */
    _Atomic uint64_t recovered_seq;        /* while PHASE_RECOVERING */
    _Atomic uint64_t snapshot_seq;         /* of the newest, 0: none */
    _Atomic uint64_t snapshots;            /* taken */
    _Atomic uint64_t snapshot_failures;
    _Atomic uint64_t snapshot_load_errors; /* at the start */
    /* own lock inside */
    struct hash_cache hash;
    struct serving serving;
};

/* Any thread.  The options in force; valid until the process ends. */
const struct config *app_config(struct app *app);

/* Any thread.  The wall clock in ms, and the monotonic clock in ns. */
int64_t app_now_ms(void);
int64_t app_now_ns(void);

#endif
