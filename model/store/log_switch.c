/* log_switch.c -- the segment ahead, the switch to it, and the reserve.  See
 * log.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/store/log_internal.h"

#define RETRY_NS     (LOG_SECOND_NS / 4)  /* between attempts on a full disk */
#define RESERVE_NS   (30 * LOG_SECOND_NS) /* for who had it freed, to use it */
#define URGENT_BYTES 65536                /* a segment made with the reserve */

/* ---- the segment ahead --------------------------------------------------- */

/* A file that cannot be opened, for want of something that may come back. */
static enum err open_failed(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EMFILE ||
                   errno == ENFILE || errno == ENOMEM ? ERR_NOSPACE : ERR_IO;
}

static enum err allocate_next(struct log *l, uint64_t bytes)
{
    if (!DISK_POINT("log.allocate"))
        return errno == ENOSPC ? ERR_NOSPACE : ERR_IO;
    int fd = openat(l->dirfd, LOG_NEXT, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0640);
    if (fd < 0)
        return open_failed();
    enum err err = disk_allocate(fd, 0, (off_t)bytes);
    int saved = errno;
    close(fd);
    if (err != ERR_OK && disk_unlink(l->dirfd, LOG_NEXT) != ERR_OK)
        saved = errno;
    errno = saved;
    return err;
}

