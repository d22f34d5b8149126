/* snapshot.h -- the model at one seq, as a file.
 *
 * A plain safetensors file that any notebook opens, written while the trainer
 * folds on and the workers serve (core/overlay.h says how).  It shortens a
 * restart: load, then fold what the log has behind its seq.
 *
 * The file, all numbers little endian (U: users, I: items, K: dim, H: entries
 * of the history, N: 8-byte words of struct totals; features as items):
 *
 *   users.vec, items.vec       F32 [U,K]  every column of core/table.h under
 *   users.bias, ...            F32 [U]    its name; uint32_t as I32
 *   users.liked                I32 [U,8]  rows of items + 1, the newest first;
 *                                         0: none (learn/liked.h)
 *   users.seen                 I32 [*,2]  what was done with which item, and
 *                                         when (core/seen_list.h): the row of
 *                                         the item, and day * 65536 + kinds.
 *                                         The first users.nseen[0] are user
 *                                         0's, by rising row and falling day,
 *                                         then come user 1's, ...
 *   users.birth, items.birth   I64 [U]    seq of the event that made the row
 *   users.id_end, items.id_end I64 [U]    where the row's id ends in ...
 *   users.id_bytes, ...        U8  [*]    ... this; an erased row has none
 *   users.card_end, items. ... I64 [U]    where the row's card ends in ...
 *   users.card_bytes, ...      U8  [*]    ... this (core/card.h); or none
 *   history.user, .item        I32 [H]    rows, by place (learn/history.h)
 *   history.inner, .seq        F32, I64 [H]
 *   positives. ...                        the same of the ranking head
 *   mlp.0.weight, mlp.0.bias   F32 [out,in], [out]: each layer of the neural
 *   mlp.1.weight, ...          head, the last one with one unit (rank/mlp.h)
 *   evaluation                 I64 [*]    the reports: learn/quality_save.h;
 *                                         may be missing, is not hashed
 *   totals                     I64 [N]    struct totals of core/table.h, word
 *                                         by word; a double as its bits
 *
 * and in __metadata__ (all of it text): format "freshet-snapshot",
 * format_version, fold_version, seq, events, users, items, mean (on the inner
 * scale), epoch, interim, model_hash (16 hex digits), history.offered,
 * positives.offered, settings (settings_write_both()), log (16 hex digits: the
 * id of the log), created, and crc32c: 8 hex digits, the CRC32C of the whole
 * file with these digits taken as "00000000".
 *
 * Its name is its seq in 20 digits and ".safetensors"; a file of that name is
 * whole.  It is written as "<name>.tmp", synced, renamed, and the directory
 * synced.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_H
#define FRESHET_MODEL_STORE_SNAPSHOT_H

#include <stdbool.h>

#include "model/model.h"

struct trainer;

#define SNAPSHOT_FORMAT         "freshet-snapshot"
#define SNAPSHOT_FORMAT_VERSION 1
#define SNAPSHOT_NAME_MAX       40     /* with its NUL */
#define SNAPSHOT_TENSORS_MAX    64
#define SNAPSHOT_NOTES_MAX      32
#define SNAPSHOT_ERROR_MAX      256
#define SNAPSHOT_HEAD_MAX       (1024 * 1024)

/* What is read from a header, into the caller's arrays. */
struct snapshot_head {
    struct tensor_note *notes;
    size_t max_notes, nnotes;   /* room, and how many were read */
    struct tensor *tensors;
    size_t max_tensors, ntensors;
};

/* The JSON of the header; the server has it from proto/safetensors.h. */
struct snapshot_codec {
    /* The header into dst, at most room bytes.  Returns its length, 0: it does
     * not fit, or no memory. */
    size_t (*write)(char *dst, size_t room, const struct tensor_note *notes,
                    size_t nnotes, const struct tensor *tensors,
                    size_t ntensors);
    /* The n bytes of the header of a file with data_bytes of data; tensors
     * checked to cover them exactly.  False with a message. */
    bool (*parse)(const char *bytes, size_t n, uint64_t data_bytes,
                  struct snapshot_head *out, char error[SNAPSHOT_ERROR_MAX]);
    /* Is it an id that the daemon would take?  (proto/id.h) */
    bool (*id_ok)(const char *s, size_t n);
};

/* ---- writing ----------------------------------------------------------- */

struct snapshot_job {
    struct model *model;
    struct trainer *trainer;    /* NULL: nobody trains; the caller may */
    int slot;                   /* reader slot of the calling thread */
    int dirfd;                  /* where the file goes */
    const struct snapshot_codec *codec;
    const char *created;        /* UTC, for people; at most 63 bytes */
    uint64_t bytes_per_second;  /* 0: as fast as the disk takes it */
    bool (*stop)(void *arg);    /* NULL, or asked every now and then: true to
                                   give up */
    void *stop_arg;
    /* NULL, or called when the file is on the disk and before it gets its
     * name: for what must be durable before the snapshot counts (the log) */
    enum err (*before_name)(void *arg);
    void *before_name_arg;
    uint64_t log_id;            /* of the log whose events it holds */
    uint32_t chunk_rows;        /* 0: as large as is good; tests: small */
};

struct snapshot_result {
    char name[SNAPSHOT_NAME_MAX];
    uint64_t seq;
    uint64_t model_hash;
    uint64_t bytes;             /* of the file */
    uint64_t saved;             /* rows and entries the trainer had to keep, */
    size_t saved_bytes;         /* ... and the memory that took */
    int64_t cut_ns;             /* how long the cut kept the trainer */
    int64_t longest_pin_ns;
    int os_error;               /* errno behind ERR_IO and ERR_NOSPACE */
    const char *failed;         /* what could not be done: a verb and a noun */
};

/* A thread of its own (or, with no trainer, the one that owns the model).  The
 * file is on disk, under its name, when this answers ERR_OK.  Else
 * result->failed says why, and there is no file (or a whole one, when only the
 * directory could not be synced):
 *   ERR_NOSPACE  the disk is full           ERR_IO  the disk failed
 *   ERR_CLOSED   job->stop                  ERR_NOMEM
 *   ERR_FULL     spoiled: something was erased, or the settings changed, while
 *                it was written; or another one is being taken.  Try again
 *   ERR_RANGE    the header does not fit */
enum err snapshot_take(const struct snapshot_job *job,
                       struct snapshot_result *result) MUSTCHECK;

/* The name of the snapshot of seq; the seq of such a name.  Any thread. */
void snapshot_name(uint64_t seq, char name[SNAPSHOT_NAME_MAX]);
bool snapshot_seq_of(const char *name, uint64_t *seq);
/* Is it what an interrupted snapshot left behind?  Any thread. */
bool snapshot_is_leftover(const char *name);

#endif
