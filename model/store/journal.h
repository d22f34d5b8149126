/* journal.h -- the one writer of the log: order, seq, acknowledgement.
 *
 * DESIGN  Workers submit batches to a bounded queue.  The journal's thread
 * takes everything that queued while it was busy (a group), leaves out events
 * whose event_id is known (dedupe.h), gives each of the rest its seq, appends
 * the group to the log and syncs it, acknowledges each batch to its owner and
 * hands the group to the trainer's queue, which is bounded too.  When the
 * trainer falls behind, the journal stops taking, its own queue fills, and
 * journal_submit() says ERR_FULL: the pressure reaches the client, memory does
 * not grow.  No ack is sent before the group is kept, and nothing reaches the
 * trainer that is not.
 *
 * A batch with `prepare` (an erasure) is a group of its own.
 *
 * While the trainer is paused nothing leaves its queue.  So that no batch is
 * taken that could not be acknowledged before the pause ends, journal_submit()
 * says ERR_FULL when that queue and this one hold all that it has room for; what
 * is in hand just then makes it longer by a group at most.
 *
 * One atomic is the pause, a switch that orders nothing: relaxed.  The other is
 * the newest seq: stored with release after the group is kept
 * and before its acks, loaded with acquire, so that whoever learns a seq from
 * journal_last() may go on to wait for it.  Only the journal's thread writes it
 * and reads it back relaxed; an ack needs no order from it, because it travels
 * through a lock.
 */
#ifndef FRESHET_MODEL_STORE_JOURNAL_H
#define FRESHET_MODEL_STORE_JOURNAL_H

#include "model/store/batch.h"
#include "model/store/dedupe.h"
#include "model/store/log.h"

struct journal;
struct queue;

/* Called on the journal's thread; must not block and must not call back. */
struct journal_hooks {
    void *arg;
    /* what became of a batch that has an owner */
    void (*acked)(void *arg, const struct ack *a);
    /* the queue has room again after having been full */
    void (*room)(void *arg);
    /* the log is in another state than before; error: errno of the reason */
    void (*storage)(void *arg, enum log_state state, int error);
};

/* Boot only.  `out` is the trainer's queue, `log` and `dedupe` what recovery
 * left (borrowed until journal_free).  log NULL: events are kept in memory
 * only.  queue_events is the bound on events waiting here; the first event gets
 * seq last_seq + 1.  NULL: out of memory. */
struct journal *journal_new(struct queue *out, struct log *log,
                            struct dedupe *dedupe, uint64_t last_seq,
                            uint32_t queue_events,
                            const struct journal_hooks *hooks);
enum err journal_start(struct journal *j) MUSTCHECK;

/* Any thread.  Takes ownership of b on ERR_OK.  ERR_FULL: no room for b->n
 * events now; the caller keeps b, and hooks.room will be called when there is.
 * A batch larger than the whole queue is accepted when the queue is empty.
 * ERR_CLOSED after journal_stop(). */
enum err journal_submit(struct journal *j, struct batch *b) MUSTCHECK;
/* As above, but waits for room.  Not for a worker. */
enum err journal_submit_wait(struct journal *j, struct batch *b) MUSTCHECK;

/* Any thread.  The trainer is paused from now on, or not any more. */
void journal_pause(struct journal *j, bool on);

/* Any thread.  The seq of the newest acknowledged event, and how many events
 * wait in the queue. */
uint64_t journal_last(const struct journal *j);
uint32_t journal_depth(const struct journal *j);

/* Boot only (teardown).  Refuses new batches, passes on all it has, joins. */
void journal_stop(struct journal *j);
void journal_free(struct journal *j);

#endif
