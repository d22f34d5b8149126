/* queue.h -- a bounded FIFO of batches between two threads.
 *
 * DESIGN  One mutex, two condition variables, an intrusive list.  The bound
 * counts events, not batches, so that one request of 10,000 events weighs
 * what it weighs.  A full queue is an answer (ERR_FULL) to queue_push and a
 * wait to queue_push_wait; nothing else in freshet waits for a queue.
 */
#ifndef FRESHET_MODEL_STORE_QUEUE_H
#define FRESHET_MODEL_STORE_QUEUE_H

#include <stdbool.h>

#include "model/store/batch.h"

struct queue;

struct queue *queue_new(uint32_t max_events);
void queue_free(struct queue *q);   /* frees the batches still inside */

/* Any thread.  Takes ownership of b on ERR_OK.  A batch that alone exceeds the
 * bound is taken when the queue is empty.  ERR_CLOSED after queue_close(). */
enum err queue_push(struct queue *q, struct batch *b) MUSTCHECK;
/* As above, but waits for room.  Journal only. */
enum err queue_push_wait(struct queue *q, struct batch *b) MUSTCHECK;

/* One consumer.  Waits until there is a batch, or for queue_kick() or the end
 * (NULL, also queue_is_closed() for the latter), then takes whole batches in order until `max_events` is reached (at
 * least one).  The caller owns the returned list, linked by `next`. */
struct batch *queue_pop(struct queue *q, uint32_t max_events);
/* As above without waiting. */
struct batch *queue_try_pop(struct queue *q, uint32_t max_events);

/* Any thread. */
uint32_t queue_depth(struct queue *q); /* events waiting */
bool queue_was_full(struct queue *q);  /* a push was refused since last asked */
bool queue_is_closed(struct queue *q); /* closed, and nothing is left in it */
void queue_kick(struct queue *q);      /* a waiting queue_pop returns now */
void queue_close(struct queue *q);     /* no more pushes; pops drain it */

#endif
