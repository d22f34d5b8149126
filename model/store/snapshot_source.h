/* snapshot_source.h -- a snapshot's file while it is read: the checked header,
 * and tensors from their front to their end.  For the files that are
 * snapshot_read.h; boot only.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_SOURCE_H
#define FRESHET_MODEL_STORE_SNAPSHOT_SOURCE_H

#include "model/store/snapshot_notes.h"
#include "model/store/snapshot_plan.h"

/* An open file whose header has been checked. */
struct snapshot_source {
    int fd;                     /* -1: not open */
    uint64_t size;              /* of the file */
    uint64_t data;              /* where the data begins */
    unsigned char *head;        /* the `data` bytes before it */
    struct notes notes;
    size_t ntensors;
    struct tensor tensor[SNAPSHOT_TENSORS_MAX];
    struct notes_offered offered; /* from the notes, */
    const char *crc;            /* ... and the digits of the CRC */
    char *error;                /* SNAPSHOT_ERROR_MAX: the caller's */
};

/* Opens and checks the header: form, notes, and that the tensors are those of
 * the format with shapes that fit the notes.  Fills *info.  In any case to be
 * followed by source_release(). */
enum err source_open(struct snapshot_source *s, int dirfd, const char *name,
                     const struct snapshot_codec *codec,
                     struct snapshot_info *info) MUSTCHECK;
void source_release(struct snapshot_source *s);

/* Is the CRC of the file what the header says? */
enum err source_check_crc(struct snapshot_source *s) MUSTCHECK;

/* Says what is wrong with the file.  Returns ERR_CORRUPT. */
enum err source_fail(const struct snapshot_source *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes [from, from + n) of the tensor, which has that many.  ERR_IO, or
 * ERR_CORRUPT when the file has become shorter. */
enum err source_read(const struct snapshot_source *s, const struct tensor *t,
                     uint64_t from, void *out, size_t n) MUSTCHECK;

/* The tensor of that name, or of that column of an entity; it is there. */
const struct tensor *source_find(const struct snapshot_source *s,
                                 const char *name);
const struct tensor *source_find_column(const struct snapshot_source *s,
                                        const char *entity,
                                        const char *column);

/* Reads a tensor through a buffer, from its front. */
struct tensor_reader {
    const struct snapshot_source *source;
    const struct tensor *tensor;
    uint64_t next;              /* byte of the tensor that the buffer ends at */
    size_t at, n;               /* what is left in it: [at, n) */
    char buffer[65536];
};
void tensor_reader_init(struct tensor_reader *r,
                        const struct snapshot_source *s,
                        const struct tensor *t);
/* The next n bytes; the tensor has to have them (asserted). */
enum err tensor_reader_take(struct tensor_reader *r, void *out, size_t n)
    MUSTCHECK;

#endif
