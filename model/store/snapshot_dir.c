/* snapshot_dir.c -- see snapshot_dir.h. */
#include "model/store/snapshot_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/store/disk.h"

static DIR *open_list(int dirfd)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

static int newest_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

enum err snapshot_list(int dirfd, uint64_t seq[SNAPSHOT_LIST_MAX], size_t *n)
{
    DIR *dir = open_list(dirfd);
    *n = 0;
    if (!dir)
        return ERR_IO;
    for (struct dirent *d; *n < SNAPSHOT_LIST_MAX && (d = readdir(dir));)
        if (snapshot_seq_of(d->d_name, &seq[*n]))
            ++*n;
    closedir(dir);
    qsort(seq, *n, sizeof *seq, newest_first);
    return ERR_OK;
}

enum err snapshot_base_before(int dirfd, uint64_t first, uint64_t seq,
                              bool *there)
{
    uint64_t list[SNAPSHOT_LIST_MAX];
    size_t n;
    enum err err = snapshot_list(dirfd, list, &n);
    *there = first == 1;
    for (size_t i = 0; err == ERR_OK && i < n; i++)
        if (list[i] < seq && list[i] + 1 >= first)
            *there = true;
    return err;
}

enum err snapshot_remove_from(int dirfd, uint64_t from, uint64_t except)
{
    DIR *dir = open_list(dirfd);
    enum err err = dir ? ERR_OK : ERR_IO;
    for (struct dirent *d; err == ERR_OK && (d = readdir(dir));) {
        uint64_t seq;
        if (snapshot_is_leftover(d->d_name) ||
            (snapshot_seq_of(d->d_name, &seq) && seq >= from && seq != except))
            err = disk_unlink(dirfd, d->d_name);
    }
    if (dir)
        closedir(dir);
    return err == ERR_OK ? disk_sync_dir(dirfd) : err;
}

enum err snapshot_keep(int dirfd, size_t keep, uint64_t *oldest)
{
    uint64_t seq[SNAPSHOT_LIST_MAX];
    char name[SNAPSHOT_NAME_MAX];
    size_t n;
    enum err err = snapshot_list(dirfd, seq, &n);
    for (size_t i = keep; i < n && err == ERR_OK; i++) {
        snapshot_name(seq[i], name);
        err = disk_unlink(dirfd, name);
    }
    if (err == ERR_OK && n > keep)
        err = disk_sync_dir(dirfd);
    if (n > keep)
        n = keep;
    *oldest = n ? seq[n - 1] : 0;
    return err;
}