static void make_reserve(struct log *l)
{
    if (l->opt.reserve_bytes == 0 ||
        log_now_ns() < atomic_load(&l->reserve_try_ns))
        return;
    atomic_store(&l->reserved, true); // before: who frees it meanwhile wins
    int fd = openat(l->datafd, LOG_RESERVE, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    bool ok = fd >= 0 && disk_allocate(fd, 0, (off_t)l->opt.reserve_bytes) ==
                             ERR_OK;
    if (fd >= 0)
        close(fd);
    if (!ok)
        log_release_reserve(l);
}

void log_release_reserve(struct log *l)
{
    atomic_store(&l->reserve_try_ns, log_now_ns() + RESERVE_NS);
    atomic_store(&l->reserved, false);
    if (disk_unlink(l->datafd, LOG_RESERVE) != ERR_OK)
        return; // then it does not help, and the caller sees that
}

/* Sees to LOG_NEXT of at least `bytes`, giving up the reserve if it may. */
static enum err need_next(struct log *l, uint64_t bytes, bool urgent)
{
    uint64_t want = l->opt.segment_bytes > bytes ? l->opt.segment_bytes
                                                 : bytes;
    if (l->next_ready && want == l->opt.segment_bytes)
        return ERR_OK;
    int64_t now = log_now_ns();
    if (now < l->next_try_ns && !urgent) {
        errno = ENOSPC;
        return ERR_NOSPACE;
    }
    l->next_ready = false;
    enum err err = allocate_next(l, want);
    if (err == ERR_NOSPACE && urgent) {
        log_release_reserve(l);
        err = allocate_next(l, bytes > URGENT_BYTES ? bytes : URGENT_BYTES);
    }
    l->next_try_ns = err == ERR_OK ? 0 : now + RETRY_NS;
    return err;
}

/* The old segment is complete: durable, and without the part allocated ahead,
 * which would only waste space. */
static enum err seal(struct log *l)
{
    if (l->fd < 0)
        return ERR_OK;
    enum err err = disk_truncate(l->fd, l->end);
    if (err == ERR_OK)
        err = log_sync(l, log_last(l));
    if (err != ERR_OK)
        return err;
    l->cap = l->end;
    pthread_mutex_lock(&l->lock);
    l->segment[l->nsegments - 1].bytes = (uint64_t)l->end;
    pthread_mutex_unlock(&l->lock);
    return ERR_OK;
}

static enum err add_segment(struct log *l, uint64_t first_seq, uint64_t bytes)
{
    enum err err = ERR_NOMEM;
    pthread_mutex_lock(&l->lock);
    struct log_segment *more = realloc(l->segment, (l->nsegments + 1) *
                                                       sizeof *more);
    if (more) {
        l->segment = more;
        more[l->nsegments++] = (struct log_segment){.first_seq = first_seq,
                                                    .bytes = bytes};
        err = ERR_OK;
    }
    pthread_mutex_unlock(&l->lock);
    return err;
}

/* LOG_NEXT gets its head and its name.  ERR_NOSPACE: it has no name yet, and
 * can be made again. */
static enum err install_next(struct log *l, uint64_t first_seq, int fd)
{
    struct segment_head head = {first_seq, l->id, SEGMENT_VERSION};
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    char name[SEGMENT_NAME_BYTES];
    segment_name(first_seq, name);
    segment_head_encode(&head, bytes);
    enum err err = disk_write(fd, bytes, sizeof bytes, 0);
    if (err == ERR_OK && disk_sync(fd) != ERR_OK)
        err = ERR_IO;
    if (err == ERR_OK)
        err = disk_rename(l->dirfd, LOG_NEXT, name);
    if (err == ERR_OK && (!DISK_POINT("log.segment_created") ||
                          disk_sync_dir(l->dirfd) != ERR_OK))
        err = ERR_IO;
    return err;
}

enum err log_switch(struct log *l, uint64_t first_seq, uint64_t bytes,
                    bool urgent)
{
    enum err err = need_next(l, bytes + SEGMENT_HEAD_BYTES, urgent);
    if (err != ERR_OK)
        return err;
    int fd = openat(l->dirfd, LOG_NEXT, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return open_failed();
    off_t cap = lseek(fd, 0, SEEK_END);
    err = seal(l);
    if (err == ERR_OK) {
        l->next_ready = false;
        err = install_next(l, first_seq, fd);
    }
    if (err == ERR_OK && add_segment(l, first_seq, (uint64_t)cap) != ERR_OK)
        err = ERR_IO; // half a switch is no state
    if (err != ERR_OK) {
        close(fd);
        return err;
    }
    if (l->fd >= 0)
        close(l->fd);
    l->fd = fd;
    l->end = SEGMENT_HEAD_BYTES;
    l->cap = cap;
    return DISK_POINT("log.segment_switched") ? ERR_OK : ERR_IO;
}

/* ---- between appends ----------------------------------------------------- */

/* Sees to what lies ahead.  False: something is missing still. */
static bool tend_space(struct log *l, int64_t now)
{
    bool full = atomic_load_explicit(&l->state, memory_order_relaxed) ==
                LOG_FULL;
    // An append that found no room with a segment ready says little for long.
    bool passed = l->next_ready && now - l->full_ns >= LOG_SECOND_NS;
    if (!l->next_ready && now >= l->next_try_ns) {
        l->next_ready = allocate_next(l, l->opt.segment_bytes) == ERR_OK;
        l->next_try_ns = l->next_ready ? 0 : now + 4 * RETRY_NS;
        passed = l->next_ready; // there is room again, if there was none
    }
    if (full && passed)
        log_set_state(l, LOG_OK);
    if (l->next_ready && !atomic_load(&l->reserved))
        make_reserve(l);
    return l->next_ready && (!full || passed) &&
           (l->opt.reserve_bytes == 0 || atomic_load(&l->reserved));
}

int log_tend(struct log *l)
{
    int64_t now = log_now_ns();
    if (l->opt.offline ||
        atomic_load_explicit(&l->state, memory_order_relaxed) == LOG_FAILED)
        return -1;
    int wait = tend_space(l, now) ? -1 : 1000;
    if (l->opt.fsync == LOG_FSYNC_EVERYSEC &&
        atomic_load_explicit(&l->durable, memory_order_relaxed) <
            log_last(l)) {
        int64_t due = l->synced_ns + LOG_SECOND_NS - now;
        if (due > 0)
            wait = (int)(due / 1000000) + 1;
        else if (log_sync(l, log_last(l)) != ERR_OK)
            return -1; // that is the log's state from now on
    }
    return wait;
}
