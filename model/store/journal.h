/* journal.h -- the one writer of the log: order, seq, acknowledgement.
 *
 * DESIGN  Workers submit batches to a bounded queue.  The journal's thread
 * takes everything that queued while it was busy (a group), gives each event
 * its seq, acknowledges each batch to its owner and hands the group to the
 * trainer's queue, which is bounded too.  When the trainer falls behind, the
 * journal stops taking, its own queue fills, and journal_submit() says
 * ERR_FULL: the pressure reaches the client, memory does not grow.
 *
 * The durable log (append, read, last, trim) stands between "gives its seq"
 * and "acknowledges": no ack is sent before the group is kept.
 *
 * The one atomic is the newest seq: stored with release after the group's
 * batches are numbered, loaded with acquire, so that whoever learns a seq from
 * journal_last() may go on to wait for it.  Only the journal's thread writes it
 * and reads it back relaxed; an ack needs no order from it, because it travels
 * through a lock.
 */
#ifndef FRESHET_MODEL_STORE_JOURNAL_H
#define FRESHET_MODEL_STORE_JOURNAL_H

#include "model/store/batch.h"

struct journal;
struct queue;

/* Called on the journal's thread; must not block and must not call back. */
struct journal_hooks {
    void *arg;
    /* the batch that owner marked with tag is accepted as
     * first_seq .. first_seq + n - 1 */
    void (*acked)(void *arg, int owner, uint64_t tag, uint64_t first_seq,
                  uint32_t n);
    /* the queue has room again after having been full */
    void (*room)(void *arg);
};

/* Boot only.  `out` is the trainer's queue (borrowed until journal_free);
 * queue_events is the bound on events waiting here; the first event gets
 * seq last_seq + 1.  NULL: out of memory. */
struct journal *journal_new(struct queue *out, uint64_t last_seq,
                            uint32_t queue_events,
                            const struct journal_hooks *hooks);
enum err journal_start(struct journal *j) MUSTCHECK;

/* Any thread.  Takes ownership of b on ERR_OK.  ERR_FULL: no room for b->n
 * events now; the caller keeps b, and hooks.room will be called when there is.
 * A batch larger than the whole queue is accepted when the queue is empty.
 * ERR_CLOSED after journal_stop(). */
enum err journal_submit(struct journal *j, struct batch *b) MUSTCHECK;

/* Any thread.  The seq of the newest acknowledged event, and how many events
 * wait in the queue. */
uint64_t journal_last(const struct journal *j);
uint32_t journal_depth(const struct journal *j);

/* Boot only (teardown).  Refuses new batches, passes on all it has, joins. */
void journal_stop(struct journal *j);
void journal_free(struct journal *j);

#endif
