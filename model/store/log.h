/* log.h -- the event log: append, read, last, trim.
 *
 * DESIGN  Segment files (segment.h) in one directory.  The first holds nothing
 * but the genesis, event 0; ratings begin with seq 1 in the second.  One
 * thread appends (the journal's); any thread may read what is durable, with
 * descriptors of its own.  Shared is the list of segments, under a mutex that
 * nobody holds over a system call that may wait for the disk.
 *
 * The next segment is allocated one ahead, so that a full disk is met before a
 * commit and not in the middle of one.  A switch goes: sync the old segment,
 * write the head of the next, sync it, rename it to its place, sync the
 * directory; so whatever a later segment follows is durable.  Whatever fails
 * half-way leaves the file as if it had not begun: a group counts when its sync
 * has returned, and the next one is written over what is left of it.
 *
 * A shared log (Kafka) can stand behind the same four calls.
 */
#ifndef FRESHET_MODEL_STORE_LOG_H
#define FRESHET_MODEL_STORE_LOG_H

#include <sys/types.h>

#include "model/store/batch.h"
#include "model/store/segment.h"

struct log;

enum log_fsync { LOG_FSYNC_ALWAYS, LOG_FSYNC_EVERYSEC, LOG_FSYNC_NO };

struct log_options {
    enum log_fsync fsync;      /* journal.fsync */
    uint64_t segment_bytes;    /* journal.segment_bytes */
    uint64_t reserve_bytes;    /* journal.reserve_bytes */
    bool offline;              /* read only: nothing is healed or made ahead */
};

/* A place in the log where something is wrong, and what. */
struct log_place {
    char segment[SEGMENT_NAME_BYTES];
    off_t offset;
    uint64_t seq;              /* the event that should be there */
    uint64_t bytes;            /* torn tail: how many were dropped */
    char what[160];            /* one sentence */
};

struct log_found {
    bool created;              /* there was no log */
    bool torn;                 /* a torn tail, to be cut off: at */
    struct log_place at;       /* also where the rot is on ERR_CORRUPT */
};

/* ---- boot only ---------------------------------------------------------- */

/* Opens the log in dirfd (borrowed; `datafd`: its parent, for the reserve), to
 * read.  `genesis`: event 0, written when there is no log; nothing else is.
 * ERR_CORRUPT: found->at says where; ERR_NOSPACE, ERR_IO: errno; ERR_NOMEM. */
enum err log_open(int dirfd, int datafd, const struct log_options *opt,
                  const struct event *genesis, struct log **out,
                  struct log_found *found) MUSTCHECK;
/* Makes it ready for log_append(): cuts a torn tail off, syncs what a killed
 * process had written, allocates ahead. */
enum err log_begin(struct log *l) MUSTCHECK;
/* Syncs, marks what is there as durable (group.h), closes.  Before log_begin():
 * just closes. */
void log_close(struct log *l);

/* ---- the appending thread ----------------------------------------------- */

/* Appends the batches (linked by next; their first_seqs follow on log_last())
 * as one group, and syncs as options.fsync says.  urgent: the reserve may be
 * given up for it.  ERR_NOSPACE: nothing is kept, try again later.  ERR_IO: the
 * log has failed for good, every later append answers ERR_IO too. */
enum err log_append(struct log *l, struct batch *group, bool urgent) MUSTCHECK;

/* Between appends, when there is time: sees to the segment ahead and to the
 * sync that everysec owes.  Returns in how many ms it wants to be called again
 * at the latest, -1: no need. */
int log_tend(struct log *l);

/* ---- any thread --------------------------------------------------------- */

/* The seq of the newest event that is appended (and, with `always`, synced). */
uint64_t log_last(const struct log *l);
/* The first that is still held, genesis apart. */
uint64_t log_first(struct log *l);

/* Receives sound groups in order, perhaps one that begins before `from`.
 * False stops. */
typedef bool (*log_visit)(void *arg, const struct group *g,
                          const unsigned char *bytes,
                          const struct log_place *at);

/* Reads the groups that hold events from .. to.  ERR_CORRUPT: *bad says where;
 * ERR_RANGE: `from` is not held any more. */
enum err log_read(struct log *l, uint64_t from, uint64_t to, log_visit visit,
                  void *arg, struct log_place *bad) MUSTCHECK;

/* An event and where its frame lies; all borrowed until the visit ends. */
struct log_event {
    struct event event;
    uint64_t seq;
    uint64_t segment;          /* its first seq */
    uint64_t offset;           /* of the frame, in the segment's file */
    const unsigned char *frame;
    size_t bytes;
};
/* False stops. */
typedef bool (*log_event_visit)(void *arg, const struct log_event *e);

/* The same, event by event, and only those from .. to. */
enum err log_each(struct log *l, uint64_t from, uint64_t to,
                  log_event_visit visit, void *arg, struct log_place *bad)
    MUSTCHECK;

/* Drops the segments all of whose events are older than seq; the genesis stays.
 * *dropped: how many. */
enum err log_trim(struct log *l, uint64_t seq, uint32_t *dropped) MUSTCHECK;

/* Appending thread or boot.  Copies the frame of event seq to frame
 * (EVENT_BYTES_MAX bytes of room).  Cheap when asked in order.  ERR_RANGE: not
 * held any more, or not yet; ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
enum err log_fetch(struct log *l, uint64_t seq, unsigned char *frame)
    MUSTCHECK;
/* Frames were changed in place: what log_fetch() remembers is old. */
void log_changed(struct log *l);

/* Any thread.  Everything appended so far is on the disk when this returns,
 * whatever options.fsync says.  ERR_IO. */
enum err log_sync_all(struct log *l) MUSTCHECK;

/* Any thread.  Frees the emergency reserve; log_tend() makes it again when
 * there is room. */
void log_release_reserve(struct log *l);

enum log_state { LOG_OK, LOG_FULL, LOG_FAILED };
struct log_stats {
    enum log_state state;
    uint32_t segments;
    uint64_t bytes;            /* of files, allocated ahead included */
    uint64_t durable_seq;
};
void log_stats(struct log *l, struct log_stats *out);
uint64_t log_id(const struct log *l);
int log_dir(const struct log *l);

#endif
