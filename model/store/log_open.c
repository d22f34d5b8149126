/* log_open.c -- finding out what is there: the head of each segment, the tail of
 * the last.  See log.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/store/log_internal.h"

static enum err corrupt(struct log_found *found, const char *segment,
                        off_t offset, uint64_t seq, const char *what)
{
    struct log_place *p = &found->at;
    snprintf(p->segment, sizeof p->segment, "%s", segment);
    snprintf(p->what, sizeof p->what, "%s", what);
    p->offset = offset;
    p->seq = seq;
    return ERR_CORRUPT;
}

static int by_seq(const void *a, const void *b)
{
    const struct log_segment *x = a, *y = b;
    return x->first_seq < y->first_seq ? -1 : x->first_seq > y->first_seq;
}

/* A file of the directory: noted if it is a segment. */
static enum err note_file(struct log *l, const char *name)
{
    uint64_t seq;
    struct stat st;
    if (!segment_parse_name(name, &seq))
        return ERR_OK;
    if (fstatat(l->dirfd, name, &st, 0) != 0)
        return ERR_IO;
    struct log_segment *more = realloc(l->segment, (l->nsegments + 1) *
                                                       sizeof *more);
    if (!more)
        return ERR_NOMEM;
    l->segment = more;
    more[l->nsegments++] = (struct log_segment){
        .first_seq = seq, .bytes = (uint64_t)st.st_size};
    return ERR_OK;
}

/* The segments by their names, ascending.  What could not be listed must not be
 * taken for absent: an empty directory is where a new log begins. */
static enum err list_segments(struct log *l)
{
    int fd = openat(l->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    enum err err = ERR_OK;
    while (err == ERR_OK) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d) {
            err = errno ? ERR_IO : ERR_OK;
            break;
        }
        err = note_file(l, d->d_name);
    }
    int saved = errno;
    closedir(dir);
    errno = saved;
    if (l->nsegments)
        qsort(l->segment, l->nsegments, sizeof *l->segment, by_seq);
    return err;
}

/* ---- a new log ----------------------------------------------------------- */

static enum err create(struct log *l, const struct event *genesis)
{
    if (l->opt.offline) {
        errno = ENOENT;
        return ERR_IO;
    }
    if (getrandom(&l->id, sizeof l->id, 0) != (ssize_t)sizeof l->id)
        return ERR_IO;
    enum err err = log_write_genesis(l, genesis);
    return err == ERR_OK ? list_segments(l) : err;
}

/* ---- heads --------------------------------------------------------------- */

