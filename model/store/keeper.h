/* keeper.h -- the thread for what takes longer than a request may hold a loop:
 * snapshots, erasures, retractions, exports, rollbacks, new settings.
 *
 * DESIGN  One thread, one job at a time, in order: so a snapshot never runs
 * while somebody is erased, and nothing else needs to know that.  Jobs wait in a
 * bounded list.  Between jobs the keeper looks once a second whether a snapshot
 * is due, and drops segments that no snapshot needs, if options say so.
 *
 * The order of an erasure, and what a crash after each step leaves:
 *   1  find the person's frames                       nothing has happened
 *   2  on the journal's thread, when all before is kept: find the rest, sync,
 *      write the redo file                            it has happened; the next
 *                                                     start does what is missing
 *   3  append the `erase` event, which names the row by its birth, and sync
 *   4  overwrite the frames with voids, sync
 *   5  wait until the trainer has folded the event: the row is empty
 *   6  remove the snapshots that know the person; where older segments were
 *      dropped, and only a snapshot has what they held, after taking a new one
 *   7  remove the redo file, answer
 *
 * And of a rollback to seq S:
 *   1  remove the snapshots newer than S              the next start takes longer
 *   2  append the `rollback` event, which undoes what the events from S to this
 *      one taught: it has happened; a start does the rest
 *   3  build the model of the log without them (rebuild.h), beside the one that
 *      serves, until it has nearly all that this one has learned
 *   4  on the trainer's thread, between two batches: fold the last events, and
 *      go on with the new model; tell the readers (hooks.model)
 *   5  when no reader is left at the old one, free it; answer
 * Without memory for a second model it stays with 2: the old model is `interim`,
 * no snapshots are taken of it, and the next start does what is left.
 */
#ifndef FRESHET_MODEL_STORE_KEEPER_H
#define FRESHET_MODEL_STORE_KEEPER_H

#include "model/learn/trainer.h"
#include "model/store/datadir.h"
#include "model/store/journal.h"
#include "model/store/redo.h"
#include "model/store/snapshot.h"

enum job_kind { JOB_SNAPSHOT, JOB_ERASE, JOB_RETRACT, JOB_EXPORT, JOB_ROLLBACK,
                JOB_SETTINGS };

/* What is asked, and in the end the answer.  Whoever holds it owns it: the caller
 * until keeper_submit(), then the keeper, then hooks.done. */
struct job {
    struct job *next;
    enum job_kind kind;
    int owner;                 /* -1: nobody waits for it */
    uint64_t tag;
    char user[ID_BYTES_MAX], item[ID_BYTES_MAX];
    uint32_t user_len, item_len;
    uint64_t from_seq;         /* export: events from here on, */
    uint32_t max_events;       /* ... at most this many */
    uint64_t to_seq;           /* rollback: S */
    struct settings settings;  /* settings: those of */
    uint64_t fields;           /* ... these options (settings_field()) */
    /* the answer */
    enum err err;              /* ERR_RANGE: nothing is known of it, or it
                                  cannot be: `why` */
    const char *why;           /* of a rollback or settings that cannot be */
    int error;                 /* errno of ERR_IO, ERR_NOSPACE */
    uint64_t seq;              /* of the event that does it */
    uint64_t events;           /* frames voided, events undone */
    bool live;                 /* rollback: the model that serves is that of the
                                  log; else it will be after the next start */
    bool exact;                /* a fold of the log will be without them */
    struct snapshot_result snapshot;
    double seconds;
    unsigned char *frames;     /* export: {u64 seq, frame}, back to back */
    size_t frames_bytes, frames_cap;
    uint64_t next_seq;         /* ... and where to go on, 0: that was all */
    struct history_copy {          /* export: those of the user */
        struct history_entry *entry;
        uint32_t n, cap;
    } history, positives;
};

struct job *job_new(enum job_kind kind);
void job_free(struct job *job);

struct keeper_options {
    struct datadir dir;        /* fd -1: no data directory */
    struct log *log;           /* NULL: in memory only */
    struct journal *journal;
    struct trainer *trainer;
    struct model *model;
    int slot;                  /* reader slot of the keeper's thread */
    const struct snapshot_codec *codec;
    uint64_t every_events;     /* snapshot.* */
    double every_minutes;
    uint32_t keep;
    uint64_t rate;
    bool drop_segments;        /* journal.keep=snapshots */
    uint64_t dedupe_window;
    int nreaders;              /* slots of a model, */
    uint32_t rank_every;       /* ... and its reports (learn/quality.h) */
    struct settings genesis;   /* what the log begins with, */
    struct settings in_force;  /* ... and at its end: the settings in force, */
    struct settings configured; /* ... and what the configuration says */
};

/* Called on the keeper's thread. */
struct keeper_hooks {
    void *arg;
    void (*done)(void *arg, struct job *job);       /* takes job */
    /* a snapshot that nobody asked for was taken, or not (job->err) */
    void (*automatic)(void *arg, const struct job *job);
    /* the date and time, for people to read in a snapshot */
    void (*date)(void *arg, char text[64]);
    /* segments were dropped */
    void (*dropped)(void *arg, uint32_t segments);
    /* On the trainer's thread: another model serves from now on. */
    void (*model)(void *arg, struct model *m);
    /* Has every reader left the model before? */
    bool (*moved_on)(void *arg);
};

struct keeper;

/* Boot only.  `unfinished`: an erasure whose frames are voids and whose event is
 * in the log, but whose snapshots are still there (taken over), or NULL.
 * base_seq: the snapshot that was loaded. */
struct keeper *keeper_new(const struct keeper_options *opt,
                          const struct keeper_hooks *hooks,
                          struct redo *unfinished, uint64_t base_seq);
enum err keeper_start(struct keeper *k) MUSTCHECK;

/* Any thread.  Takes job on ERR_OK.  ERR_FULL: too many wait; ERR_CLOSED. */
enum err keeper_submit(struct keeper *k, struct job *job) MUSTCHECK;

/* Boot only (teardown), journal and trainer still running: answers what waits,
 * ends the thread. */
void keeper_stop(struct keeper *k);
/* After keeper_stop() and after the journal's and the trainer's threads have
 * ended: takes the last snapshot, unless there was no event since the one
 * before, or the next start would not use it (keeper.c).  The caller frees the
 * job. */
struct job *keeper_last_snapshot(struct keeper *k);
void keeper_free(struct keeper *k);

#endif
