/* redo.h -- frames of the log turned into voids, all of them or none.
 *
 * DESIGN  Overwriting in place can be cut short by a crash, and a frame half
 * overwritten looks like rot.  So what is to be done is written down first, in
 * a file of its own that is synced and then renamed to `redo`: from that moment
 * the erasure has happened, and whoever starts next finishes it.  The file
 * names places and seqs; there is no id in it.
 *
 *   "FRESREDO", u32 version, u32 CRC32C of the whole with this field 0,
 *   u64 birth, u64 n, u32 bytes of the event that goes into the log, u32 zero,
 *   that event's frame (padded to 8),
 *   n x {u64 segment, u64 offset, u64 seq, u64 bytes}
 *
 * One thread at a time: the keeper, or boot.
 */
#ifndef FRESHET_MODEL_STORE_REDO_H
#define FRESHET_MODEL_STORE_REDO_H

#include <stdbool.h>

#include "model/store/event.h"
#include "model/store/log.h"

struct redo_place {
    uint64_t segment;      /* its first seq */
    uint64_t offset;
    uint64_t seq;
    uint64_t bytes;
};

struct redo {
    uint64_t birth;        /* the seq that names the user */
    uint64_t n;
    struct redo_place *place;
    uint64_t cap;
    unsigned char frame[EVENT_HEAD_BYTES + ID_BYTES_MAX + 24];
    uint32_t frame_bytes;  /* 0: nothing goes into the log */
};

/* Adds a place.  False: no memory. */
bool redo_add(struct redo *r, const struct redo_place *p);
void redo_release(struct redo *r);

/* The oldest seq whose snapshot may know what is erased, in a log that holds
 * events from `first` on: what was dropped before that may have been theirs. */
uint64_t redo_known_from(const struct redo *r, uint64_t first);

/* From here on it has happened.  ERR_NOSPACE, ERR_IO: it has not. */
enum err redo_write(int datafd, const struct redo *r) MUSTCHECK;

/* *there: an erasure is to be finished, and *r is it.  ERR_CORRUPT: the file
 * cannot be read; *r is empty then. */
enum err redo_read(int datafd, struct redo *r, bool *there) MUSTCHECK;

/* The same, for who only looks: changes nothing; without a file *r is empty. */
enum err redo_look(int datafd, struct redo *r) MUSTCHECK;

/* Writes the voids and syncs their segments.  A segment that is not there any
 * more is passed over.  ERR_CORRUPT: one ends before a place in it. */
enum err redo_apply(int logfd, const struct redo *r) MUSTCHECK;

/* All is done. */
enum err redo_remove(int datafd) MUSTCHECK;

#endif
