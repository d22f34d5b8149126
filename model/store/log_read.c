/* log_read.c -- reading, finding and dropping.  See log.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/store/log_internal.h"

/* ---- the index ----------------------------------------------------------- */

/* The segment that holds seq, or NULL: it was dropped.  Under the lock. */
static struct log_segment *segment_of(struct log *l, uint64_t seq)
{
    uint32_t lo = 0, hi = l->nsegments;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (l->segment[mid].first_seq <= seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0 || (l->segment[lo - 1].first_seq == 0 && seq > 0))
        return NULL; // the genesis has its segment to itself
    return &l->segment[lo - 1];
}

/* first_seq 0: of the last segment. */
void log_index_add(struct log *l, uint64_t first_seq, uint64_t seq,
                   off_t offset)
{
    pthread_mutex_lock(&l->lock);
    struct log_segment *s = first_seq ? segment_of(l, first_seq)
                                      : &l->segment[l->nsegments - 1];
    const struct log_index *last = s && s->nindex ? &s->index[s->nindex - 1]
                                                  : NULL;
    if (s && (!last || offset - last->offset >= LOG_INDEX_STEP)) {
        bool grow = (s->nindex & (s->nindex - 1)) == 0; // 0, 1, 2, 4, ...
        struct log_index *more = s->index;
        if (grow)
            more = realloc(s->index, (s->nindex ? 2 * s->nindex : 1) *
                                         sizeof *more);
        if (more) { // without it, reading starts a little earlier
            s->index = more;
            more[s->nindex++] = (struct log_index){seq, offset};
        }
    }
    pthread_mutex_unlock(&l->lock);
}

bool log_index_find(struct log *l, uint64_t seq, uint64_t *first_seq,
                    uint64_t *at_seq, off_t *offset, uint64_t *next_segment)
{
    pthread_mutex_lock(&l->lock);
    const struct log_segment *s = segment_of(l, seq);
    if (s) {
        *first_seq = *at_seq = s->first_seq;
        *offset = SEGMENT_HEAD_BYTES;
        for (uint32_t lo = 0, hi = s->nindex; lo < hi;) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (s->index[mid].seq <= seq) {
                *at_seq = s->index[mid].seq;
                *offset = s->index[mid].offset;
                lo = mid + 1;
            } else
                hi = mid;
        }
        bool more = s + 1 < l->segment + l->nsegments;
        *next_segment = more ? s[1].first_seq : UINT64_MAX;
    }
    pthread_mutex_unlock(&l->lock);
    return s != NULL;
}

uint64_t log_first(struct log *l)
{
    pthread_mutex_lock(&l->lock);
    uint64_t first = l->nsegments > 1 ? l->segment[1].first_seq : 1;
    if (l->nsegments && l->segment[0].first_seq > 0)
        first = l->segment[0].first_seq;
    pthread_mutex_unlock(&l->lock);
    return first;
}

/* ---- reading ------------------------------------------------------------- */

struct reading {
    struct log *l;
    uint64_t first_seq;     /* of the segment */
    uint64_t to;
    log_visit visit;
    void *arg;
    struct log_place at;
    bool stopped;
};

static bool read_group(void *arg, const struct group *g,
                       const unsigned char *bytes, off_t offset)
{
    struct reading *r = arg;
    if (g->n && g->first_seq > r->to)
        return false;
    if (g->n && r->first_seq)
        log_index_add(r->l, r->first_seq, g->first_seq, offset);
    r->at.offset = offset;
    r->at.seq = g->first_seq;
    if (g->n && !r->visit(r->arg, g, bytes, &r->at)) {
        r->stopped = true;
        return false;
    }
    return g->first_seq + g->n <= r->to;
}

static enum err bad_place(struct reading *r, const struct segment_scan *s,
                          struct log_place *bad, const char *what)
{
    *bad = r->at;
    bad->offset = s->bad ? s->bad_offset : s->end;
    bad->seq = s->bad ? s->bad_seq : s->next_seq;
    snprintf(bad->what, sizeof bad->what, "%s", what);
    return ERR_CORRUPT;
}

