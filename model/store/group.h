/* group.h -- what the log is made of: a head, and the frames of one append.
 *
 *   offset size
 *        0    4  magic: F9 'G' 'R' 'P'; no UTF-8 has the first byte, so no id
 *                and no payload can look like it
 *        4    4  CRC32C of bytes 8 .. 40
 *        8    4  bytes of the whole group, head included
 *       12    4  n: how many frames follow (event.h); 0: a mark, see below
 *       16    8  first_seq: of the first frame; the rest follow without a gap
 *       24    8  durable_seq: the newest event that was on the disk, synced,
 *                when this was written
 *       32    8  id of the log: the group belongs to no other
 *
 * durable_seq is what tells rot from a torn tail.  A group that was being
 * written when the power went may be missing in part, and so may those written
 * after it, in any order; but once it was synced, a later group says so.
 * A mark is a group without frames, written when the log is closed, that says
 * so of the last ones.
 *
 * Any thread, pure.
 */
#ifndef FRESHET_MODEL_STORE_GROUP_H
#define FRESHET_MODEL_STORE_GROUP_H

#include <stdbool.h>

#include "model/types.h"

#define GROUP_HEAD_BYTES 40

struct group {
    uint32_t bytes;
    uint32_t n;
    uint64_t first_seq;
    uint64_t durable_seq;
    uint64_t log_id;
};

void group_encode(const struct group *g, unsigned char head[GROUP_HEAD_BYTES]);

/* False: there is no head of a group of this log at p (40 readable bytes). */
bool group_decode(struct group *g, uint64_t log_id, const unsigned char *p);

/* Looks at the frames of the group whose g->bytes bytes are at p.  g->n when
 * all are sound, else the index of the first that is not; *offset is then where
 * it begins, counted from p. */
uint32_t group_check(const struct group *g, const unsigned char *p,
                     size_t *offset);

#endif
