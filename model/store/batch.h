/* batch.h -- one request's events (or one chunk of a stream) on their way.
 *
 * A worker fills it, the journal gives it its seqs, the trainer folds and
 * frees it.  At each moment exactly one of the three owns it; handing it to a
 * queue hands over ownership.
 */
#ifndef FRESHET_MODEL_STORE_BATCH_H
#define FRESHET_MODEL_STORE_BATCH_H

#include "model/store/event.h"

/* What became of a batch.  ERR_OK: its events are kept.  Otherwise none of them
 * is: ERR_RANGE, an event_id of an all-or-nothing batch was used before for
 * another event; ERR_NOSPACE; ERR_IO, the log failed (they may or may not be
 * found in it after a restart). */
#define ACK_CONFLICTS 4
struct ack {
    int owner;             /* of the batch, with its tag */
    uint64_t tag;
    enum err err;
    uint32_t n;            /* events that were given a seq, */
    uint64_t first_seq;    /* ... from here on without a gap */
    uint32_t duplicates;   /* events that are in the log already, */
    uint64_t duplicate_seq; /* ... the newest of them as this seq */
    uint32_t conflicts;    /* events refused for their event_id, */
    uint32_t conflict[ACK_CONFLICTS]; /* ... the places of the first */
};

struct batch {
    struct batch *next;    /* the queue it stands in */
    /* set by the worker */
    int owner;             /* who wants the ack: an index, or -1 for nobody */
    uint64_t tag;          /* the owner's own mark, handed back with the ack */
    int64_t received_ns;   /* CLOCK_MONOTONIC when its bytes had arrived */
    bool whole;            /* all or nothing: one conflict refuses it */
    bool urgent;           /* may use the space kept for emergencies */
    uint32_t n;            /* events in data */
    /* On the journal's thread when all before it is kept, and with what became
     * of it: for events that need more done than an append (store/erase.h).
     * Such a batch is a group of its own. */
    enum err (*prepare)(void *arg, struct batch *b);
    void (*finished)(void *arg, const struct ack *a);
    void *arg;
    /* set by the journal */
    uint64_t first_seq;    /* seq of data[0]; the rest follow without a gap */
    uint64_t leans_on;     /* the newest event that ack's duplicates and conflicts
                              are with: without it they are neither */
    struct ack ack;
    /* the frames (event.h), back to back */
    size_t bytes;          /* used */
    size_t cap;            /* allocated */
    unsigned char *data;
    bool named;            /* some event has an event_id */
    uint32_t *place;       /* (n) where each event stands in its request */
    uint32_t nplaces;      /* allocated */
};

/* Any thread.  An empty batch with room for `cap` bytes, or NULL. */
struct batch *batch_new(size_t cap);
void batch_free(struct batch *b);

/* Owner only.  Appends e (copied), growing the buffers; place: the index of the
 * element, or of the line, that it comes from. */
enum err batch_add(struct batch *b, const struct event *e, uint32_t place)
    MUSTCHECK;

#endif
