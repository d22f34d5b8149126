/* segment.c -- see segment.h. */
#include "model/store/segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/disk.h"

#define WINDOW (1024 * 1024)

static const char magic[8] = "FRESHLOG";

void segment_name(uint64_t first_seq, char name[SEGMENT_NAME_BYTES])
{
    snprintf(name, SEGMENT_NAME_BYTES, "%020" PRIu64 ".seg", first_seq);
}

bool segment_parse_name(const char *name, uint64_t *first_seq)
{
    char again[SEGMENT_NAME_BYTES];
    char *end;
    if (strlen(name) != SEGMENT_NAME_BYTES - 1)
        return false;
    *first_seq = strtoull(name, &end, 10);
    segment_name(*first_seq, again);
    return strcmp(name, again) == 0;
}

void segment_head_encode(const struct segment_head *h,
                         unsigned char bytes[SEGMENT_HEAD_BYTES])
{
    memset(bytes, 0, SEGMENT_HEAD_BYTES);
    memcpy(bytes, magic, sizeof magic);
    put_u32(bytes + 8, h->version);
    put_u64(bytes + 16, h->first_seq);
    put_u64(bytes + 24, h->log_id);
    put_u32(bytes + 12, crc32c(0, bytes, SEGMENT_HEAD_BYTES));
}

bool segment_head_decode(struct segment_head *h,
                         const unsigned char bytes[SEGMENT_HEAD_BYTES])
{
    unsigned char copy[SEGMENT_HEAD_BYTES];
    memcpy(copy, bytes, sizeof copy);
    put_u32(copy + 12, 0);
    *h = (struct segment_head){.version = get_u32(bytes + 8),
                               .first_seq = get_u64(bytes + 16),
                               .log_id = get_u64(bytes + 24)};
    return memcmp(bytes, magic, sizeof magic) == 0 &&
           get_u32(bytes + 12) == crc32c(0, copy, sizeof copy);
}

/* ---- a window on the file ----------------------------------------------- */

struct window {
    int fd;
    off_t size;             /* of the file */
    off_t at;               /* of the first byte in bytes */
    size_t n;               /* bytes that are there */
    size_t cap;
    unsigned char *bytes;
};

static enum err window_open(struct window *w, int fd)
{
    struct stat st;
    *w = (struct window){.fd = fd};
    if (fstat(fd, &st) != 0)
        return ERR_IO;
    w->size = st.st_size;
    w->cap = st.st_size < WINDOW ? (size_t)st.st_size + 1 : WINDOW;
    w->bytes = malloc(w->cap);
    return w->bytes ? ERR_OK : ERR_NOMEM;
}

/* Sees to it that bytes [offset, offset + n) are there; *p is where.  NULL: the
 * file ends before. */
static enum err window_need(struct window *w, off_t offset, size_t n,
                            const unsigned char **p)
{
    *p = NULL;
    if ((uint64_t)offset + n > (uint64_t)w->size)
        return ERR_OK;
    if (offset < w->at || (uint64_t)offset + n > (uint64_t)w->at + w->n) {
        if (n > w->cap) {
            unsigned char *more = realloc(w->bytes, n);
            if (!more)
                return ERR_NOMEM;
            w->bytes = more;
            w->cap = n;
        }
        uint64_t left = (uint64_t)(w->size - offset);
        size_t want = left < w->cap ? (size_t)left : w->cap;
        w->at = offset;
        enum err err = disk_read_some(w->fd, w->bytes, want, offset, &w->n);
        if (err != ERR_OK) {
            w->n = 0;
            return err;
        }
        if (w->n < want) // it has shrunk: its room was given back
            w->size = offset + (off_t)w->n;
        if (w->n < n)
            return ERR_OK;
    }
    *p = w->bytes + (offset - w->at);
    return ERR_OK;
}

/* *at: the first byte that is not zero, or the end of the file. */
static enum err skip_zeros(struct window *w, off_t *at)
{
    static const unsigned char zeros[4096];
    while (*at < w->size) {
        size_t n = w->size - *at < (off_t)sizeof zeros
                       ? (size_t)(w->size - *at) : sizeof zeros;
        const unsigned char *p;
        enum err err = window_need(w, *at, n, &p);
        if (err != ERR_OK)
            return err;
        if (!p) // shorter than it was
            continue;
        if (memcmp(p, zeros, n) != 0)
            return ERR_OK;
        *at += (off_t)n;
    }
    return ERR_OK;
}

/* ---- scanning ----------------------------------------------------------- */

static void found_bad(struct segment_scan *s, off_t offset, uint64_t seq)
{
    s->bad = true;
    s->bad_offset = offset;
    s->bad_seq = seq;
}

/* The group at s->end: visited and stepped over, or found bad. */
static enum err one_group(struct window *w, uint64_t log_id,
                          segment_visit visit, void *arg,
                          struct segment_scan *s)
{
    struct group g;
    const unsigned char *p;
    size_t offset;
    enum err err = window_need(w, s->end, GROUP_HEAD_BYTES, &p);
    if (err != ERR_OK)
        return err;
    if (!p || !group_decode(&g, log_id, p) || g.first_seq != s->next_seq) {
        found_bad(s, s->end, s->next_seq);
        return ERR_OK;
    }
    err = window_need(w, s->end, g.bytes, &p);
    if (err != ERR_OK)
        return err;
    if (!p) {
        found_bad(s, s->end, s->next_seq);
        return ERR_OK;
    }
    uint32_t sound = group_check(&g, p, &offset);
    if (sound < g.n || offset != g.bytes) {
        found_bad(s, s->end + (off_t)offset, g.first_seq + sound);
        return ERR_OK;
    }
    if (visit && !visit(arg, &g, p, s->end)) {
        s->stopped = true;
        return ERR_OK;
    }
    s->end += g.bytes;
    s->next_seq += g.n;
    if (g.durable_seq > s->durable_seq)
        s->durable_seq = g.durable_seq;
    return ERR_OK;
}

enum err segment_scan(int fd, uint64_t log_id, off_t from, uint64_t next_seq,
                      segment_visit visit, void *arg,
                      struct segment_scan *out)
{
    struct window w;
    *out = (struct segment_scan){.end = from, .next_seq = next_seq};
    enum err err = window_open(&w, fd);
    while (err == ERR_OK && !out->bad && !out->stopped) {
        off_t at = out->end;
        const unsigned char *p;
        static const unsigned char none[GROUP_HEAD_BYTES];
        err = window_need(&w, at, GROUP_HEAD_BYTES, &p);
        if (err == ERR_OK && (!p || memcmp(p, none, sizeof none) == 0)) {
            err = skip_zeros(&w, &at);
            if (err == ERR_OK && at < w.size)
                found_bad(out, out->end, out->next_seq);
            break;
        }
        if (err == ERR_OK)
            err = one_group(&w, log_id, visit, arg, out);
    }
    free(w.bytes);
    return err;
}

enum err segment_find(int fd, uint64_t log_id, off_t from, uint64_t seq,
                      bool durable, off_t *where, struct group *g)
{
    struct window w;
    *where = -1;
    enum err err = window_open(&w, fd);
    for (off_t at = (from + 7) / 8 * 8; err == ERR_OK; at += 8) {
        const unsigned char *p;
        err = window_need(&w, at, GROUP_HEAD_BYTES, &p);
        if (err != ERR_OK || !p)
            break;
        if (group_decode(g, log_id, p) && g->first_seq > seq &&
            (!durable || g->durable_seq >= seq)) {
            *where = at;
            break;
        }
    }
    free(w.bytes);
    return err;
}
