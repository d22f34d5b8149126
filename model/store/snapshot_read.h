/* snapshot_read.h -- a snapshot (snapshot.h) back into a model.  Boot only.
 *
 * The file is taken as hostile: nothing in it is believed before it is checked,
 * and nothing is allocated by a number that is larger than the file.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_READ_H
#define FRESHET_MODEL_STORE_SNAPSHOT_READ_H

#include "model/store/snapshot.h"

struct snapshot_info {
    uint64_t seq;
    uint64_t events;
    uint64_t epoch, interim;
    uint32_t users, items, features, history, positives;
    uint32_t fold_version;
    uint64_t model_hash;
    uint64_t log_id;
    uint64_t bytes;             /* of the file */
    char created[64];
    struct settings settings;   /* of the fold at seq, */
    struct settings configured; /* ... and as they were configured */
};

/* The header only: what the file says of itself.  ERR_CORRUPT with a message:
 * it is no snapshot, or of another format or version of the fold. */
enum err snapshot_peek(int dirfd, const char *name,
                       const struct snapshot_codec *codec,
                       struct snapshot_info *info,
                       char error[SNAPSHOT_ERROR_MAX]) MUSTCHECK;

/* All of it into m, fresh from model_new() with settings that differ from the
 * file's only where they may (settings.h); m takes the file's.  ERR_OK: m is
 * the model that was saved, to the bit (its hash was computed anew and
 * compared), published.  Otherwise m is good for model_free() only:
 *   ERR_CORRUPT  a check failed; the message says which and where
 *   ERR_RANGE    sound, but not for this m: other settings, too few rows
 *   ERR_NOMEM, ERR_IO (errno) */
enum err snapshot_read(int dirfd, const char *name,
                       const struct snapshot_codec *codec, struct model *m,
                       struct snapshot_info *info,
                       char error[SNAPSHOT_ERROR_MAX]) MUSTCHECK;

#endif