/* One segment, from a place in it to its end or to r->to. */
static enum err read_segment(struct reading *r, uint64_t at_seq, off_t offset,
                             uint64_t next_segment, struct log_place *bad)
{
    struct segment_scan s;
    segment_name(r->first_seq, r->at.segment);
    int fd = openat(r->l->dirfd, r->at.segment, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_RANGE : ERR_IO;
    posix_fadvise(fd, offset, 0, POSIX_FADV_SEQUENTIAL);
    enum err err = segment_scan(fd, r->l->id, offset, at_seq, read_group, r,
                                &s);
    close(fd);
    if (err != ERR_OK || s.stopped)
        return err;
    if (next_segment == UINT64_MAX) { // the end of the log, as it was
        if (s.next_seq <= r->to)
            return bad_place(r, &s, bad, "the log ends before an event that "
                             "was acknowledged");
        return ERR_OK;
    }
    if (s.bad)
        return bad_place(r, &s, bad, "an event that was safely on the disk is "
                         "damaged");
    if (r->first_seq == 0 && s.next_seq < next_segment)
        return ERR_RANGE; // behind the genesis, what is missing was dropped
    if (s.next_seq != next_segment)
        return bad_place(r, &s, bad, "events are missing between this segment "
                         "and the next");
    return ERR_OK;
}

enum err log_read(struct log *l, uint64_t from, uint64_t to, log_visit visit,
                  void *arg, struct log_place *bad)
{
    struct reading r = {.l = l, .to = to, .visit = visit, .arg = arg};
    enum err err = ERR_OK;
    memset(bad, 0, sizeof *bad);
    while (err == ERR_OK && from <= to && !r.stopped) {
        uint64_t at_seq, next;
        off_t offset;
        if (!log_index_find(l, from, &r.first_seq, &at_seq, &offset, &next))
            return ERR_RANGE;
        err = read_segment(&r, at_seq, offset, next, bad);
        if (next == UINT64_MAX)
            break;
        from = next;
    }
    return err;
}

enum err log_sync_all(struct log *l)
{
    char name[SEGMENT_NAME_BYTES];
    pthread_mutex_lock(&l->lock);
    segment_name(l->segment[l->nsegments - 1].first_seq, name);
    pthread_mutex_unlock(&l->lock);
    // Those before it were synced when they were completed.
    int fd = openat(l->dirfd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err err = disk_sync(fd);
    close(fd);
    return err;
}

/* ---- dropping ------------------------------------------------------------ */

/* Is there a segment all of whose events are older than seq? */
static bool find_old(struct log *l, uint64_t seq, uint64_t *first_seq)
{
    pthread_mutex_lock(&l->lock);
    uint32_t i = l->nsegments && l->segment[0].first_seq == 0 ? 1 : 0;
    bool old = i + 1 < l->nsegments && l->segment[i + 1].first_seq <= seq;
    if (old)
        *first_seq = l->segment[i].first_seq;
    pthread_mutex_unlock(&l->lock);
    return old;
}

/* False: another thread did. */
static bool forget_segment(struct log *l, uint64_t first_seq)
{
    pthread_mutex_lock(&l->lock);
    struct log_segment *s = segment_of(l, first_seq);
    bool there = s && s->first_seq == first_seq;
    if (there) {
        const struct log_segment *end = l->segment + l->nsegments;
        free(s->index);
        memmove(s, s + 1, (size_t)(end - s - 1) * sizeof *s);
        l->nsegments--;
    }
    pthread_mutex_unlock(&l->lock);
    return there;
}

/* The file goes first: one that cannot be removed stays in the list, and none
 * behind it is removed, so the log has no hole. */
enum err log_trim(struct log *l, uint64_t seq, uint32_t *dropped)
{
    uint64_t first_seq;
    *dropped = 0;
    while (find_old(l, seq, &first_seq)) {
        char name[SEGMENT_NAME_BYTES];
        segment_name(first_seq, name);
        enum err err = disk_unlink(l->dirfd, name);
        if (err != ERR_OK)
            return err;
        *dropped += forget_segment(l, first_seq);
    }
    return *dropped ? disk_sync_dir(l->dirfd) : ERR_OK;
}
