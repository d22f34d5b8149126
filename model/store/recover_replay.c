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

static bool replay_group(void *arg, const struct group *g,
                         const unsigned char *bytes,
                         const struct log_place *at)
{
    struct replay *r = arg;
    const unsigned char *p = bytes + GROUP_HEAD_BYTES, *end = bytes + g->bytes;
    (void)at;
    for (uint32_t i = 0; i < g->n; i++) {
        struct event e;
        p = event_decode(p, end, &e);
        if (!p)
            return false;
        if (g->first_seq + i <= r->seq)
            continue; // the snapshot holds it
        r->seq = g->first_seq + i;
        model_fold(r->m, &e, r->seq, NULL);
        if (++r->pending == PUBLISH_EVENTS && !publish(r))
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
