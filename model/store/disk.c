/* disk.c -- see disk.h.
 *
 * DESIGN  Two counters, relaxed: they order nothing.
 */
#include "model/store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static _Atomic uint64_t syncs, written;

static enum err failed(void)
{
    return errno == ENOSPC || errno == EDQUOT ? ERR_NOSPACE : ERR_IO;
}

/* Drops n written bytes from the front of the pieces. */
static void advance(struct iovec **iov, size_t *count, size_t n)
{
    while (*count && n >= (*iov)->iov_len) {
        n -= (*iov)->iov_len;
        (*iov)++;
        (*count)--;
    }
    if (*count) {
        (*iov)->iov_base = (char *)(*iov)->iov_base + n;
        (*iov)->iov_len -= n;
    }
}

enum err disk_write_pieces(int fd, struct iovec *iov, size_t n, off_t offset)
{
    advance(&iov, &n, 0); // pieces of no bytes
    while (n) {
        ssize_t got = -1;
        if (DISK_POINT("disk.write"))
            got = pwritev(fd, iov, n < IOV_MAX ? (int)n : IOV_MAX, offset);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got == 0) // says nothing in errno
            errno = EIO;
        if (got <= 0)
            return failed();
        atomic_fetch_add_explicit(&written, (uint64_t)got,
                                  memory_order_relaxed);
        offset += got;
        advance(&iov, &n, (size_t)got);
    }
    return ERR_OK;
}

enum err disk_write(int fd, const void *bytes, size_t n, off_t offset)
{
    struct iovec one = {(void *)(uintptr_t)bytes, n};
    return disk_write_pieces(fd, &one, 1, offset);
}

enum err disk_read_some(int fd, void *bytes, size_t n, off_t offset,
                        size_t *got)
{
    char *to = bytes;
    *got = 0;
    while (*got < n) {
        ssize_t now = pread(fd, to + *got, n - *got, offset + (off_t)*got);
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0)
            return ERR_IO;
        if (now == 0)
            break;
        *got += (size_t)now;
    }
    return ERR_OK;
}

enum err disk_read(int fd, void *bytes, size_t n, off_t offset)
{
    size_t got;
    enum err err = disk_read_some(fd, bytes, n, offset, &got);
    return err == ERR_OK && got < n ? ERR_RANGE : err;
}

enum err disk_sync(int fd)
{
    atomic_fetch_add_explicit(&syncs, 1, memory_order_relaxed);
    if (DISK_MUTANT("no_fsync"))
        return ERR_OK;
    if (!DISK_POINT("disk.sync") || fdatasync(fd) != 0)
        return failed();
    return ERR_OK;
}

enum err disk_sync_dir(int dirfd)
{
    atomic_fetch_add_explicit(&syncs, 1, memory_order_relaxed);
    if (DISK_MUTANT("no_dir_fsync") || DISK_MUTANT("no_fsync"))
        return ERR_OK;
    if (!DISK_POINT("disk.sync_dir") || fsync(dirfd) != 0)
        return failed();
    return ERR_OK;
}

enum err disk_rename(int dirfd, const char *from, const char *to)
{
    if (!DISK_POINT("disk.rename") || renameat(dirfd, from, dirfd, to) != 0)
        return failed();
    return ERR_OK;
}

enum err disk_unlink(int dirfd, const char *name)
{
    if (!DISK_POINT("disk.unlink"))
        return failed();
    if (unlinkat(dirfd, name, 0) != 0 && errno != ENOENT)
        return failed();
    return ERR_OK;
}

enum err disk_truncate(int fd, off_t size)
{
    if (!DISK_POINT("disk.truncate") || ftruncate(fd, size) != 0)
        return failed();
    return ERR_OK;
}

enum err disk_allocate(int fd, off_t offset, off_t n)
{
    int rc;
    do {
        rc = DISK_POINT("disk.allocate") ? fallocate(fd, 0, offset, n) : -1;
    } while (rc != 0 && errno == EINTR);
    if (rc != 0 && errno == EOPNOTSUPP) { // a file system without it
        rc = posix_fallocate(fd, offset, n); // returns what errno would be
        errno = rc;
    }
    return rc == 0 ? ERR_OK : failed();
}

void disk_stats(struct disk_stats *out)
{
    out->syncs = atomic_load_explicit(&syncs, memory_order_relaxed);
    out->written = atomic_load_explicit(&written, memory_order_relaxed);
}
