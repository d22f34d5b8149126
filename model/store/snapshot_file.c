/* snapshot_file.c -- see snapshot_file.h. */
#include "model/store/snapshot_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/disk.h"
#include "model/store/snapshot_notes.h"

/* The header's room in the file: 8 bytes of length, and JSON with blanks behind
 * it.  The data behind it begins with a page. */
#define HEAD_BYTES   16384u
#define WINDOW_BYTES (4u << 20)
#define NAP_NS       20000000   /* between two looks at job->stop */

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

enum err snapshot_file_open(struct snapshot_file *file, uint64_t seq)
{
    char name[SNAPSHOT_NAME_MAX];
    snapshot_name(seq, name);
    snprintf(file->temp, sizeof file->temp, "%.33s.tmp", name);
    if (!DISK_POINT("snapshot.begin"))
        return errno == ENOSPC ? ERR_NOSPACE : ERR_IO;
    enum err err = disk_unlink(file->job->dirfd, file->temp);
    if (err != ERR_OK)
        return err;
    file->fd = openat(file->job->dirfd, file->temp,
                      O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (file->fd < 0)
        return errno == ENOSPC || errno == EDQUOT ? ERR_NOSPACE : ERR_IO;
    file->from_ns = now_ns();
    return ERR_OK;
}

/* ---- the data ---------------------------------------------------------- */

static bool stopped(const struct snapshot_file *file)
{
    return file->job->stop && file->job->stop(file->job->stop_arg);
}

/* Sends the window to the disk, when the one before it is there. */
static enum err next_window(struct snapshot_file *file)
{
    file->window = 0;
    if (sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE |
                                            SYNC_FILE_RANGE_WRITE) != 0 &&
        errno != ENOSYS && errno != EINVAL && errno != ESPIPE)
        return errno == ENOSPC || errno == EDQUOT ? ERR_NOSPACE : ERR_IO;
    // Advice: what is still on its way stays.
    posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    return ERR_OK;
}

/* Waits until the bytes written are due at the job's rate. */
static enum err keep_rate(const struct snapshot_file *file)
{
    uint64_t rate = file->job->bytes_per_second;
    for (;;) {
        if (stopped(file))
            return ERR_CLOSED;
        int64_t due = rate ? (int64_t)((double)file->total / (double)rate * 1e9)
                           : 0;
        int64_t left = file->from_ns + due - now_ns();
        if (!rate || left <= 0)
            return ERR_OK;
        struct timespec nap = {0, left < NAP_NS ? left : NAP_NS};
        nanosleep(&nap, NULL);
    }
}

enum err snapshot_file_put(struct snapshot_file *file, size_t tensor,
                           const void *bytes, size_t n)
{
    off_t at = (off_t)(HEAD_BYTES + file->plan.tensor[tensor].begin +
                       file->written[tensor]);
    enum err err = disk_write(file->fd, bytes, n, at);
    if (err != ERR_OK)
        return err;
    file->crc[tensor] = crc32c(file->crc[tensor], bytes, n);
    file->written[tensor] += n;
    file->total += n;
    file->window += n;
    if (file->window >= WINDOW_BYTES)
        err = next_window(file);
    return err == ERR_OK ? keep_rate(file) : err;
}

/* ---- the header -------------------------------------------------------- */

/* The header with the notes as they are: HEAD_BYTES of it. */
static bool write_head(const struct snapshot_file *file,
                       const struct notes *notes, unsigned char *head)
{
    char *json = (char *)head + 8;
    size_t room = HEAD_BYTES - 8;
    size_t n = file->job->codec->write(json, room, notes->note, notes->n,
                                       file->plan.tensor, file->plan.n);
    if (n == 0 || n > room)
        return false;
    memset(json + n, ' ', room - n);
    put_u64(head, room);
    return true;
}

/* The CRC of the whole file, whose header is `head`. */
static uint32_t crc_of(const struct snapshot_file *file,
                       const unsigned char *head)
{
    uint32_t crc = crc32c(0, head, HEAD_BYTES);
    for (size_t i = 0; i < file->plan.n; i++)
        crc = crc32c_join(crc, file->crc[i], file->written[i]);
    return crc;
}

static enum err put_head(struct snapshot_file *file,
                         const struct model_cut *cut, uint64_t model_hash)
{
    struct notes *notes = malloc(sizeof *notes);
    unsigned char *head = malloc(HEAD_BYTES);
    enum err err = ERR_NOMEM;
    if (!notes || !head)
        goto out;
    err = ERR_RANGE;
    notes_of_cut(notes, cut, model_hash, file->job);
    if (!write_head(file, notes, head))
        goto out;
    notes_set_crc(notes, crc_of(file, head));
    if (write_head(file, notes, head))
        err = disk_write(file->fd, head, HEAD_BYTES, 0);
out:
    free(head);
    free(notes);
    return err;
}

enum err snapshot_file_finish(struct snapshot_file *file,
                              const struct model_cut *cut, uint64_t model_hash,
                              const char *name, uint64_t *bytes)
{
    const struct plan *p = &file->plan;
    for (size_t i = 0; i < p->n; i++) // every part of the state was streamed
        assert(file->written[i] == p->tensor[i].end - p->tensor[i].begin);
    enum err err = put_head(file, cut, model_hash);
    if (err != ERR_OK)
        return err;
    if (!DISK_POINT("snapshot.written"))
        return ERR_IO;
    err = disk_sync(file->fd);
    if (err != ERR_OK)
        return err;
    posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    if (!DISK_POINT("snapshot.synced"))
        return ERR_IO;
    if (file->job->before_name)
        err = file->job->before_name(file->job->before_name_arg);
    if (err == ERR_OK)
        err = disk_rename(file->job->dirfd, file->temp, name);
    if (err != ERR_OK)
        return err;
    file->temp[0] = '\0';
    *bytes = HEAD_BYTES + p->tensor[p->n - 1].end;
    if (!DISK_POINT("snapshot.renamed"))
        return ERR_IO;
    return disk_sync_dir(file->job->dirfd);
}

void snapshot_file_release(struct snapshot_file *file)
{
    int saved = errno;
    if (file->fd >= 0 && file->temp[0] &&
        disk_unlink(file->job->dirfd, file->temp) != ERR_OK)
        saved = saved ? saved : errno; // recovery removes leftovers, too
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    errno = saved;
}
