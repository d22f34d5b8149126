/* log.c -- appending, and the segment ahead.  See log.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/store/log_internal.h"

#define SECOND_NS    1000000000ll
#define RETRY_NS     (SECOND_NS / 4)  /* between attempts on a full disk */
#define URGENT_BYTES 65536            /* a segment made with the reserve */

int64_t log_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void set_state(struct log *l, enum log_state state)
{
    atomic_store_explicit(&l->state, (int)state, memory_order_relaxed);
}

/* A failure of the disk is final; a full one is not. */
static enum err failed(struct log *l, enum err err)
{
    int saved = errno;
    set_state(l, err == ERR_NOSPACE ? LOG_FULL : LOG_FAILED);
    errno = saved;
    return err;
}

static enum err sync_now(struct log *l)
{
    enum err err = disk_sync(l->fd);
    if (err != ERR_OK) {
        failed(l, ERR_IO); // even when it says "no space": pages may be lost
        return ERR_IO;
    }
    l->synced_ns = log_now_ns();
    atomic_store_explicit(&l->durable, log_last(l), memory_order_relaxed);
    return ERR_OK;
}

/* ---- the segment ahead --------------------------------------------------- */

static enum err allocate_next(struct log *l, uint64_t bytes)
{
    if (!DISK_POINT("log.allocate"))
        return errno == ENOSPC ? ERR_NOSPACE : ERR_IO;
    int fd = openat(l->dirfd, LOG_NEXT, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0640);
    if (fd < 0)
        return errno == ENOSPC ? ERR_NOSPACE : ERR_IO;
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
    int64_t now = log_now_ns();
    if (l->opt.reserve_bytes == 0 || now < l->reserve_try_ns)
        return;
    l->reserve_try_ns = now + 4 * RETRY_NS;
    int fd = openat(l->datafd, LOG_RESERVE, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    bool ok = fd >= 0 && disk_allocate(fd, 0, (off_t)l->opt.reserve_bytes) ==
                             ERR_OK;
    if (fd >= 0)
        close(fd);
    if (ok)
        atomic_store(&l->reserved, true);
    else
        log_release_reserve(l);
}

void log_release_reserve(struct log *l)
{
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
        err = sync_now(l);
    if (err != ERR_OK)
        return err;
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

/* LOG_NEXT gets its head and its name. */
static enum err install_next(struct log *l, uint64_t first_seq, int fd)
{
    struct segment_head head = {first_seq, l->id, SEGMENT_VERSION};
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    char name[SEGMENT_NAME_BYTES];
    segment_name(first_seq, name);
    segment_head_encode(&head, bytes);
    enum err err = disk_write(fd, bytes, sizeof bytes, 0);
    if (err == ERR_OK)
        err = disk_sync(fd);
    if (err == ERR_OK)
        err = disk_rename(l->dirfd, LOG_NEXT, name);
    if (err == ERR_OK && !DISK_POINT("log.segment_created"))
        err = ERR_IO;
    if (err == ERR_OK)
        err = disk_sync_dir(l->dirfd);
    return err;
}

enum err log_switch(struct log *l, uint64_t first_seq, uint64_t bytes,
                    bool urgent)
{
    enum err err = need_next(l, bytes + SEGMENT_HEAD_BYTES, urgent);
    if (err != ERR_OK)
        return err;
    err = seal(l);
    if (err != ERR_OK)
        return err;
    int fd = openat(l->dirfd, LOG_NEXT, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    off_t cap = lseek(fd, 0, SEEK_END);
    l->next_ready = false;
    err = install_next(l, first_seq, fd);
    if (err == ERR_OK)
        err = add_segment(l, first_seq, (uint64_t)cap);
    if (err != ERR_OK) {
        close(fd);
        return err == ERR_NOSPACE ? ERR_IO : err; // half a switch is no state
    }
    if (l->fd >= 0)
        close(l->fd);
    l->fd = fd;
    l->end = SEGMENT_HEAD_BYTES;
    l->cap = cap;
    return DISK_POINT("log.segment_switched") ? ERR_OK : ERR_IO;
}

/* ---- append -------------------------------------------------------------- */

/* The pieces of the group: head, then each batch's frames.  False: no memory. */
static bool gather(struct log *l, struct batch *group, unsigned char *head,
                   size_t *pieces, struct group *g)
{
    size_t n = 1;
    *g = (struct group){.bytes = GROUP_HEAD_BYTES,
                        .first_seq = log_last(l) + 1,
                        .durable_seq = atomic_load_explicit(
                            &l->durable, memory_order_relaxed),
                        .log_id = l->id};
    for (struct batch *b = group; b; b = b->next)
        n++;
    if (n > l->niov) {
        struct iovec *more = realloc(l->iov, 2 * n * sizeof *more);
        if (!more)
            return false;
        l->iov = more;
        l->niov = 2 * n;
    }
    *pieces = 0;
    l->iov[(*pieces)++] = (struct iovec){head, GROUP_HEAD_BYTES};
    for (struct batch *b = group; b; b = b->next) {
        g->bytes += (uint32_t)b->bytes;
        g->n += b->n;
        if (b->n)
            l->iov[(*pieces)++] = (struct iovec){b->data, b->bytes};
    }
    group_encode(g, head);
    return true;
}

/* What a failed write left behind must not look like a torn tail, or worse. */
static void wipe_remains(struct log *l, size_t bytes)
{
    static const unsigned char zeros[65536];
    int saved = errno;
    for (size_t done = 0; done < bytes;) {
        size_t n = bytes - done < sizeof zeros ? bytes - done : sizeof zeros;
        if (disk_write(l->fd, zeros, n, l->end + (off_t)done) != ERR_OK)
            break; // a torn tail, then: the next start heals it
        done += n;
    }
    errno = saved;
}

static enum err write_group(struct log *l, size_t pieces, const struct group *g)
{
    enum err err = ERR_IO;
    if (DISK_POINT("log.before_write"))
        err = disk_write_pieces(l->fd, l->iov, pieces, l->end);
    if (err != ERR_OK) {
        wipe_remains(l, g->bytes);
        return err;
    }
    if (!DISK_POINT("log.after_write"))
        return ERR_IO;
    return ERR_OK;
}

enum err log_append(struct log *l, struct batch *group, bool urgent)
{
    unsigned char head[GROUP_HEAD_BYTES];
    struct group g;
    size_t pieces;
    if (atomic_load_explicit(&l->state, memory_order_relaxed) == LOG_FAILED)
        return ERR_IO;
    if (!gather(l, group, head, &pieces, &g))
        return ERR_NOSPACE; // memory, not disk; as temporary as that
    if (l->end + (off_t)g.bytes > l->cap) {
        enum err err = log_switch(l, g.first_seq, g.bytes, urgent);
        if (err != ERR_OK)
            return failed(l, err);
        g.durable_seq = atomic_load_explicit(&l->durable,
                                             memory_order_relaxed);
        group_encode(&g, head);
    }
    enum err err = write_group(l, pieces, &g);
    if (err != ERR_OK)
        return failed(l, err);
    log_index_add(l, 0, g.first_seq, l->end);
    l->end += (off_t)g.bytes;
    atomic_store_explicit(&l->last, g.first_seq + g.n - 1,
                          memory_order_release);
    if (l->opt.fsync == LOG_FSYNC_ALWAYS || urgent)
        err = sync_now(l);
    if (err == ERR_OK && !DISK_POINT("log.after_sync"))
        err = ERR_IO;
    if (err == ERR_OK)
        set_state(l, LOG_OK);
    return err == ERR_OK ? ERR_OK : failed(l, ERR_IO);
}

int log_tend(struct log *l)
{
    int64_t now = log_now_ns();
    int wait = -1;
    if (l->opt.offline ||
        atomic_load_explicit(&l->state, memory_order_relaxed) == LOG_FAILED)
        return -1;
    if (!l->next_ready && now >= l->next_try_ns) {
        l->next_ready = allocate_next(l, l->opt.segment_bytes) == ERR_OK;
        l->next_try_ns = l->next_ready ? 0 : now + 4 * RETRY_NS;
        if (l->next_ready) // there is room again, if there was none
            set_state(l, LOG_OK);
    }
    if (l->next_ready && !atomic_load(&l->reserved))
        make_reserve(l);
    if (!l->next_ready)
        wait = 1000;
    if (l->opt.fsync == LOG_FSYNC_EVERYSEC &&
        atomic_load_explicit(&l->durable, memory_order_relaxed) <
            log_last(l)) {
        int64_t due = l->synced_ns + SECOND_NS - now;
        if (due <= 0)
            (void)sync_now(l); // a failure is the log's state from now on
        else
            wait = (int)(due / 1000000) + 1;
    }
    return wait;
}

/* ---- any thread ---------------------------------------------------------- */

uint64_t log_last(const struct log *l)
{
    return atomic_load_explicit(&l->last, memory_order_acquire);
}

uint64_t log_id(const struct log *l)
{
    return l->id;
}

int log_dir(const struct log *l)
{
    return l->dirfd;
}

void log_stats(struct log *l, struct log_stats *out)
{
    out->state = (enum log_state)atomic_load_explicit(&l->state,
                                                      memory_order_relaxed);
    out->durable_seq = atomic_load_explicit(&l->durable, memory_order_relaxed);
    out->bytes = 0;
    pthread_mutex_lock(&l->lock);
    out->segments = l->nsegments;
    for (uint32_t i = 0; i < l->nsegments; i++)
        out->bytes += l->segment[i].bytes;
    pthread_mutex_unlock(&l->lock);
}
