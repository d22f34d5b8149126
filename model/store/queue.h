/* queue.h -- a bounded FIFO of batches between two threads.
 *
 * DESIGN  One mutex, two condition variables, an intrusive list.  The bound
 * counts events, not batches, so that one request of 10,000 events weighs
 * what it weighs; and bytes, of which metadata has many, QUEUE_EVENT_BYTES for
 * each event of the bound.  A full queue is an answer (ERR_FULL) to queue_push and a
 * wait to queue_push_wait; nothing else in freshet waits for a queue.
 */
#ifndef FRESHET_MODEL_STORE_QUEUE_H
#define FRESHET_MODEL_STORE_QUEUE_H

#include <stdbool.h>

#include "model/store/batch.h"

#define QUEUE_EVENT_BYTES 1024u

struct queue;

struct queue *queue_new(uint32_t max_events);
void queue_free(struct queue *q);   /* frees the batches still inside */

/* Any thread.  Takes ownership of b on ERR_OK.  A batch that alone exceeds a
 * bound is taken when the queue is empty.  ERR_CLOSED after queue_close(). */
enum err queue_push(struct queue *q, struct batch *b) MUSTCHECK;
/* As above, but waits for room.  Journal only. */
enum err queue_push_wait(struct queue *q, struct batch *b) MUSTCHECK;

/* One consumer.  Waits until there is a batch, then takes whole batches in
 * order until `max_events` is reached (at least one).  The caller owns the
 * returned list, linked by `next`.  NULL: woken by queue_kick(), or closed and
 * empty (queue_is_closed() tells). */
struct batch *queue_pop(struct queue *q, uint32_t max_events);
/* As above, waiting at most ms (-1: for ever); NULL also when they are over. */
struct batch *queue_pop_within(struct queue *q, uint32_t max_events, int ms);
/* As above without waiting. */
struct batch *queue_try_pop(struct queue *q, uint32_t max_events);

/* Any thread. */
uint32_t queue_depth(struct queue *q); /* events waiting */
bool queue_was_full(struct queue *q);  /* a push was refused since last asked */
bool queue_is_closed(struct queue *q); /* closed, and nothing is left in it */
/* A waiting queue_pop, or the next one, returns at once even without a batch:
 * so the consumer looks at what else it was asked.  Kicks do not add up. */
void queue_kick(struct queue *q);
/* Any thread.  While stalled, pops find nothing and wait: until a kick, or until
 * the queue is closed, which ends it.  Nobody waits for room then: who pushes
 * has seen to it that there is some (journal.h). */
void queue_stall(struct queue *q, bool on);
bool queue_is_stalled(struct queue *q);
/* Is there room for so many events more? */
bool queue_has_room(struct queue *q, uint32_t more);
void queue_close(struct queue *q);     /* no more pushes; pops drain it */

#endif
