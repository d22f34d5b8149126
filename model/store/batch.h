/* batch.h -- one request's events (or one chunk of a stream) on their way.
 *
 * A worker fills it, the journal gives it its seqs, the trainer folds and
 * frees it.  At each moment exactly one of the three owns it; handing it to a
 * queue hands over ownership.
 */
#ifndef FRESHET_MODEL_STORE_BATCH_H
#define FRESHET_MODEL_STORE_BATCH_H

#include "model/store/event.h"

struct batch {
    struct batch *next;    /* the queue it stands in */
    /* set by the worker */
    int owner;             /* who wants the ack: an index, or -1 for nobody */
    uint64_t tag;          /* the owner's own mark, handed back with the ack */
    int64_t received_ns;   /* CLOCK_MONOTONIC when its bytes had arrived */
    uint32_t n;            /* events in data */
    /* set by the journal */
    uint64_t first_seq;    /* seq of data[0]; the rest follow without a gap */
    /* the encoded events (event.h), back to back */
    size_t bytes;          /* used */
    size_t cap;            /* allocated */
    unsigned char *data;
};

/* Any thread.  An empty batch with room for `cap` bytes, or NULL. */
struct batch *batch_new(size_t cap);
void batch_free(struct batch *b);

/* Owner only.  Appends e (copied), growing the buffer. */
enum err batch_add(struct batch *b, const struct event *e) MUSTCHECK;

#endif
