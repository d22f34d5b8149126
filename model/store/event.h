/* event.h -- the typed events of the log: as a struct, and as the bytes of a
 * frame.
 *
 * Everything that changes the model is one of these, in one order.  The frame
 * is what a batch carries from the worker to the trainer and what the log
 * keeps, so it has one meaning on every machine.  Little endian:
 *
 *   offset size
 *        0    4  CRC32C of the seq (8 bytes) and bytes 4 .. size; the journal
 *                fills it in when it gives the seq
 *        4    2  size of the frame / 8
 *        6    1  type (enum event_type)
 *        7    1  flags (EVENT_HAS_..., EVENT_STAMPED)
 *        8    2  length of the user id
 *       10    2  length of the item id
 *       12    4  value (binary32)
 *       16    8  time_ms (signed)
 *       24    2  EVENT_HAS_ID: length of the event id
 *        .    4  EVENT_HAS_PAYLOAD: length of the payload
 *        .    4  EVENT_HAS_SECOND: second value (binary32)
 *        .       user id, item id, event id, payload; zeros up to the size
 *
 * A new type or flag is a new number, never a new meaning of an old one; a
 * reader refuses what it does not know.
 *
 * Any thread: pure functions of their arguments.
 */
#ifndef FRESHET_MODEL_STORE_EVENT_H
#define FRESHET_MODEL_STORE_EVENT_H

#include <stdbool.h>

#include "model/types.h"

enum event_type {
    EVENT_VOID = 0,     /* erased: its seq is all that is left */
    EVENT_RATING = 1,   /* second: a teacher's rating of the pair */
    EVENT_BEHAVIOUR = 2, /* value: the signed weight of its kind; payload: the
                           kind's name; second: what the client measured */
    EVENT_ITEM_PUT = 3, /* payload: a card (core/card.h), may be empty */
    EVENT_ITEM_DELETE = 4,
    EVENT_USER_PUT = 5, /* payload: a card, may be empty */
    EVENT_ERASE = 6,    /* payload: the birth seq of a user (8 bytes) */
    EVENT_RETRACT = 7,  /* item; payload: the birth seq of the user (8) */
    EVENT_SETTINGS = 8, /* payload: text of learn/settings.h */
    EVENT_GENESIS = 9,  /* the same, as seq 0 */
    EVENT_ROLLBACK = 10, /* payload: S, R (8 bytes each): what the events of
                           (S, R] taught is undone */
    EVENT_VECTOR = 11,  /* user or item; value: its bias; second: its count;
                           payload: learn/vector.h */
    EVENT_TRAIN = 12,   /* payload: core/training.h */
    EVENT_TEACHER = 13, /* value: a teacher's rating of a pair that nobody rated
                           (learn/distill.h) */
    EVENT_LAYER = 14    /* payload: learn/layer.h */
};

/* Which head's vector an EVENT_VECTOR carries. */
enum event_head { EVENT_HEAD_RATING = 0, EVENT_HEAD_RANKING = 1 };

#define EVENT_KIND_BYTES_MAX 32   /* of the name of a behaviour */

#define EVENT_HAS_ID      1u
#define EVENT_HAS_PAYLOAD 2u
#define EVENT_STAMPED     4u  /* came without a time, got that of its arrival */
#define EVENT_HAS_SECOND  8u
#define EVENT_FLAGS       15u /* those that this version knows */

#define EVENT_HEAD_BYTES 24
#define EVENT_BYTES_MAX  (65535 * 8)
#define EVENT_PAYLOAD_MAX (EVENT_BYTES_MAX - EVENT_HEAD_BYTES - 10 -           \
                           3 * ID_BYTES_MAX - 8)

struct event {
    enum event_type type;
    bool stamped;             /* set by the journal, with the time */
    bool has_second;
    float value;
    float second;             /* 0 unless has_second */
    int64_t time_ms;
    /* borrowed from the frame it was decoded from; len 0: none */
    struct id user;
    struct id item;
    struct id event_id;
    const unsigned char *payload;
    uint32_t payload_bytes;
};

/* Bytes of the frame that event_encode() will write for e. */
size_t event_size(const struct event *e);

/* Writes e to dst, which has room for event_size(e) bytes; returns that.  The
 * CRC is left 0. */
size_t event_encode(const struct event *e, void *dst);

/* Reads the frame at p (end: one past the last readable byte) into *e, whose
 * ids then point into the frame.  Returns where the next frame starts, or NULL
 * when the bytes are not a well-formed frame.  Does not look at the CRC. */
const unsigned char *event_decode(const unsigned char *p,
                                  const unsigned char *end, struct event *e)
    MUSTCHECK;

/* The size that the frame at p says it has: 24 .. EVENT_BYTES_MAX, or 0 when it
 * cannot be one or does not end by `end`. */
size_t event_frame_bytes(const unsigned char *p, const unsigned char *end);

/* Sets the time of the frame at p.  For the journal, which stamps events that
 * came without one. */
void event_stamp(unsigned char *p, int64_t time_ms);

/* The frame becomes that of event seq: fills in the CRC. */
void event_seal(unsigned char *p, uint64_t seq);
/* Is the frame at p, whose size is right, that of event seq, unharmed? */
bool event_check(const unsigned char *p, uint64_t seq);

/* Writes a sealed void of `bytes` bytes (a size a frame may have) for seq. */
void event_void(unsigned char *p, size_t bytes, uint64_t seq);

/* Do both say the same thing under the same name?  Times that the journal gave
 * do not count: a client that sends no time sends the same event again. */
bool event_same(const struct event *a, const struct event *b);

/* The 8 bytes of an erase's or a retract's payload. */
uint64_t event_birth(const struct event *e);

/* The two of a rollback's: it undoes what the events of (*after, *to] taught. */
void event_undone(const struct event *e, uint64_t *after, uint64_t *to);

/* Is it an event that teaches, which a rollback can undo, and not one that
 * controls? */
bool event_teaches(enum event_type type);

#endif
