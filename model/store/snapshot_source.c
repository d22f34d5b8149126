/* snapshot_source.c -- see snapshot_source.h. */
#include "model/store/snapshot_source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/disk.h"

#define PIECE (1u << 20)

enum err source_fail(const struct snapshot_source *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->error, SNAPSHOT_ERROR_MAX, format, args);
    va_end(args);
    return ERR_CORRUPT;
}

/* Bytes of the file that its size says are there. */
static enum err read_at(const struct snapshot_source *s, uint64_t at, void *out,
                        size_t n)
{
    enum err err = disk_read(s->fd, out, n, (off_t)at);
    if (err == ERR_RANGE)
        return source_fail(s, "the file became shorter while it was read");
    if (err != ERR_OK)
        source_fail(s, "byte %" PRIu64 ": cannot be read", at);
    return err;
}

/* ---- opening ----------------------------------------------------------- */

static enum err open_file(struct snapshot_source *s, int dirfd,
                          const char *name)
{
    struct stat st;
    s->fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (s->fd < 0 || fstat(s->fd, &st) != 0) {
        source_fail(s, "cannot be opened");
        return ERR_IO;
    }
    if (!S_ISREG(st.st_mode))
        return source_fail(s, "not a file");
    s->size = (uint64_t)st.st_size;
    return ERR_OK;
}

/* The header's bytes into s->head. */
static enum err read_head(struct snapshot_source *s)
{
    unsigned char length[8];
    if (s->size < sizeof length)
        return source_fail(s, "%" PRIu64 " bytes are no file", s->size);
    enum err err = read_at(s, 0, length, sizeof length);
    if (err != ERR_OK)
        return err;
    uint64_t n = get_u64(length);
    if (n > SNAPSHOT_HEAD_MAX || n > s->size - sizeof length)
        return source_fail(s, "a header of %" PRIu64 " bytes in a file of "
                           "%" PRIu64, n, s->size);
    s->data = sizeof length + n;
    s->head = malloc(s->data);
    if (!s->head)
        return ERR_NOMEM;
    return read_at(s, 0, s->head, s->data);
}

