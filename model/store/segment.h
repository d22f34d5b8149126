/* segment.h -- one file of the log, read.
 *
 *   head (64 bytes): "FRESHLOG", u32 version, u32 CRC32C of the head with this
 *                    field 0, u64 first_seq, u64 log_id, zeros
 *   groups (group.h), one behind the other
 *   zeros, as far as the file was allocated ahead
 *
 * The file's name is its first_seq in 20 digits.  Any thread, each with a
 * descriptor of its own.
 */
#ifndef FRESHET_MODEL_STORE_SEGMENT_H
#define FRESHET_MODEL_STORE_SEGMENT_H

#include <sys/types.h>

#include "model/store/group.h"

#define SEGMENT_HEAD_BYTES 64
#define SEGMENT_VERSION    1
#define SEGMENT_NAME_BYTES 25 /* 20 digits, ".seg", NUL */

struct segment_head {
    uint64_t first_seq;
    uint64_t log_id;
    uint32_t version;
};

void segment_name(uint64_t first_seq, char name[SEGMENT_NAME_BYTES]);
/* Is this the name of a segment? */
bool segment_parse_name(const char *name, uint64_t *first_seq);

void segment_head_encode(const struct segment_head *h,
                         unsigned char bytes[SEGMENT_HEAD_BYTES]);
bool segment_head_decode(struct segment_head *h,
                         const unsigned char bytes[SEGMENT_HEAD_BYTES]);

/* Receives each sound group in order: its g->bytes bytes, which lie at offset
 * of the file and are borrowed until it returns.  False stops the scan. */
typedef bool (*segment_visit)(void *arg, const struct group *g,
                              const unsigned char *bytes, off_t offset);

struct segment_scan {
    off_t end;              /* the sound groups end here */
    uint64_t next_seq;      /* ... and this event would be next */
    uint64_t durable_seq;   /* the newest that a sound group says was synced */
    bool stopped;           /* by the visitor */
    bool bad;               /* something else than zeros follows: */
    off_t bad_offset;       /* ... the first frame or head that is not sound */
    uint64_t bad_seq;       /* ... the event it should be */
};

/* Reads groups from offset `from`, where event next_seq is expected, to where
 * they end.  visit may be NULL.  ERR_NOMEM, ERR_IO (errno). */
enum err segment_scan(int fd, uint64_t log_id, off_t from, uint64_t next_seq,
                      segment_visit visit, void *arg,
                      struct segment_scan *out) MUSTCHECK;

/* Looks behind `from` for the head of a group of this log that follows event
 * seq: its place, or -1.  *g is that group.  When `durable` only one that says
 * that seq was synced. */
enum err segment_find(int fd, uint64_t log_id, off_t from, uint64_t seq,
                      bool durable, off_t *where, struct group *g) MUSTCHECK;

#endif
