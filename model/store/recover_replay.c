/* recover_replay.c -- the events that the snapshot does not hold, and the end of
 * a recovery.  See recover.h. */
#include <errno.h>

#include "model/store/recover.h"

#define PUBLISH_EVENTS 4096

struct replay {
    struct recovery *r;
    struct model *m;
    uint64_t seq;             /* newest that is folded */
    uint32_t pending;         /* folded, not published */
    bool stopped;             /* by hooks.progress */
};

static bool publish(struct replay *p)
{
    struct recover_hooks *h = &p->r->opt.hooks;
    model_publish(p->m);
    model_begin(p->m);
    p->pending = 0;
    p->stopped = !h->progress(h->arg, p->seq, p->r->last);
    return !p->stopped;
}

static bool replay_event(void *arg, const struct log_event *e)
{
    struct replay *r = arg;
    r->seq = e->seq;
    model_fold(r->m, &e->event, r->seq, NULL);
    return ++r->pending < PUBLISH_EVENTS || publish(r);
}

enum err recover_replay(struct recovery *r, struct model *m)
{
    struct replay p = {.r = r, .m = m, .seq = r->base};
    enum err err = ERR_OK;
    errno = 0;
    model_begin(m);
    if (r->last > r->base)
        err = log_each(r->log, r->base + 1, r->last, replay_event, &p,
                       &r->bad);
    model_publish(m);
    if (p.stopped)
        return ERR_CLOSED;
    if (err == ERR_OK && p.seq != r->last) {
        errno = 0;
        err = ERR_CORRUPT;
    }
    return err == ERR_OK ? err : recover_fail(r, err, "the log cannot be replayed");
}

void recover_release(struct recovery *r)
{
    log_close(r->log);
    dedupe_free(r->dedupe);
    redo_release(&r->redo);
    datadir_close(&r->dir);
    r->log = NULL;
    r->dedupe = NULL;
}
