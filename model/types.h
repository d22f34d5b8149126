/* types.h -- plain data that every folder may see.
 *
 * model/ speaks in these, proto/ turns bytes into them and back, server/
 * carries them.  Nothing here allocates, locks or knows a thread.
 */
#ifndef FRESHET_MODEL_TYPES_H
#define FRESHET_MODEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUSTCHECK __attribute__((warn_unused_result))

/* What a model call can answer.  0 is success. */
enum err {
    ERR_OK = 0,
    ERR_NOMEM,   /* the system gave no memory */
    ERR_FULL,    /* a bounded queue or table is full: try again, or refuse */
    ERR_CLOSED,  /* the daemon is shutting down */
    ERR_RANGE,   /* an argument outside its documented range */
    ERR_IO,      /* a thread, file or descriptor could not be made, or the
                    disk failed */
    ERR_NOSPACE, /* the disk is full */
    ERR_CORRUPT  /* what was read back is not what was written */
};

/* Bytes of an external id: 1..ID_BYTES_MAX bytes of valid UTF-8 without
 * control characters.  Borrowed: whoever owns the bytes says how long. */
#define ID_BYTES_MAX 256
struct id {
    const char *s;
    uint32_t len;
};

/* Several of them, borrowed likewise. */
struct id_list {
    const struct id *id;     /* (n) */
    uint32_t n;
};

/* Time of an event: milliseconds since 1970-01-01T00:00:00Z.  TIME_UNSET in a
 * request means "now"; the journal replaces it, so the fold never sees it. */
#define TIME_UNSET INT64_MIN

/* One explicit rating, in the units of model.rating_min..rating_max. */
struct rating {
    struct id user;
    struct id item;
    float value;
    int64_t time_ms;
    struct id event_id;   /* the client's own name of the event; len 0: none */
    bool has_teacher;
    float teacher;        /* what a larger model says of the pair */
    bool unrated;         /* and nobody else has: there is no value */
};

/* A row number that stands for "no such user / item". */
#define ROW_NONE UINT32_MAX

/* One tensor of a safetensors file: a snapshot of ours, which has none of the
 * half-width types, or another program's model.  Data lies at begin .. end of
 * the file's data part, row-major, little endian. */
enum tensor_type { TENSOR_U8, TENSOR_I32, TENSOR_I64, TENSOR_F32, TENSOR_F64,
                   TENSOR_F16, TENSOR_BF16, TENSOR_TYPES };
#define TENSOR_NAME_MAX 128
#define TENSOR_DIMS_MAX 4
struct tensor {
    char name[TENSOR_NAME_MAX];   /* NUL-terminated */
    enum tensor_type type;
    uint32_t ndim;                /* 0: a scalar */
    uint64_t shape[TENSOR_DIMS_MAX];
    uint64_t begin;               /* bytes, from the start of the data */
    uint64_t end;
};

/* An entry of the file's __metadata__: text under a name. */
#define TENSOR_NOTE_MAX 8192
struct tensor_note {
    char name[TENSOR_NAME_MAX];
    char text[TENSOR_NOTE_MAX];
};

/* An item and the score it was ranked by. */
struct scored {
    uint32_t row;
    float score;
};

#endif
