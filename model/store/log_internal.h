/* log_internal.h -- what a log is made of, for the files that are log.h:
 * log.c (append), log_switch.c, log_genesis.c, log_open.c, log_read.c and
 * log_fetch.c.
 *
 * DESIGN  Atomics: `last` is stored with release after the group is written
 * (and synced, where it is to be) and loaded with acquire, so that who learns a
 * seq may read its frame from the file.  The others are numbers and flags that
 * order nothing: relaxed, or the default where speed is no matter.
 */
#ifndef FRESHET_MODEL_STORE_LOG_INTERNAL_H
#define FRESHET_MODEL_STORE_LOG_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/store/disk.h"
#include "model/store/log.h"

#define LOG_NEXT      "next.seg"   /* the segment allocated ahead */
#define LOG_RESERVE   "reserve"
#define LOG_INDEX_STEP 65536       /* bytes between two entries of an index */
#define LOG_SECOND_NS  1000000000ll

/* Where some groups of a segment begin. */
struct log_index {
    uint64_t seq;
    off_t offset;
};

struct log_segment {
    uint64_t first_seq;
    uint64_t bytes;            /* of the file */
    struct log_index *index;   /* ascending */
    uint32_t nindex;
};

struct log {
    /* set at boot, then read-only */
    int dirfd, datafd;         /* borrowed */
    struct log_options opt;
    uint64_t id;
    /* shared: atomic; written by the appending thread, relaxed but for last,
     * which is released after the append and acquired by readers */
    _Atomic uint64_t last;
    _Atomic uint64_t durable;
    _Atomic int state;         /* enum log_state */
    atomic_bool reserved;      /* the reserve file is there, or being made */
    _Atomic int64_t reserve_try_ns; /* it is not made before */
    _Atomic uint64_t changes;  /* log_changed() calls */
    /* guarded by lock */
    pthread_mutex_t lock;
    struct log_segment *segment;
    uint32_t nsegments;
    /* appending thread only */
    int fd;                    /* of the last segment */
    off_t end;                 /* its groups end here */
    off_t cap;                 /* ... and may as far as here */
    bool begun;                /* log_begin() went well */
    bool torn;                 /* something else than zeros follows `end` */
    bool next_ready;           /* LOG_NEXT is allocated, opt.segment_bytes */
    int64_t next_try_ns;       /* not before, after it failed */
    int64_t full_ns;           /* of the last append that found no room */
    int64_t synced_ns;         /* everysec: of the last sync */
    struct iovec *iov;
    size_t niov;
    /* log_fetch(): a piece of a segment that was read; whole groups, and a part
     * of the last perhaps */
    unsigned char *window;
    size_t window_bytes;       /* read; 0: nothing is */
    size_t window_cap;         /* allocated */
    uint64_t window_segment;   /* its first_seq */
    off_t window_offset;       /* of the piece in it */
    uint64_t window_changes;   /* when it was read */
    size_t window_at;          /* where in it the last fetch ended, */
    uint64_t window_at_seq;    /* ... before the group of this seq */
};

int64_t log_now_ns(void);

/* Appending thread. */
void log_set_state(struct log *l, enum log_state state);
/* Boot and appending thread.  Everything up to event seq is on the disk then;
 * or the log has failed. */
enum err log_sync(struct log *l, uint64_t seq) MUSTCHECK;

/* Boot and appending thread.  Makes the segment of first_seq the current one,
 * with room for `bytes` at least. */
enum err log_switch(struct log *l, uint64_t first_seq, uint64_t bytes,
                    bool urgent) MUSTCHECK;

/* Boot and offline.  Writes segment 0, in the place of another if there is one:
 * its head, a group with the genesis, and nothing ahead. */
enum err log_write_genesis(struct log *l, const struct event *genesis)
    MUSTCHECK;

/* Takes lock.  Notes that a group of seq lies there, if it is far enough from
 * the one before. */
void log_index_add(struct log *l, uint64_t first_seq, uint64_t seq,
                   off_t offset);
/* Takes lock.  The segment that holds seq and the nearest place before it;
 * false: none does. */
bool log_index_find(struct log *l, uint64_t seq, uint64_t *first_seq,
                    uint64_t *at_seq, off_t *offset, uint64_t *next_segment);

#endif
