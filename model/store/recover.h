/* recover.h -- from a data directory to the model that was acknowledged.
 *
 *   recover_open     lock, finish an erasure that was cut short, open the log
 *   recover_load     the newest snapshot that is sound and knows nothing that
 *                    was rolled back since, or an empty model; options that
 *                    changed since are appended to the log as an event
 *   recover_replay   the events after it, in order: the same bits as ever
 *
 * Boot only, in this order.  Nothing is printed: what there is to say comes
 * through the hooks.
 */
#ifndef FRESHET_MODEL_STORE_RECOVER_H
#define FRESHET_MODEL_STORE_RECOVER_H

#include "model/model.h"
#include "model/store/datadir.h"
#include "model/store/dedupe.h"
#include "model/store/log.h"
#include "model/store/redo.h"
#include "model/store/snapshot_read.h"

#define RECOVER_ERROR_MAX 640

struct recover_hooks {
    void *arg;
    /* a snapshot could not be used; an older one, or the log, will do */
    void (*snapshot_refused)(void *arg, const char *name, const char *why);
    /* events up to seq of last are in the model; now and then.  False: stop */
    bool (*progress)(void *arg, uint64_t seq, uint64_t last);
};

struct recover_options {
    const char *path;                 /* data.dir */
    struct log_options log;
    uint64_t dedupe_window;
    const struct snapshot_codec *codec;
    const struct settings *want;      /* what the options say now */
    int nreaders;
    struct recover_hooks hooks;
};

struct recovery {
    struct recover_options opt;
    struct datadir dir;
    struct log *log;
    bool named;                       /* event ids are wanted: */
    struct dedupe *dedupe;
    struct log_found found;           /* what log_open() found */
    struct log_place bad;             /* where ERR_CORRUPT was met */
    struct settings genesis;
    struct redo redo;                 /* an erasure to be finished: */
    bool redo_left;                   /* ... its snapshots are still there */
    uint64_t newest;                  /* no snapshot of a later seq */
    struct voids voids;               /* rollbacks behind the snapshot */
    uint64_t base;                    /* seq of the snapshot, 0: none */
    char base_name[SNAPSHOT_NAME_MAX];
    struct snapshot_info info;        /* of it */
    struct settings in_force;         /* at the end of the log, */
    struct settings configured;       /* ... and as they were configured */
    bool settled;                     /* ... after an event that made them so */
    uint64_t last;                    /* newest event of the log */
    char error[RECOVER_ERROR_MAX];    /* what went wrong, and what to do */
};

/* ERR_CLOSED: locked by another.  ERR_CORRUPT: rot.  ERR_RANGE: made with options
 * that cannot change.  ERR_IO, ERR_NOSPACE, ERR_NOMEM.  r->error says more. */
enum err recover_open(struct recovery *r, const struct recover_options *opt)
    MUSTCHECK;
enum err recover_load(struct recovery *r, struct model **out) MUSTCHECK;
/* Then the model is published, unless the guard holds it: see learn/guard.h.
 * ERR_CLOSED: hooks.progress said so. */
enum err recover_replay(struct recovery *r, struct model *m) MUSTCHECK;

/* What recover_load() begins with: the model that a snapshot of r->newest or
 * older, or the empty one, and r->voids make; writes nothing.  Also for
 * rebuild.h, where ids are not `named`. */
enum err recover_base(struct recovery *r, struct model **out) MUSTCHECK;

/* For the files that are recover.h: err, having said what failed in r->error
 * (and errno). */
enum err recover_fail(struct recovery *r, enum err err, const char *what);

/* Boot, for what follows the log's end: appends e as the next event. */
enum err recover_append(struct recovery *r, const struct event *e,
                        uint64_t *seq) MUSTCHECK;

/* For recover_open(): the erasure of r->redo, whose frames are voids by now, gets
 * its event if it has none, and snapshots that know the person go. */
enum err recover_redo(struct recovery *r) MUSTCHECK;

/* Closes what is still there; the log is marked durable. */
void recover_release(struct recovery *r);

#endif
