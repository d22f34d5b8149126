/* snapshot_dir.h -- the files in snapshot/, by the seq in their names.
 *
 * One thread at a time: boot, or the keeper.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_DIR_H
#define FRESHET_MODEL_STORE_SNAPSHOT_DIR_H

#include "model/store/snapshot.h"

#define SNAPSHOT_LIST_MAX 256

/* The seqs of the snapshots that are there, newest first; at most
 * SNAPSHOT_LIST_MAX of them.  Files of another name are passed over. */
enum err snapshot_list(int dirfd, uint64_t seq[SNAPSHOT_LIST_MAX], size_t *n)
    MUSTCHECK;

/* Removes every snapshot of seq `from` or newer but `except` (0: none), and what
 * a write that was cut short left behind. */
enum err snapshot_remove_from(int dirfd, uint64_t from, uint64_t except)
    MUSTCHECK;

/* *there: a model can be built that never knew the events from seq on: from the
 * log's own first event, if `first` (the first that is held) is that, or from a
 * snapshot older than seq that what is held goes on from. */
enum err snapshot_base_before(int dirfd, uint64_t first, uint64_t seq,
                              bool *there) MUSTCHECK;

/* Removes all but the newest `keep`.  *oldest: the seq of the oldest that is
 * left, 0 when there is none. */
enum err snapshot_keep(int dirfd, size_t keep, uint64_t *oldest) MUSTCHECK;

#endif
