/* snapshot_file.h -- a snapshot's file while it is written: tensors side by
 * side, the header last, the disk kept free for the journal.  The snapshot's
 * thread.
 *
 * DESIGN  What is written is sent to the disk a window (4 MiB) at a time, and
 * no window is begun before the one before it is on disk.  So few dirty pages
 * wait in the kernel, and the journal's fdatasync, which on most file systems
 * waits for them, is held up by a window at most.  Pages on disk are dropped
 * from the page cache, which belongs to others.
 *
 * Each tensor is written from its front to its end, so its CRC is known at the
 * end; those of all tensors are joined in the order of the file.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_FILE_H
#define FRESHET_MODEL_STORE_SNAPSHOT_FILE_H

#include "model/store/snapshot_plan.h"

struct snapshot_file {
    const struct snapshot_job *job;
    struct plan plan;
    int fd;                     /* -1: not open */
    char temp[SNAPSHOT_NAME_MAX];
    uint64_t written[SNAPSHOT_TENSORS_MAX];   /* bytes of each tensor */
    uint32_t crc[SNAPSHOT_TENSORS_MAX];
    uint64_t total;             /* bytes written */
    uint64_t window;            /* ... since the last was begun */
    int64_t from_ns;            /* for the rate */
};

/* file->job and file->plan are set.  Makes the file under its temporary name.
 * errno is set with ERR_IO and ERR_NOSPACE, here and below. */
enum err snapshot_file_open(struct snapshot_file *file, uint64_t seq) MUSTCHECK;

/* The next n bytes of the tensor.  ERR_CLOSED: the job was stopped. */
enum err snapshot_file_put(struct snapshot_file *file, size_t tensor,
                           const void *bytes, size_t n) MUSTCHECK;

/* Writes the header, syncs, and gives the file its name.  *bytes: its size. */
enum err snapshot_file_finish(struct snapshot_file *file,
                              const struct model_cut *cut, uint64_t model_hash,
                              const char *name, uint64_t *bytes) MUSTCHECK;

/* Closes what is open; removes what snapshot_file_finish() has not finished. */
void snapshot_file_release(struct snapshot_file *file);

#endif
