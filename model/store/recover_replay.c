/* recover_replay.c -- the events that the snapshot does not hold, and the end
 * of a recovery.  See recover.h. */
#include <errno.h>

#include "model/store/recover.h"

/* A publish, which copies every row that was touched since the one before, is
 * seldom: it frees what both copies have moved on from, and leaves something to
 * serve in case the guard finds that it went wrong further on (learn/guard.h);
 * so the first come soon, when there is little, and the last after an eighth of
 * all that is folded, or PUBLISH_MOST.
 * How far it is, and whether to stop, is a matter of tens of milliseconds. */
#define PUBLISH_LEAST   1024
#define PUBLISH_MOST    131072
#define PROGRESS_EVENTS 4096

struct replay {
    struct recovery *r;
    struct model *m;
    uint64_t seq;             /* newest that is folded */
    uint32_t pending;         /* folded, not published, */
    uint32_t untold;          /* ... and not told of */
    bool stopped;             /* by hooks.progress */
};

/* n more events are folded.  False: told to stop. */
static bool go_on(struct replay *p, uint32_t n)
{
    struct recover_hooks *h = &p->r->opt.hooks;
    uint64_t due = p->seq / 8;
    p->pending += n;
    p->untold += n;
    due = due > PUBLISH_MOST ? PUBLISH_MOST : due;
    if (p->pending >= PUBLISH_LEAST && p->pending >= due &&
        model_offer(p->m)) {
        model_begin(p->m);
        p->pending = 0;
    }
    if (p->untold < PROGRESS_EVENTS)
        return true;
    p->untold = 0;
    p->stopped = !h->progress(h->arg, p->seq, p->r->last);
    return !p->stopped;
}

/* Folds the events of a group in runs (model_fold_run), for speed: their bytes
 * stay until the visit ends. */
static bool replay_group(void *arg, const struct group *g,
                         const unsigned char *bytes,
                         const struct log_place *at)
{
    struct replay *r = arg;
    const unsigned char *p = bytes + GROUP_HEAD_BYTES, *end = bytes + g->bytes;
    uint64_t seq = g->first_seq, behind = g->first_seq + g->n;
    (void)at;
    if (behind > r->r->last + 1) // wanted is a part of it (rebuild.h)
        behind = r->r->last + 1;
    while (seq < behind) {
        struct event run[MODEL_RUN];
        uint32_t n = 0;
        for (; n < MODEL_RUN && seq + n < behind; n++) {
            p = event_decode(p, end, &run[n]);
            if (!p)
                return false; // the group was checked: cannot happen
        }
        uint64_t known = r->seq + 1 > seq ? r->seq + 1 - seq : 0;
        uint32_t skip = known < n ? (uint32_t)known : n; // in the snapshot
        model_fold_run(r->m, run + skip, n - skip, seq + skip, NULL);
        seq += n;
        if (skip < n)
            r->seq = seq - 1;
        if (!go_on(r, n - skip))
            return false;
    }
    return true;
}

enum err recover_replay(struct recovery *r, struct model *m)
{
    struct replay p = {.r = r, .m = m, .seq = r->base};
    enum err err = ERR_OK;
    errno = 0;
    model_begin(m);
    if (r->last > r->base)
        err = log_read(r->log, r->base + 1, r->last, replay_group, &p,
                       &r->bad);
    bool shown = model_offer(m);
    (void)shown; // held: the trainer goes on from there
    if (p.stopped)
        return ERR_CLOSED;
    if (err == ERR_OK && p.seq != r->last) {
        errno = 0;
        err = ERR_CORRUPT;
    }
    return err == ERR_OK ? err
                         : recover_fail(r, err, "the log cannot be replayed");
}

void recover_release(struct recovery *r)
{
    log_close(r->log);
    dedupe_free(r->dedupe);
    redo_release(&r->redo);
    voids_release(&r->voids);
    datadir_close(&r->dir);
    r->log = NULL;
    r->dedupe = NULL;
}