static enum err check_head(struct log *l, uint32_t i, struct log_found *found)
{
    char name[SEGMENT_NAME_BYTES];
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    struct segment_head h;
    uint64_t seq = l->segment[i].first_seq;
    segment_name(seq, name);
    int fd = openat(l->dirfd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    enum err err = disk_read(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK || !segment_head_decode(&h, bytes))
        return corrupt(found, name, 0, seq, "the head of the segment is "
                       "damaged");
    if (h.version != SEGMENT_VERSION)
        return corrupt(found, name, 8, seq, "the segment was written by another "
                       "version of freshet");
    if (h.first_seq != seq)
        return corrupt(found, name, 16, seq, "the segment has the name of "
                       "another one");
    if (i == 0)
        l->id = h.log_id;
    if (h.log_id != l->id)
        return corrupt(found, name, 24, seq, "the segment belongs to another "
                       "log");
    return ERR_OK;
}

/* ---- the tail ------------------------------------------------------------ */

struct tail {
    struct log *l;
    uint64_t first_seq;
};

static bool note_group(void *arg, const struct group *g,
                       const unsigned char *bytes, off_t offset)
{
    struct tail *t = arg;
    (void)bytes;
    log_index_add(t->l, t->first_seq, g->first_seq, offset);
    return true;
}

/* Something else than zeros follows the sound groups.  Was it ever synced?  Then
 * it is rot, and not for us to touch. */
static enum err judge_tail(struct log *l, const char *name,
                           const struct segment_scan *s,
                           struct log_found *found)
{
    off_t where;
    struct group g;
    enum err err = segment_find(l->fd, l->id, s->bad_offset, s->bad_seq, true,
                                &where, &g);
    if (err != ERR_OK)
        return err;
    if (where >= 0)
        return corrupt(found, name, s->bad_offset, s->bad_seq,
                       "an event that was safely on the disk is damaged");
    found->torn = true;
    corrupt(found, name, s->end, s->next_seq, "the last append was cut short");
    found->at.bytes = (uint64_t)(l->cap - s->end);
    return ERR_OK;
}

/* Cuts off what is torn, and has room behind the end: zeros, to its full size. */
static enum err make_room(struct log *l)
{
    enum err err = l->torn ? disk_truncate(l->fd, l->end) : ERR_OK;
    if (err != ERR_OK)
        return err;
    if ((l->torn || (uint64_t)l->cap < l->opt.segment_bytes) &&
        (uint64_t)l->end < l->opt.segment_bytes)
        err = disk_allocate(l->fd, 0, (off_t)l->opt.segment_bytes);
    if (err == ERR_NOSPACE) // then it is full where it ends
        err = ERR_OK;
    l->cap = lseek(l->fd, 0, SEEK_END);
    l->segment[l->nsegments - 1].bytes = (uint64_t)l->cap;
    return err;
}

/* How much of the torn segment is not zeros: what is really lost. */
static void count_torn(struct log *l, struct log_found *found)
{
    unsigned char bytes[4096];
    off_t last = l->end;
    for (off_t at = l->end; at < l->cap; at += (off_t)sizeof bytes) {
        size_t n = l->cap - at < (off_t)sizeof bytes ? (size_t)(l->cap - at)
                                                     : sizeof bytes;
        if (disk_read(l->fd, bytes, n, at) != ERR_OK)
            return;
        for (size_t i = 0; i < n; i++)
            if (bytes[i])
                last = at + (off_t)i + 1;
    }
    found->at.bytes = (uint64_t)(last - l->end);
}

static enum err open_tail(struct log *l, struct log_found *found)
{
    char name[SEGMENT_NAME_BYTES];
    struct segment_scan s;
    struct tail tail = {l, l->segment[l->nsegments - 1].first_seq};
    segment_name(tail.first_seq, name);
    l->fd = openat(l->dirfd, name,
                   (l->opt.offline ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (l->fd < 0)
        return ERR_IO;
    l->cap = lseek(l->fd, 0, SEEK_END);
    enum err err = segment_scan(l->fd, l->id, SEGMENT_HEAD_BYTES,
                                tail.first_seq, note_group, &tail, &s);
    if (err == ERR_OK && s.bad)
        err = judge_tail(l, name, &s, found);
    if (err != ERR_OK)
        return err;
    if (s.next_seq == 0) // the genesis itself was being written
        return corrupt(found, name, s.end, 0, "the log has no genesis; if "
                       "nothing was ever stored here, remove the directory");
    l->end = s.end;
    atomic_store(&l->last, s.next_seq - 1);
    l->torn = found->torn;
    if (l->torn)
        count_torn(l, found);
    return ERR_OK;
}

/* ---- open and close ------------------------------------------------------ */

static void dispose(struct log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    for (uint32_t i = 0; i < l->nsegments; i++)
        free(l->segment[i].index);
    free(l->segment);
    free(l->iov);
    free(l->window);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static enum err open_all(struct log *l, const struct event *genesis,
                         struct log_found *found)
{
    enum err err = list_segments(l);
    if (err == ERR_OK && l->nsegments == 0) {
        found->created = true;
        err = create(l, genesis);
    }
    for (uint32_t i = 0; i < l->nsegments && err == ERR_OK; i++)
        err = check_head(l, i, found);
    if (err == ERR_OK)
        err = open_tail(l, found);
    return err;
}

enum err log_begin(struct log *l)
{
    enum err err = ERR_OK;
    bool genesis_only = l->segment[l->nsegments - 1].first_seq == 0;
    if (!genesis_only) // which stays as it is
        err = make_room(l);
    // What a killed process had written is here, but is it on the disk?
    if (err == ERR_OK)
        err = disk_sync(l->fd);
    if (err == ERR_OK)
        atomic_store(&l->durable, log_last(l));
    if (err == ERR_OK && genesis_only)
        err = log_switch(l, 1, 0, false);
    if (err == ERR_OK) {
        l->begun = true;
        (void)log_tend(l);
    }
    return err;
}

enum err log_open(int dirfd, int datafd, const struct log_options *opt,
                  const struct event *genesis, struct log **out,
                  struct log_found *found)
{
    struct log *l = calloc(1, sizeof *l);
    memset(found, 0, sizeof *found);
    if (!l)
        return ERR_NOMEM;
    l->dirfd = dirfd;
    l->datafd = datafd;
    l->opt = *opt;
    l->fd = -1;
    pthread_mutex_init(&l->lock, NULL);
    enum err err = open_all(l, genesis, found);
    if (err == ERR_OK) {
        *out = l;
        return ERR_OK;
    }
    int saved = errno;
    dispose(l);
    errno = saved;
    return err;
}

/* The mark that says of the last group that it is durable. */
static void write_mark(struct log *l)
{
    struct group g = {GROUP_HEAD_BYTES, 0, log_last(l) + 1, log_last(l), l->id};
    unsigned char head[GROUP_HEAD_BYTES];
    group_encode(&g, head);
    if (disk_write(l->fd, head, sizeof head, l->end) != ERR_OK ||
        disk_sync(l->fd) != ERR_OK)
        return; // it is a help, not a need
}

/* What was allocated ahead is given back; the next start takes it again. */
static void give_back(struct log *l)
{
    if (disk_truncate(l->fd, l->end) != ERR_OK ||
        disk_unlink(l->dirfd, LOG_NEXT) != ERR_OK)
        return; // space is wasted, nothing else
}

void log_close(struct log *l)
{
    if (!l)
        return;
    if (l->begun && atomic_load(&l->state) != LOG_FAILED &&
        disk_sync(l->fd) == ERR_OK) {
        give_back(l);
        if (log_last(l) > 0)
            write_mark(l);
    }
    dispose(l);
}
