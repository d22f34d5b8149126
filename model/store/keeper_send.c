/* keeper_send.c -- the keeper's own events on their way through the journal.
 * See keeper_internal.h. */
#include "model/store/keeper_internal.h"

/* One event on its way; lives on the keeper's stack. */
struct sending {
    enum err (*prepare)(void *arg, struct batch *b);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool finished;             /* guarded by lock, */
    struct ack ack;            /* ... and what it says */
};

static enum err prepare(void *arg, struct batch *b)
{
    struct sending *s = arg;
    return s->prepare(s->arg, b);
}

static void finished(void *arg, const struct ack *a)
{
    struct sending *s = arg;
    pthread_mutex_lock(&s->lock);
    s->ack = *a;
    s->finished = true;
    pthread_cond_signal(&s->told); // under the lock: the waiter's stack
    pthread_mutex_unlock(&s->lock);
}

static enum err submit(struct keeper *k, struct sending *s,
                       const struct event *e)
{
    struct batch *b = batch_new(event_size(e));
    enum err err = b ? batch_add(b, e, 0) : ERR_NOMEM;
    if (err == ERR_OK) {
        b->owner = -1;
        b->urgent = true;
        b->prepare = s->prepare ? prepare : NULL;
        b->finished = finished;
        b->arg = s;
        err = journal_submit_wait(k->opt.journal, b);
    }
    if (err != ERR_OK)
        batch_free(b);
    return err;
}

enum err keeper_send(struct keeper *k, const struct event *e,
                     enum err (*prepare_it)(void *arg, struct batch *b),
                     void *arg, struct ack *ack)
{
    struct sending s = {.prepare = prepare_it, .arg = arg,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .told = PTHREAD_COND_INITIALIZER};
    enum err err = submit(k, &s, e);
    if (err == ERR_OK) {
        pthread_mutex_lock(&s.lock);
        while (!s.finished)
            pthread_cond_wait(&s.told, &s.lock);
        pthread_mutex_unlock(&s.lock);
        *ack = s.ack;
        err = s.ack.err;
    }
    pthread_cond_destroy(&s.told);
    pthread_mutex_destroy(&s.lock);
    return err;
}
