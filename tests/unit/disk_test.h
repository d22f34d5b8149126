/* disk_test.h -- the system calls behind disk.h, to be broken by a test.
 *
 * The program's own definitions stand before those of the C library.  Each call
 * that changes a file is counted; from the one that `disk_hook.from` says on,
 * `disk_hook.times` of them fail with `disk_hook.error`.
 */
#ifndef FRESHET_TESTS_UNIT_DISK_TEST_H
#define FRESHET_TESTS_UNIT_DISK_TEST_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    unsigned calls;            /* so far */
    unsigned from, times;      /* those that fail; times 0: none */
    int error;
    size_t part;               /* a write that fails has written this much, and
                                  the next one tells */
    size_t at_most;            /* bytes of one write; 0: any */
    unsigned writes, syncs;    /* of calls, also of those that failed */
    bool no_fallocate;         /* a file system that has none */
    int list_error;            /* readdir() fails so */
} disk_hook;

static inline void disk_hook_reset(void)
{
    memset(&disk_hook, 0, sizeof disk_hook);
}

/* The n-th call from now on, and `times - 1` after it, fail. */
static inline void disk_hook_arm(unsigned n, unsigned times, int error)
{
    disk_hook.from = disk_hook.calls + n;
    disk_hook.times = times;
    disk_hook.error = error;
}

static inline bool disk_hook_fails(void)
{
    unsigned call = ++disk_hook.calls;
    if (call < disk_hook.from || call - disk_hook.from >= disk_hook.times)
        return false;
    errno = disk_hook.error;
    return true;
}

static inline ssize_t write_some(int fd, const struct iovec *iov, int n,
                                 off_t offset, size_t most)
{
    struct iovec some[8];
    int k = 0;
    for (; k < n && k < 8 && most; k++) {
        some[k] = iov[k];
        if (some[k].iov_len > most)
            some[k].iov_len = most;
        most -= some[k].iov_len;
    }
    return syscall(SYS_pwritev, fd, some, k, offset, 0);
}

ssize_t pwritev(int fd, const struct iovec *iov, int n, off_t offset)
{
    disk_hook.writes++;
    if (n > IOV_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (disk_hook_fails()) {
        if (!disk_hook.part)
            return -1;
        size_t part = disk_hook.part;
        disk_hook.part = 0;
        disk_hook.from++;
        return write_some(fd, iov, n, offset, part);
    }
    if (disk_hook.at_most)
        return write_some(fd, iov, n, offset, disk_hook.at_most);
    return syscall(SYS_pwritev, fd, iov, n, offset, 0);
}

int fdatasync(int fd)
{
    disk_hook.syncs++;
    return disk_hook_fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    disk_hook.syncs++;
    return disk_hook_fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t size)
{
    return disk_hook_fails() ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int renameat(int from, const char *old, int to, const char *new)
{
    return disk_hook_fails() ? -1
                             : (int)syscall(SYS_renameat2, from, old, to, new,
                                            0);
}

int unlinkat(int dirfd, const char *name, int flags)
{
    return disk_hook_fails() ? -1
                             : (int)syscall(SYS_unlinkat, dirfd, name, flags);
}

int fallocate(int fd, int mode, off_t offset, off_t n)
{
    if (disk_hook_fails())
        return -1;
    if (disk_hook.no_fallocate) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, n);
}

/* Tells by its result, and leaves errno alone. */
int posix_fallocate(int fd, off_t offset, off_t n)
{
    if (disk_hook_fails())
        return disk_hook.error;
    return syscall(SYS_fallocate, fd, 0, offset, n) == 0 ? 0 : errno;
}

struct dirent *readdir(DIR *dir)
{
    static struct dirent entry;
    static char buf[32768];
    static long n, at;
    if (disk_hook.list_error) {
        errno = disk_hook.list_error;
        return NULL;
    }
    if (at >= n) {
        n = syscall(SYS_getdents64, dirfd(dir), buf, sizeof buf);
        at = 0;
        if (n <= 0) {
            n = 0;
            return NULL;
        }
    }
    unsigned short size;
    memcpy(&size, buf + at + 16, sizeof size);
    snprintf(entry.d_name, sizeof entry.d_name, "%s", buf + at + 19);
    at += size;
    return &entry;
}

#endif
