/* snapshot_notes.h -- what a snapshot says of itself in __metadata__, both
 * ways.  For the files that write and read it.  Any thread, pure.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_NOTES_H
#define FRESHET_MODEL_STORE_SNAPSHOT_NOTES_H

#include "model/store/snapshot_read.h"

/* The file's CRC32C is taken as if its digits were these. */
#define NOTES_NO_CRC    "00000000"
#define NOTES_CRC_CHARS 8

struct notes {
    size_t n;
    struct tensor_note note[SNAPSHOT_NOTES_MAX];
};

/* How many events were offered to each history (learn/history.h). */
struct notes_offered {
    uint64_t history, positives;
};

/* What is known before the file is whole: of the cut, its hash, the text of
 * the job; the CRC is NOTES_NO_CRC. */
void notes_of_cut(struct notes *out, const struct model_cut *cut,
                  uint64_t model_hash, const struct snapshot_job *job);
void notes_set_crc(struct notes *notes, uint32_t crc);

/* What the notes say: all of info but `bytes`, `history` and
 * `positives`, and the CRC's
 * digits.  False with a message: one is missing, or is not what it should be,
 * or another format or version of the fold wrote the file. */
bool notes_read(const struct notes *notes, struct snapshot_info *info,
                struct notes_offered *offered, const char **crc,
                char error[SNAPSHOT_ERROR_MAX]);

#endif
