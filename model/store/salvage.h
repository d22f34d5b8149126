/* salvage.h -- making a damaged log readable again, losing as little as can be.
 *
 * For `freshet check-log --salvage`, on a log that nobody has open.  What cannot
 * be read becomes voids, which keep their seqs, so that every other event stays
 * the event it was.  Nothing is cut off and nothing moves.
 */
#ifndef FRESHET_MODEL_STORE_SALVAGE_H
#define FRESHET_MODEL_STORE_SALVAGE_H

#include "model/store/log.h"

struct salvaged {
    uint64_t first_seq, last_seq;  /* lost; last < first: none, a head was mended */
};

/* Mends the one place that log_open() or log_read() found, in the segments of
 * dirfd.  ERR_RANGE: it cannot be mended (what is left there cannot be told
 * apart); ERR_IO, ERR_NOMEM. */
enum err salvage_place(int dirfd, uint64_t log_id, const struct log_place *at,
                       struct salvaged *lost) MUSTCHECK;

/* The id of the log, from whatever segment still says it.  ERR_RANGE: none. */
enum err salvage_log_id(int dirfd, uint64_t *id) MUSTCHECK;

#endif