static bool same_shape(const struct tensor *a, const struct tensor *b,
                       bool open)
{
    if (a->type != b->type || a->ndim != b->ndim)
        return false;
    for (uint32_t i = open; i < a->ndim; i++) // how many rows is open
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

/* The elements of a tensor that only the file knows.  False: it is missing, or
 * larger. */
static bool length_of(const struct snapshot_source *s, const char *name,
                      uint64_t most, uint64_t *out)
{
    const struct tensor *t = source_find(s, name);
    bool ok = t && t->ndim == 1 && t->shape[0] <= most;
    if (ok)
        *out = t->shape[0];
    else
        source_fail(s, "tensor \"%s\" is missing or too large", name);
    return ok;
}

/* Are the tensors those that a snapshot with these notes has? */
static enum err check_tensors(const struct snapshot_source *s, struct plan *p,
                              const struct snapshot_info *info)
{
    uint64_t history, positives, users, items;
    if (!length_of(s, "history.seq", UINT32_MAX - 1, &history) ||
        !length_of(s, "positives.seq", UINT32_MAX - 1, &positives) ||
        !length_of(s, "users.card_bytes", s->size, &users) ||
        !length_of(s, "items.card_bytes", s->size, &items))
        return ERR_CORRUPT;
    *p = (struct plan){.dims = {info->settings.dim, info->settings.rdim},
                       .users = info->users, .items = info->items,
                       .features = info->features,
                       .history = (uint32_t)history,
                       .positives = (uint32_t)positives,
                       .user_card_bytes = users, .item_card_bytes = items};
    const struct tensor *evaluation = source_find(s, "evaluation");
    if (evaluation && evaluation->ndim == 1)
        p->evaluation = evaluation->shape[0];
    uint32_t hidden[MLP_HIDDEN_MAX];
    settings_hidden(&info->settings, hidden);
    if (!mlp_hidden_ok(hidden))
        return source_fail(s, "note \"settings\": no such hidden layers");
    mlp_shape_make(&p->mlp, p->dims.rating, hidden, 0);
    plan_make(p);
    for (size_t i = 0; i < p->n; i++) {
        const struct tensor *t = source_find(s, p->tensor[i].name);
        if (!t)
            return source_fail(s, "tensor \"%s\" is missing",
                               p->tensor[i].name);
        if (!same_shape(t, &p->tensor[i], p->open[i]))
            return source_fail(s, "tensor \"%s\" has another type or shape",
                               t->name);
    }
    if (s->ntensors != p->n)
        return source_fail(s, "%zu tensors, not %zu", s->ntensors, p->n);
    return ERR_OK;
}

static enum err check_head(struct snapshot_source *s,
                           const struct snapshot_codec *codec,
                           struct snapshot_info *info)
{
    struct snapshot_head head = {.notes = s->notes.note,
                                 .max_notes = SNAPSHOT_NOTES_MAX,
                                 .tensors = s->tensor,
                                 .max_tensors = SNAPSHOT_TENSORS_MAX};
    if (!codec->parse((const char *)s->head + 8, s->data - 8,
                      s->size - s->data, &head, s->error))
        return ERR_CORRUPT;
    s->notes.n = head.nnotes;
    s->ntensors = head.ntensors;
    if (!notes_read(&s->notes, info, &s->offered, &s->crc, s->error))
        return ERR_CORRUPT;
    struct plan *plan = malloc(sizeof *plan);
    if (!plan)
        return ERR_NOMEM;
    enum err err = check_tensors(s, plan, info);
    info->history = plan->history;
    info->positives = plan->positives;
    info->bytes = s->size;
    free(plan);
    return err;
}

enum err source_open(struct snapshot_source *s, int dirfd, const char *name,
                     const struct snapshot_codec *codec,
                     struct snapshot_info *info)
{
    enum err err = open_file(s, dirfd, name);
    if (err == ERR_OK)
        err = read_head(s);
    if (err == ERR_OK)
        err = check_head(s, codec, info);
    if (err == ERR_NOMEM)
        source_fail(s, "no memory");
    return err;
}

void source_release(struct snapshot_source *s)
{
    int saved = errno;
    if (s->fd >= 0)
        close(s->fd);
    free(s->head);
    s->fd = -1;
    s->head = NULL;
    errno = saved;
}

/* ---- the CRC ----------------------------------------------------------- */

/* That of the header, with its own digits taken as NOTES_NO_CRC: they are the
 * first that equal it behind the note's name. */
static bool crc_of_head(struct snapshot_source *s, uint32_t *crc)
{
    static const char name[] = "\"crc32c\"";
    const unsigned char *end = s->head + s->data;
    unsigned char *at = memmem(s->head, s->data, name, strlen(name));
    if (at) {
        at += strlen(name);
        at = memmem(at, (size_t)(end - at), s->crc, NOTES_CRC_CHARS);
    }
    if (!at)
        return false;
    memcpy(at, NOTES_NO_CRC, NOTES_CRC_CHARS);
    *crc = crc32c(0, s->head, s->data);
    memcpy(at, s->crc, NOTES_CRC_CHARS);
    return true;
}

enum err source_check_crc(struct snapshot_source *s)
{
    uint32_t crc = 0;
    char digits[NOTES_CRC_CHARS + 1];
    char *piece = malloc(PIECE);
    enum err err = piece ? ERR_OK : ERR_NOMEM;
    if (err == ERR_OK && !crc_of_head(s, &crc))
        err = source_fail(s, "note \"crc32c\" cannot be told apart");
    posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL); // advice
    for (uint64_t at = s->data; at < s->size && err == ERR_OK;) {
        size_t n = s->size - at < PIECE ? (size_t)(s->size - at) : PIECE;
        err = read_at(s, at, piece, n);
        if (err == ERR_OK)
            crc = crc32c(crc, piece, n);
        at += n;
    }
    free(piece);
    snprintf(digits, sizeof digits, "%08" PRIx32, crc);
    if (err == ERR_OK && !DISK_MUTANT("no_crc") &&
        strcmp(digits, s->crc) != 0)
        err = source_fail(s, "CRC32C is %s, not %s: the file is damaged",
                          digits, s->crc);
    return err;
}

/* ---- tensors ----------------------------------------------------------- */

const struct tensor *source_find(const struct snapshot_source *s,
                                 const char *name)
{
    for (size_t i = 0; i < s->ntensors; i++)
        if (strcmp(s->tensor[i].name, name) == 0)
            return &s->tensor[i];
    return NULL;
}

const struct tensor *source_find_column(const struct snapshot_source *s,
                                        const char *entity, const char *column)
{
    char name[TENSOR_NAME_MAX];
    snprintf(name, sizeof name, "%s.%s", entity, column);
    return source_find(s, name);
}

enum err source_read(const struct snapshot_source *s, const struct tensor *t,
                     uint64_t from, void *out, size_t n)
{
    assert(n <= t->end - t->begin && from <= t->end - t->begin - n);
    return read_at(s, s->data + t->begin + from, out, n);
}

void tensor_reader_init(struct tensor_reader *r,
                        const struct snapshot_source *s,
                        const struct tensor *t)
{
    r->source = s;
    r->tensor = t;
    r->next = 0;
    r->at = r->n = 0;
}

enum err tensor_reader_take(struct tensor_reader *r, void *out, size_t n)
{
    char *to = out;
    while (n) {
        if (r->at == r->n) {
            uint64_t left = r->tensor->end - r->tensor->begin - r->next;
            r->at = 0;
            r->n = left < sizeof r->buffer ? (size_t)left : sizeof r->buffer;
            assert(r->n > 0);
            enum err err = source_read(r->source, r->tensor, r->next, r->buffer,
                                       r->n);
            if (err != ERR_OK)
                return err;
            r->next += r->n;
        }
        size_t now = n < r->n - r->at ? n : r->n - r->at;
        memcpy(to, r->buffer + r->at, now);
        r->at += now;
        to += now;
        n -= now;
    }
    return ERR_OK;
}
