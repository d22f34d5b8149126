/* log.c -- appending.  See log.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "model/store/log_internal.h"

int64_t log_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * LOG_SECOND_NS + t.tv_nsec;
}

void log_set_state(struct log *l, enum log_state state)
{
    atomic_store_explicit(&l->state, (int)state, memory_order_relaxed);
}

/* A failure of the disk is final; a full one is not. */
static enum err failed(struct log *l, enum err err)
{
    int saved = errno;
    log_set_state(l, err == ERR_NOSPACE ? LOG_FULL : LOG_FAILED);
    l->full_ns = log_now_ns();
    errno = saved;
    return err;
}

enum err log_sync(struct log *l, uint64_t seq)
{
    enum err err = disk_sync(l->fd);
    if (err != ERR_OK) {
        failed(l, ERR_IO); // even when it says "no space": pages may be lost
        return ERR_IO;
    }
    l->synced_ns = log_now_ns();
    atomic_store_explicit(&l->durable, seq, memory_order_relaxed);
    return ERR_OK;
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
    uint64_t last = g.first_seq + g.n - 1;
    if (l->opt.fsync == LOG_FSYNC_ALWAYS || urgent)
        err = log_sync(l, last);
    if (err == ERR_OK && !DISK_POINT("log.after_sync"))
        err = ERR_IO;
    if (err != ERR_OK)
        return failed(l, ERR_IO);
    log_index_add(l, 0, g.first_seq, l->end);
    l->end += (off_t)g.bytes;
    atomic_store_explicit(&l->last, last, memory_order_release);
    log_set_state(l, LOG_OK);
    return ERR_OK;
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
