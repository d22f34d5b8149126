/* datadir.c -- see datadir.h. */
#include "model/store/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/store/disk.h"

static enum err say(char *error, const char *path, const char *what)
{
    snprintf(error, DATADIR_ERROR_MAX, "%s: %s: %s", path, what,
             strerror(errno));
    return ERR_IO;
}

/* A directory below fd, made if need be. */
static int open_dir(int at, const char *name, bool make)
{
    if (make && mkdirat(at, name, 0750) != 0 && errno != EEXIST)
        return -1;
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A new directory is not safe before the one that it is in is.  It is new as
 * long as there is no log/ in it; who may not read the other has not made it. */
static enum err sync_parent(int fd)
{
    if (faccessat(fd, "log", F_OK, 0) == 0)
        return ERR_OK;
    int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0)
        return errno == EACCES ? ERR_OK : ERR_IO;
    enum err err = disk_sync_dir(parent);
    int saved = errno;
    close(parent);
    errno = saved;
    return err;
}

/* -1: it cannot be opened.  Who only looks can do so where nothing can be
 * written. */
static int open_lock(int dirfd, bool offline)
{
    int fd = openat(dirfd, "LOCK", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0 && offline && (errno == EROFS || errno == EACCES))
        fd = openat(dirfd, "LOCK", O_RDONLY | O_CLOEXEC);
    return fd;
}

/* The text is for people, so nothing depends on it; it is written over the one
 * before it, which takes no room on a full disk. */
static void write_pid(int fd)
{
    char pid[32];
    int n = snprintf(pid, sizeof pid, "%-20ld\n", (long)getpid());
    if (disk_write(fd, pid, (size_t)n, 0) != ERR_OK)
        return;
}

/* The lock is the file's, not its text: it ends with the process, however that
 * ends. */
static enum err take_lock(struct datadir *d, const char *path, bool offline,
                          char *error)
{
    char pid[32] = "";
    errno = 0;
    d->lock = open_lock(d->fd, offline);
    if (d->lock < 0 && offline && errno == ENOENT)
        return ERR_OK; // a copy that nobody can write to
    if (d->lock < 0)
        return say(error, path, "cannot be written");
    if (flock(d->lock, LOCK_EX | LOCK_NB) == 0) {
        write_pid(d->lock);
        return ERR_OK;
    }
    if (errno != EWOULDBLOCK)
        return say(error, path, "cannot be locked");
    ssize_t n = pread(d->lock, pid, sizeof pid - 1, 0);
    pid[n > 0 ? n : 0] = '\0';
    snprintf(error, DATADIR_ERROR_MAX, "%s: locked by pid %ld: only one "
             "freshet at a time can use a data directory; stop that one, or "
             "choose another data.dir", path, strtol(pid, NULL, 10));
    return ERR_CLOSED;
}

enum err datadir_open(const char *path, bool offline, struct datadir *out,
                      char error[DATADIR_ERROR_MAX])
{
    *out = (struct datadir){-1, -1, -1, -1};
    error[0] = '\0';
    int made = offline || mkdir(path, 0750) == 0 ? 0 : errno;
    out->fd = open_dir(AT_FDCWD, path, false);
    if (out->fd < 0 && errno == ENOENT && made) {
        errno = made;
        return say(error, path, "cannot be made");
    }
    if (out->fd < 0)
        return say(error, path, "cannot be read");
    if (!offline && sync_parent(out->fd) != ERR_OK) {
        say(error, path, "its parent cannot be synced");
        datadir_close(out);
        return ERR_IO;
    }
    enum err err = take_lock(out, path, offline, error);
    if (err != ERR_OK)
        goto fail;
    out->log = open_dir(out->fd, "log", !offline);
    out->snapshot = open_dir(out->fd, "snapshot", !offline);
    err = ERR_IO;
    if (out->log < 0 || (out->snapshot < 0 && !offline))
        say(error, path, "log/ or snapshot/ in it cannot be made or read");
    else if (!offline && (faccessat(out->log, ".", W_OK, 0) != 0 ||
                          faccessat(out->snapshot, ".", W_OK, 0) != 0))
        say(error, path, "log/ or snapshot/ in it cannot be written");
    else if (!offline && disk_sync_dir(out->fd) != ERR_OK)
        say(error, path, "cannot be synced");
    else
        return ERR_OK;
fail:
    datadir_close(out);
    return err;
}

void datadir_close(struct datadir *d)
{
    int fds[] = {d->log, d->snapshot, d->fd, d->lock};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    *d = (struct datadir){-1, -1, -1, -1};
}
