/* rebuild.c -- see rebuild.h. */
#include "model/store/rebuild.h"

#include <stdlib.h>

#include "model/learn/quality.h"
#include "model/store/recover.h"

/* A recovery of which only the model is wanted: the directory and the log are
 * borrowed, nothing is written and nothing is let go of. */
struct rebuild {
    struct rebuild_options opt;
    struct settings room;
    struct recovery r;
    struct model *m;
};

static void nothing_said(void *arg, const char *name, const char *why)
{
    (void)arg;
    (void)name;
    (void)why;
}

static bool go_on(void *arg, uint64_t seq, uint64_t last)
{
    struct rebuild *b = arg;
    (void)seq;
    (void)last;
    return !b->opt.stop || !b->opt.stop(b->opt.stop_arg);
}

enum err rebuild_new(const struct rebuild_options *opt, struct rebuild **out)
{
    struct rebuild *b = calloc(1, sizeof *b);
    if (!b)
        return ERR_NOMEM;
    b->opt = *opt;
    b->room = *opt->room;
    b->r.opt = (struct recover_options){
        .codec = opt->codec, .want = &b->room, .nreaders = opt->nreaders,
        .path = "", .hooks = {b, nothing_said, go_on}};
    b->r.dir = opt->dir;
    b->r.log = opt->log;
    b->r.genesis = *opt->genesis;
    b->r.newest = opt->newest;
    b->r.last = log_last(opt->log);
    enum err err = recover_base(&b->r, &b->m);
    if (err != ERR_OK) {
        rebuild_free(b);
        return err;
    }
    quality_sample(model_quality(b->m), opt->rank_every, true);
    *out = b;
    return ERR_OK;
}

void rebuild_free(struct rebuild *b)
{
    if (!b)
        return;
    model_free(b->m);
    voids_release(&b->r.voids);
    free(b);
}

uint64_t rebuild_seq(const struct rebuild *b)
{
    return b->r.base;
}

enum err rebuild_go_on(struct rebuild *b, uint64_t to)
{
    if (to <= b->r.base)
        return ERR_OK;
    b->r.last = to;
    enum err err = recover_replay(&b->r, b->m);
    if (err == ERR_OK)
        b->r.base = to;
    return err;
}

struct model *rebuild_take(struct rebuild *b)
{
    struct model *m = b->m;
    b->m = NULL;
    model_begin(m);
    model_publish(m);
    return m;
}
