/* rebuild.h -- the model as the log has it, made beside the one that serves.
 *
 * For a rollback: the newest snapshot that does not know what is undone, or an
 * empty model, and everything after it folded again, while the old model goes
 * on learning and serving.  It takes the memory of a second model until the old
 * one is freed.  One thread at a time: the keeper, and for the last events the
 * trainer, when both models stand still (keeper_rollback.c).
 */
#ifndef FRESHET_MODEL_STORE_REBUILD_H
#define FRESHET_MODEL_STORE_REBUILD_H

#include "model/model.h"
#include "model/store/datadir.h"
#include "model/store/log.h"
#include "model/store/snapshot.h"

struct rebuild;

struct rebuild_options {
    struct datadir dir;
    struct log *log;
    const struct snapshot_codec *codec;
    const struct settings *genesis; /* what the log begins with */
    const struct settings *room;    /* rows to reserve */
    int nreaders;
    uint32_t rank_every;            /* evaluation.rank_every */
    uint64_t newest;                /* no snapshot of a later seq */
    bool (*stop)(void *arg);        /* asked now and then: true to give up */
    void *stop_arg;
};

/* Loads what it begins with, and looks at all that the log holds after it: no
 * rollback may come later.  ERR_NOMEM, ERR_IO, ERR_CORRUPT: there is none. */
enum err rebuild_new(const struct rebuild_options *opt, struct rebuild **out)
    MUSTCHECK;
void rebuild_free(struct rebuild *b);

/* The newest event that it holds. */
uint64_t rebuild_seq(const struct rebuild *b);

/* Folds the events up to seq `to`, which the log holds.  ERR_CLOSED: told to
 * stop. */
enum err rebuild_go_on(struct rebuild *b, uint64_t to) MUSTCHECK;

/* The model, published even if the guard would hold it; the caller's. */
struct model *rebuild_take(struct rebuild *b);

#endif
