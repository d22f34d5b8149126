/* log_fetch.c -- one event of the log.  See log.h. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/store/log_internal.h"

#define FETCH_BYTES (2 * LOG_INDEX_STEP)

void log_changed(struct log *l)
{
    atomic_fetch_add(&l->changes, 1);
}

/* Reads at least `need` bytes of a segment, from the group of at_seq on. */
static enum err load_window(struct log *l, uint64_t segment, uint64_t at_seq,
                            off_t offset, size_t need)
{
    size_t want = need > FETCH_BYTES ? need : FETCH_BYTES;
    char name[SEGMENT_NAME_BYTES];
    l->window_bytes = 0;
    l->window_changes = atomic_load(&l->changes);
    if (want > l->window_cap) {
        unsigned char *more = realloc(l->window, want);
        if (!more)
            return ERR_NOMEM;
        l->window = more;
        l->window_cap = want;
    }
    segment_name(segment, name);
    int fd = openat(l->dirfd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err err = disk_read_some(fd, l->window, l->window_cap, offset,
                                  &l->window_bytes);
    close(fd);
    if (err == ERR_OK && l->window_bytes < need)
        err = ERR_CORRUPT; // the segment ends before
    if (err != ERR_OK) {
        l->window_bytes = 0;
        return err;
    }
    l->window_segment = segment;
    l->window_offset = offset;
    l->window_at = 0;
    l->window_at_seq = at_seq;
    if (segment) // the next time it is nearer
        log_index_add(l, segment, at_seq, offset);
    return ERR_OK;
}

/* The piece of the log in which seq is, or which is not far before it. */
static enum err find_window(struct log *l, uint64_t seq)
{
    uint64_t segment, at_seq, next;
    off_t offset;
    if (!log_index_find(l, seq, &segment, &at_seq, &offset, &next))
        return ERR_RANGE;
    return load_window(l, segment, at_seq, offset, GROUP_HEAD_BYTES);
}

/* The frame of seq in the group at p, of which `left` bytes are there. */
static const unsigned char *find_frame(const struct group *g,
                                       const unsigned char *p, size_t left,
                                       uint64_t seq)
{
    const unsigned char *end = p + left;
    p += GROUP_HEAD_BYTES;
    for (uint64_t s = g->first_seq; s <= seq; s++) {
        size_t size = event_frame_bytes(p, end);
        if (size == 0)
            return NULL;
        if (s == seq)
            return event_check(p, seq) ? p : NULL;
        p += size;
    }
    return NULL;
}

/* Walks on in the window to the frame of seq.  NULL: it is not in it; *need is
 * then how many bytes have to follow window_at, if nothing else is amiss. */
static const unsigned char *walk_window(struct log *l, uint64_t seq,
                                        size_t *need)
{
    *need = 0;
    while (l->window_bytes - l->window_at >= GROUP_HEAD_BYTES) {
        const unsigned char *p = l->window + l->window_at, *frame = NULL;
        size_t left = l->window_bytes - l->window_at;
        struct group g;
        if (!group_decode(&g, l->id, p) || g.first_seq > seq)
            return NULL;
        bool inside = seq < g.first_seq + g.n, whole = g.bytes <= left;
        if (inside)
            frame = find_frame(&g, p, whole ? g.bytes : left, seq);
        if (!whole && !frame)
            *need = g.bytes;
        if (!whole || inside)
            return frame;
        l->window_at += g.bytes;
        l->window_at_seq = g.first_seq + g.n;
    }
    *need = GROUP_HEAD_BYTES;
    return NULL;
}

enum err log_fetch(struct log *l, uint64_t seq, unsigned char *frame)
{
    const unsigned char *p = NULL;
    size_t need = 0;
    enum err err = ERR_OK;
    if (seq > log_last(l)) // though a torn group may hold it
        return ERR_RANGE;
    if (l->window_bytes && l->window_at_seq <= seq &&
        l->window_changes == atomic_load(&l->changes))
        p = walk_window(l, seq, &need);
    if (!p)
        err = find_window(l, seq);
    if (!p && err == ERR_OK)
        p = walk_window(l, seq, &need);
    while (!p && err == ERR_OK && need) {
        err = load_window(l, l->window_segment, l->window_at_seq,
                          l->window_offset + (off_t)l->window_at, need);
        if (err == ERR_OK)
            p = walk_window(l, seq, &need);
    }
    if (!p)
        return err == ERR_OK ? ERR_CORRUPT : err;
    memcpy(frame, p, event_frame_bytes(p, l->window + l->window_bytes));
    return ERR_OK;
}
