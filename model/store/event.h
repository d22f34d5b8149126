/* event.h -- the typed events of the log, as bytes and as a struct.
 *
 * Everything that changes the model is one of these, in one order.  The byte
 * form is what a batch carries from the worker to the trainer and what the log
 * will keep, so it has one meaning on every machine:
 *
 *   offset size
 *        0    4  size of this record in bytes, a multiple of 8   little endian
 *        4    1  type (enum event_type)
 *        5    1  zero
 *        6    2  length of the user id
 *        8    2  length of the item id
 *       10    2  zero
 *       12    4  value (binary32)
 *       16    8  time_ms (signed)
 *       24       user id bytes, item id bytes, zero padding to the size
 *
 * Any thread: pure functions of their arguments.
 */
#ifndef FRESHET_MODEL_STORE_EVENT_H
#define FRESHET_MODEL_STORE_EVENT_H

#include "model/types.h"

enum event_type {
    EVENT_RATING = 1
};

#define EVENT_HEAD_BYTES 24
/* The largest record: two ids of the largest size. */
#define EVENT_BYTES_MAX  (EVENT_HEAD_BYTES + 2 * ID_BYTES_MAX)

struct event {
    enum event_type type;
    struct id user;   /* borrowed from the record it was decoded from */
    struct id item;
    float value;
    int64_t time_ms;
};

/* Bytes that event_encode() will write for e. */
size_t event_size(const struct event *e);

/* Writes e to dst, which has room for event_size(e) bytes; returns that. */
size_t event_encode(const struct event *e, void *dst);

/* Reads the record at p (end: one past the last readable byte) into *e, whose
 * ids then point into the record.  Returns where the next record starts, or
 * NULL when the bytes are not a well-formed record. */
const unsigned char *event_decode(const unsigned char *p,
                                  const unsigned char *end, struct event *e)
    MUSTCHECK;

/* Sets the time of the encoded record at p.  For the journal, which stamps
 * events that came without one. */
void event_set_time(unsigned char *p, int64_t time_ms);

#endif
