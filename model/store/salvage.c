/* salvage.c -- see salvage.h. */
#include "model/store/salvage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/store/disk.h"
#include "model/store/event.h"

/* A segment in memory, for a rare and slow job. */
struct whole {
    int fd;
    unsigned char *bytes;
    size_t n;
    uint64_t log_id;
    uint64_t first_seq;     /* from the name */
    uint64_t next_segment;  /* first seq of the one behind it, or UINT64_MAX */
};

/* ---- the other segments -------------------------------------------------- */

static uint64_t segment_behind(int dirfd, uint64_t seq)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    uint64_t best = UINT64_MAX, s;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return best;
    }
    for (struct dirent *d; (d = readdir(dir));)
        if (segment_parse_name(d->d_name, &s) && s > seq && s < best)
            best = s;
    closedir(dir);
    return best;
}

enum err salvage_log_id(int dirfd, uint64_t *id)
{
    uint64_t seq = 0;
    for (bool first = true;; first = false) {
        char name[SEGMENT_NAME_BYTES];
        unsigned char head[SEGMENT_HEAD_BYTES];
        struct segment_head h;
        if (!first)
            seq = segment_behind(dirfd, seq);
        if (seq == UINT64_MAX)
            return ERR_RANGE;
        segment_name(seq, name);
        int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        bool ok = disk_read(fd, head, sizeof head, 0) == ERR_OK &&
                  segment_head_decode(&h, head);
        close(fd);
        if (ok) {
            *id = h.log_id;
            return ERR_OK;
        }
    }
}

/* ---- frames -------------------------------------------------------------- */

/* Is there a sound frame of seq at p? */
static bool frame_at(const unsigned char *p, const unsigned char *end,
                     uint64_t seq)
{
    struct event e;
    return event_frame_bytes(p, end) && event_check(p, seq) &&
           event_decode(p, end, &e);
}

/* From `from`, where event seq cannot be read, to the next frame that can: its
 * place, and how many events lie between.  The end of the group if there is
 * none; it would be the frame of seq `behind`. */
static size_t next_sound(const struct whole *w, size_t from, size_t end,
                         uint64_t seq, uint64_t behind, uint64_t *lost)
{
    for (size_t at = from + EVENT_HEAD_BYTES; at + EVENT_HEAD_BYTES <= end;
         at += 8) {
        uint64_t most = (at - from) / EVENT_HEAD_BYTES;
        for (uint64_t k = 1; k <= most && seq + k < behind; k++) {
            if (!frame_at(w->bytes + at, w->bytes + end, seq + k))
                continue;
            *lost = k;
            return at;
        }
    }
    *lost = behind - seq;
    return end;
}

/* Fills bytes from .. to with n voids, the events from seq on. */
static bool fill_voids(unsigned char *bytes, size_t from, size_t to, uint64_t n,
                       uint64_t seq)
{
    if (n == 0 || (to - from) / EVENT_HEAD_BYTES < n)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        size_t least = (size_t)(n - i - 1) * EVENT_HEAD_BYTES;
        size_t size = to - from - least; // the first takes what it can
        if (size > EVENT_BYTES_MAX)
            size = EVENT_BYTES_MAX;
        event_void(bytes + from, size, seq + i);
        from += size;
    }
    return from == to;
}

/* The group at `at` has a sound head and a bad frame at `bad`. */
static enum err mend_frame(const struct whole *w, size_t at, size_t bad,
                           uint64_t seq, struct salvaged *lost)
{
    struct group g;
    uint64_t n;
    if (!group_decode(&g, w->log_id, w->bytes + at) || at + g.bytes > w->n)
        return ERR_RANGE;
    size_t end = at + g.bytes;
    size_t to = next_sound(w, bad, end, seq, g.first_seq + g.n, &n);
    if (!fill_voids(w->bytes, bad, to, n, seq))
        return ERR_RANGE;
    *lost = (struct salvaged){seq, seq + n - 1};
    return disk_write(w->fd, w->bytes + bad, to - bad, (off_t)bad);
}

/* ---- heads --------------------------------------------------------------- */

/* A head that covers everything up to the next group that can be read; the
 * frames in between are looked at when it is found that they do not fit. */
static enum err mend_head(const struct whole *w, size_t at, uint64_t seq,
                          struct salvaged *lost)
{
    off_t where;
    struct group next, g;
    unsigned char head[GROUP_HEAD_BYTES];
    enum err err = segment_find(w->fd, w->log_id, (off_t)at + 8, seq, false,
                                &where, &next);
    if (err != ERR_OK)
        return err;
    uint64_t behind = where >= 0 ? next.first_seq : w->next_segment;
    size_t end = where >= 0 ? (size_t)where : w->n;
    if (behind == UINT64_MAX || behind <= seq || end > UINT32_MAX ||
        (end - at - GROUP_HEAD_BYTES) / EVENT_HEAD_BYTES < behind - seq)
        return ERR_RANGE;
    g = (struct group){.bytes = (uint32_t)(end - at),
                       .n = (uint32_t)(behind - seq), .first_seq = seq,
                       .durable_seq = seq - 1, .log_id = w->log_id};
    group_encode(&g, head);
    *lost = (struct salvaged){seq, seq - 1};
    return disk_write(w->fd, head, sizeof head, (off_t)at);
}

static enum err mend_segment_head(const struct whole *w, struct salvaged *lost)
{
    struct segment_head h = {w->first_seq, w->log_id, SEGMENT_VERSION};
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    segment_head_encode(&h, bytes);
    *lost = (struct salvaged){w->first_seq, w->first_seq - 1};
    return disk_write(w->fd, bytes, sizeof bytes, 0);
}

/* ---- one place ----------------------------------------------------------- */

static enum err load(struct whole *w, int dirfd, const struct log_place *at)
{
    w->fd = openat(dirfd, at->segment, O_RDWR | O_CLOEXEC);
    off_t size = w->fd >= 0 ? lseek(w->fd, 0, SEEK_END) : -1;
    if (size < SEGMENT_HEAD_BYTES ||
        !segment_parse_name(at->segment, &w->first_seq))
        return ERR_IO;
    w->n = (size_t)size;
    w->bytes = malloc(w->n);
    w->next_segment = segment_behind(dirfd, w->first_seq);
    return w->bytes ? disk_read(w->fd, w->bytes, w->n, 0) : ERR_NOMEM;
}

enum err salvage_place(int dirfd, uint64_t log_id, const struct log_place *at,
                       struct salvaged *lost)
{
    struct whole w = {.fd = -1, .log_id = log_id};
    struct segment_scan s;
    enum err err = load(&w, dirfd, at);
    if (err == ERR_OK && at->offset < SEGMENT_HEAD_BYTES) {
        err = mend_segment_head(&w, lost);
    } else if (err == ERR_OK) {
        err = segment_scan(w.fd, log_id, SEGMENT_HEAD_BYTES, w.first_seq, NULL,
                           NULL, &s);
        if (err == ERR_OK && s.bad && s.bad_offset > s.end)
            err = mend_frame(&w, (size_t)s.end, (size_t)s.bad_offset,
                             s.bad_seq, lost);
        else if (err == ERR_OK)
            err = mend_head(&w, (size_t)s.end, s.next_seq, lost);
    }
    if (err == ERR_OK)
        err = disk_sync(w.fd);
    if (w.fd >= 0)
        close(w.fd);
    free(w.bytes);
    return err;
}
