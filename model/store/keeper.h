/* keeper.h -- the thread for what takes longer than a request may hold a loop:
 * snapshots, erasures, retractions, exports.
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
 */
#ifndef FRESHET_MODEL_STORE_KEEPER_H
#define FRESHET_MODEL_STORE_KEEPER_H

#include "model/learn/trainer.h"
#include "model/store/datadir.h"
#include "model/store/journal.h"
#include "model/store/redo.h"
#include "model/store/snapshot.h"

enum job_kind { JOB_SNAPSHOT, JOB_ERASE, JOB_RETRACT, JOB_EXPORT };

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
    /* the answer */
    enum err err;              /* ERR_RANGE: nothing is known of it */
    int error;                 /* errno of ERR_IO, ERR_NOSPACE */
    uint64_t seq;              /* of the erase event */
    uint64_t events;           /* frames voided */
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
