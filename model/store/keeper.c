/* keeper.c -- the keeper's thread and its list of jobs.  See keeper.h. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "model/store/keeper_internal.h"
#include "model/store/snapshot_dir.h"

#define JOBS_MAX    64

int64_t keeper_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct keeper *keeper_new(const struct keeper_options *opt,
                          const struct keeper_hooks *hooks,
                          struct redo *unfinished, uint64_t base_seq)
{
    struct keeper *k = calloc(1, sizeof *k);
    pthread_condattr_t clock;
    if (!k)
        return NULL;
    k->opt = *opt;
    k->hooks = *hooks;
    k->last = &k->first;
    k->snapshot_seq = base_seq;
    k->snapshot_ns = keeper_now_ns();
    if (unfinished) {
        k->unfinished = *unfinished;
        k->redo_left = true;
        memset(unfinished, 0, sizeof *unfinished);
    }
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&k->some, &clock);
    pthread_condattr_destroy(&clock);
    return k;
}

void keeper_free(struct keeper *k)
{
    if (!k)
        return;
    while (k->first) {
        struct job *job = k->first;
        k->first = job->next;
        job_free(job);
    }
    model_free(k->retired);
    redo_release(&k->unfinished);
    pthread_cond_destroy(&k->some);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

enum err keeper_submit(struct keeper *k, struct job *job)
{
    enum err err = ERR_OK;
    pthread_mutex_lock(&k->lock);
    if (k->closed)
        err = ERR_CLOSED;
    else if (k->waiting == JOBS_MAX)
        err = ERR_FULL;
    else {
        job->next = NULL;
        *k->last = job;
        k->last = &job->next;
        k->waiting++;
        pthread_cond_signal(&k->some);
    }
    pthread_mutex_unlock(&k->lock);
    return err;
}

/* ---- the thread ---------------------------------------------------------- */

bool keeper_wait_applied(struct keeper *k, uint64_t seq)
{
    struct timespec ms = {0, 1000000};
    for (int i = 0; live_seq(model_live(k->opt.model)) < seq; i++) {
        if (trainer_held(k->opt.trainer) &&
            trainer_folded(k->opt.trainer) >= seq)
            return true;
        if (i == 60000)
            return false;
        nanosleep(&ms, NULL);
    }
    return true;
}

/* The next job, or NULL after about a second. */
static struct job *next_job(struct keeper *k, bool *closed)
{
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&k->lock);
    while (!k->first && !k->closed && rc == 0)
        rc = pthread_cond_timedwait(&k->some, &k->lock, &until);
    struct job *job = k->first;
    if (job) {
        k->first = job->next;
        if (!k->first)
            k->last = &k->first;
        k->waiting--;
    }
    *closed = k->closed;
    pthread_mutex_unlock(&k->lock);
    return job;
}

static void run(struct keeper *k, struct job *job)
{
    switch (job->kind) {
    case JOB_SNAPSHOT:
        keeper_snapshot(k, job);
        break;
    case JOB_ERASE:
    case JOB_RETRACT:
        keeper_erase(k, job);
        break;
    case JOB_EXPORT:
        keeper_export(k, job);
        break;
    case JOB_ROLLBACK:
        keeper_rollback(k, job);
        break;
    case JOB_SETTINGS:
        keeper_settings(k, job);
        break;
    }
    k->hooks.done(k->hooks.arg, job);
}

/* What an erasure could not do for a failing disk must not wait for the
 * next. */
static void finish_left(struct keeper *k)
{
    uint64_t last = journal_last(k->opt.journal);
    bool exact;
    k->redo_left = keeper_finish_erasure(k, &k->unfinished, last, &exact) !=
                   ERR_OK;
    keeper_back_off(k, !k->redo_left);
}

/* On a busy machine those who serve and learn go first. */
static void be_modest(void)
{
    int rc = setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    (void)rc; // a wish
}

static void *keeper_main(void *arg)
{
    struct keeper *k = arg;
    bool closed = false;
    be_modest();
    if (k->redo_left)
        finish_left(k);
    for (;;) {
        struct job *job = next_job(k, &closed);
        if (job)
            run(k, job);
        else if (closed)
            return NULL;
        else if (k->redo_left && keeper_now_ns() >= k->retry_ns)
            finish_left(k);
        else if (keeper_is_due(k))
            keeper_automatic_snapshot(k);
    }
}

enum err keeper_start(struct keeper *k)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&k->thread, NULL, keeper_main, k);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0)
        return ERR_IO;
    pthread_setname_np(k->thread, "keeper");
    k->started = true;
    return ERR_OK;
}

void keeper_stop(struct keeper *k)
{
    atomic_store(&k->stop, true);
    pthread_mutex_lock(&k->lock);
    k->closed = true;
    pthread_cond_signal(&k->some);
    pthread_mutex_unlock(&k->lock);
    if (k->started)
        pthread_join(k->thread, NULL);
    k->started = false;
}
