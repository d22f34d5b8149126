/* disk.h -- the system calls that change the data directory, all of them.
 *
 * One seam, for three reasons: short writes and EINTR are dealt with once; what
 * the durability of the daemon rests on can be counted (disk_stats); and the
 * `faults` build (-DFRESHET_FAULTS) can break each of them on purpose:
 *
 *   FRESHET_FAILPOINT=name[:nth[:action]],...   at the nth pass (default 1) of
 *       the point: exit (default; the process ends as by kill -9), eio, enospc
 *       (the call behind the point fails so), hang (sleeps for an hour),
 *       sleep (50 ms, at this and every later pass)
 *   FRESHET_MUTANT=name,...   a bug put back in, to see that tests catch it:
 *       no_fsync, reply_first, no_dir_fsync, no_crc, no_dedupe
 *
 * Points are marked by DISK_POINT("name") where the code stands; the points of
 * the calls themselves are disk.write, disk.sync, disk.sync_dir, disk.rename,
 * disk.unlink, disk.truncate, disk.allocate; disk.write also knows eintr, at
 * each nth pass.
 * In other builds all of this is nothing.
 *
 * Any thread.  Errors come back as ERR_OK or ERR_IO, ERR_NOSPACE, with errno
 * set.
 */
#ifndef FRESHET_MODEL_STORE_DISK_H
#define FRESHET_MODEL_STORE_DISK_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "model/types.h"

/* Writes all of it at offset. */
enum err disk_write(int fd, const void *bytes, size_t n, off_t offset)
    MUSTCHECK;
/* Writes all pieces one behind the other; changes iov. */
enum err disk_write_pieces(int fd, struct iovec *iov, size_t n, off_t offset)
    MUSTCHECK;
/* Reads exactly n bytes, or ERR_RANGE when the file ends before, ERR_IO. */
enum err disk_read(int fd, void *bytes, size_t n, off_t offset) MUSTCHECK;
/* Reads n bytes, or as many as there are. */
enum err disk_read_some(int fd, void *bytes, size_t n, off_t offset,
                        size_t *got) MUSTCHECK;

/* fdatasync().  Never to be called again on an fd after it failed: the kernel
 * may have dropped the pages and marked them clean. */
enum err disk_sync(int fd) MUSTCHECK;
enum err disk_sync_dir(int dirfd) MUSTCHECK;

enum err disk_rename(int dirfd, const char *from, const char *to) MUSTCHECK;
/* A file that is not there is no error. */
enum err disk_unlink(int dirfd, const char *name) MUSTCHECK;

enum err disk_truncate(int fd, off_t size) MUSTCHECK;

/* Makes sure that bytes [offset, offset + n) of the file have blocks, growing
 * it; unwritten parts read as zeros. */
enum err disk_allocate(int fd, off_t offset, off_t n) MUSTCHECK;

struct disk_stats {
    uint64_t syncs;        /* fdatasync and fsync calls */
    uint64_t written;      /* bytes */
};
void disk_stats(struct disk_stats *out);

#ifdef FRESHET_FAULTS
/* False: the call behind the point must fail, errno is set. */
bool disk_point(const char *name);
bool disk_mutant(const char *name);
#define DISK_POINT(name) disk_point(name)
#define DISK_MUTANT(name) disk_mutant(name)
#else
#define DISK_POINT(name) true
#define DISK_MUTANT(name) false
#endif

#endif
