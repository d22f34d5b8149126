/* tensor_file.c -- see tensor_file.h. */
#include "server/cli/tensor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/bytes.h"
#include "proto/safetensors.h"

#define HEAD_BYTES 8u
#define CHUNK      65536u   /* bytes; a multiple of every number's size */

static const struct {
    const char *name;
    unsigned bytes;
} types[TENSOR_TYPES] = {
    [TENSOR_U8] = {"U8", 1},   [TENSOR_I32] = {"I32", 4},
    [TENSOR_I64] = {"I64", 8}, [TENSOR_F32] = {"F32", 4},
    [TENSOR_F64] = {"F64", 8}, [TENSOR_F16] = {"F16", 2},
    [TENSOR_BF16] = {"BF16", 2}};

struct tensor_file {
    int fd;
    const char *path;       /* borrowed */
    uint64_t data;          /* where it begins */
    struct safetensors head;
    struct tensor_note notes[TENSOR_FILE_NOTES];
    struct tensor tensors[TENSOR_FILE_TENSORS];
};

/* ---- the header ---------------------------------------------------------- */

static bool read_at(struct tensor_file *f, void *to, size_t n, uint64_t at,
                    char error[TENSOR_FILE_ERROR])
{
    char *p = to;
    while (n) {
        ssize_t got = pread(f->fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            snprintf(error, TENSOR_FILE_ERROR, "%.200s: %s", f->path,
                     got ? strerror(errno) : "it ends too soon");
            return false;
        }
        p += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

static bool read_head(struct tensor_file *f, char error[TENSOR_FILE_ERROR])
{
    unsigned char first[HEAD_BYTES];
    struct stat st;
    struct fail fail;
    if (fstat(f->fd, &st) || !S_ISREG(st.st_mode) ||
        st.st_size < (off_t)HEAD_BYTES) {
        snprintf(error, TENSOR_FILE_ERROR, "%.200s is no safetensors file",
                 f->path);
        return false;
    }
    uint64_t size = (uint64_t)st.st_size;
    if (!read_at(f, first, sizeof first, 0, error))
        return false;
    uint64_t n = get_u64(first);
    if (n > SAFETENSORS_HEADER_MAX || n > size - HEAD_BYTES) {
        snprintf(error, TENSOR_FILE_ERROR, "%.200s is no safetensors file: its "
                 "header would have %llu bytes", f->path,
                 (unsigned long long)n);
        return false;
    }
    char *json = malloc(n + 1);
    if (!json)
        snprintf(error, TENSOR_FILE_ERROR, "out of memory");
    bool ok = json && read_at(f, json, n, HEAD_BYTES, error);
    f->data = HEAD_BYTES + n;
    if (ok && !safetensors_parse(json, n, size - f->data, &f->head, &fail)) {
        snprintf(error, TENSOR_FILE_ERROR, "%.200s: %s", f->path,
                 fail.message);
        ok = false;
    }
    free(json);
    return ok;
}

struct tensor_file *tensor_file_open(const char *path,
                                     char error[TENSOR_FILE_ERROR])
{
    struct tensor_file *f = calloc(1, sizeof *f);
    if (!f) {
        snprintf(error, TENSOR_FILE_ERROR, "out of memory");
        return NULL;
    }
    f->path = path;
    f->head = (struct safetensors){.notes = f->notes,
                                   .max_notes = TENSOR_FILE_NOTES,
                                   .lax_notes = true,
                                   .tensors = f->tensors,
                                   .max_tensors = TENSOR_FILE_TENSORS};
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        snprintf(error, TENSOR_FILE_ERROR, "%.200s: %s", path,
                 strerror(errno));
    if (f->fd >= 0 && read_head(f, error))
        return f;
    tensor_file_close(f);
    return NULL;
}

void tensor_file_close(struct tensor_file *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);
    free(f);
}

const struct tensor *tensor_file_find(const struct tensor_file *f,
                                      const char *name)
{
    for (size_t i = 0; i < f->head.ntensors; i++)
        if (strcmp(f->tensors[i].name, name) == 0)
            return &f->tensors[i];
    return NULL;
}

const char *tensor_file_note(const struct tensor_file *f, const char *name)
{
    for (size_t i = 0; i < f->head.nnotes; i++)
        if (strcmp(f->notes[i].name, name) == 0)
            return f->notes[i].text;
    return NULL;
}

/* ---- numbers ------------------------------------------------------------- */

uint64_t tensor_file_size(const struct tensor *t)
{
    return (t->end - t->begin) / types[t->type].bytes;
}

/* binary16: 1 sign, 5 exponent, 10 fraction bits. */
static float from_half(uint16_t h)
{
    unsigned exponent = h >> 10 & 0x1f, fraction = h & 0x3ff;
    float v = exponent == 0
                  ? ldexpf((float)fraction, -24)
                  : ldexpf((float)(fraction | 0x400), (int)exponent - 25);
    if (exponent == 0x1f)
        v = fraction ? NAN : INFINITY;
    return h & 0x8000 ? -v : v;
}

static float from_u32(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static float one_float(enum tensor_type type, const unsigned char *p)
{
    uint64_t bits = type == TENSOR_F64 ? get_u64(p) : 0;
    double d;
    memcpy(&d, &bits, sizeof d);
    switch (type) {
    case TENSOR_F64:
        return (float)d;
    case TENSOR_F32:
        return get_f32(p);
    case TENSOR_F16:
        return from_half(get_u16(p));
    case TENSOR_BF16:
        return from_u32((uint32_t)get_u16(p) << 16);
    default:
        return NAN;
    }
}

static int64_t one_whole(enum tensor_type type, const unsigned char *p)
{
    switch (type) {
    case TENSOR_I64:
        return (int64_t)get_u64(p);
    case TENSOR_I32:
        return (int32_t)get_u32(p);
    default:
        return *p;
    }
}

/* Gives the next n numbers at p to arg, from number i on.  False: one of them
 * cannot be. */
typedef bool (*take_numbers)(void *arg, enum tensor_type type, uint64_t i,
                             const unsigned char *p, uint64_t n);

static bool take_floats(void *arg, enum tensor_type type, uint64_t i,
                        const unsigned char *p, uint64_t n)
{
    float *out = arg;
    bool sound = true;
    for (uint64_t k = 0; k < n; k++) {
        out[i + k] = one_float(type, p + k * types[type].bytes);
        sound = sound && isfinite(out[i + k]);
    }
    return sound;
}

static bool take_wholes(void *arg, enum tensor_type type, uint64_t i,
                        const unsigned char *p, uint64_t n)
{
    int64_t *out = arg;
    for (uint64_t k = 0; k < n; k++)
        out[i + k] = one_whole(type, p + k * types[type].bytes);
    return true;
}

static bool take_bytes(void *arg, enum tensor_type type, uint64_t i,
                       const unsigned char *p, uint64_t n)
{
    (void)type;
    memcpy((char *)arg + i, p, n);
    return true;
}

/* All of t through `take` into memory for elements of `size` bytes. */
static void *load(struct tensor_file *f, const struct tensor *t, size_t size,
                  take_numbers take, char error[TENSOR_FILE_ERROR])
{
    unsigned char chunk[CHUNK];
    unsigned bytes = types[t->type].bytes;
    char *out = calloc(tensor_file_size(t) + 1, size);
    bool ok = out != NULL;
    if (!ok)
        snprintf(error, TENSOR_FILE_ERROR, "out of memory");
    for (uint64_t at = t->begin; ok && at < t->end;) {
        uint64_t n = t->end - at < CHUNK ? t->end - at : CHUNK;
        ok = read_at(f, chunk, n, f->data + at, error);
        if (ok && !take(out, t->type, (at - t->begin) / bytes, chunk,
                        n / bytes)) {
            snprintf(error, TENSOR_FILE_ERROR, "%.200s: tensor \"%s\" has a "
                     "number that is not finite as a binary32", f->path,
                     t->name);
            ok = false;
        }
        at += n;
    }
    if (ok)
        return out;
    free(out);
    return NULL;
}

static bool is_type(const struct tensor_file *f, const struct tensor *t,
                    bool right, const char *which,
                    char error[TENSOR_FILE_ERROR])
{
    if (!right)
        snprintf(error, TENSOR_FILE_ERROR, "%.200s: tensor \"%s\" is %s, not "
                 "%s", f->path, t->name, types[t->type].name, which);
    return right;
}

float *tensor_file_floats(struct tensor_file *f, const struct tensor *t,
                          char error[TENSOR_FILE_ERROR])
{
    bool right = t->type == TENSOR_F64 || t->type == TENSOR_F32 ||
                 t->type == TENSOR_F16 || t->type == TENSOR_BF16;
    return is_type(f, t, right, "F64, F32, F16 or BF16", error)
               ? load(f, t, sizeof(float), take_floats, error)
               : NULL;
}

int64_t *tensor_file_wholes(struct tensor_file *f, const struct tensor *t,
                            char error[TENSOR_FILE_ERROR])
{
    bool right = t->type == TENSOR_I64 || t->type == TENSOR_I32 ||
                 t->type == TENSOR_U8;
    return is_type(f, t, right, "I64, I32 or U8", error)
               ? load(f, t, sizeof(int64_t), take_wholes, error)
               : NULL;
}

char *tensor_file_bytes(struct tensor_file *f, const struct tensor *t,
                        char error[TENSOR_FILE_ERROR])
{
    return is_type(f, t, t->type == TENSOR_U8, "U8", error)
               ? load(f, t, 1, take_bytes, error)
               : NULL;
}
