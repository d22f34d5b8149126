/* scans.h -- threads for reads that take longer than a request may hold a loop:
 * lists out of large catalogues.
 *
 * DESIGN  Threads with a reader slot each take questions from one bounded list,
 * under one mutex: several at once where more wait than there are threads, which
 * are answered in one scan (rank/recommend.h) and from one copy, that of the model
 * which serves when it begins; who replaces the model waits for those that are on
 * the way (struct serving).  The threads are nicer than the workers and stand back
 * every tenth of a millisecond, so that a small prediction that comes to their core
 * goes first, and is not kept waiting for the time slice of a scan.  An answer goes
 * to its worker's mailbox; a worker whose client has gone meanwhile drops it.
 *
 * A scan pins its copy as long as it takes, and the trainer cannot publish a
 * second time meanwhile (live.h): large lists cost freshness, a scan's length at
 * most.
 */
#ifndef FRESHET_SERVER_SCANS_H
#define FRESHET_SERVER_SCANS_H

#include "proto/limits.h"
#include "server/api/recommend_ask.h"

struct app;
struct scans;

/* A question, and in the end its answer.  Whoever holds it owns it: the worker
 * until scans_submit(), then the threads, then the worker again. */
struct scan {
    struct scan *next;
    int owner;               /* the worker */
    uint64_t tag;            /* its request */
    struct ask ask;          /* points into the next three */
    struct buf body;
    char id[ID_BYTES_MAX];
    char *query;
    struct proto_limits limits;
    /* the answer */
    bool ok;
    bool personal;           /* it is about a user */
    struct buf answer;
    struct fail fail;
};

/* A copy of the question; the body, which may be NULL, is taken over and left
 * empty.  NULL: no memory. */
struct scan *scan_new(const struct ask *ask, struct buf *body);
void scan_free(struct scan *s);

/* Boot only.  n threads, whose reader slots begin at first_slot; at most `room`
 * questions wait. */
enum err scans_new(struct app *app, int n, int first_slot, uint32_t room,
                   struct scans **out) MUSTCHECK;
enum err scans_start(struct scans *s) MUSTCHECK;
/* After the workers have ended: what waits is dropped. */
void scans_stop(struct scans *s);
void scans_free(struct scans *s);

/* Worker only.  Takes the scan; ERR_FULL, ERR_CLOSED: it is still the caller's. */
enum err scans_submit(struct scans *s, struct scan *scan) MUSTCHECK;

#endif
