/* trainer_call.c -- calls from other threads.  See trainer.h. */
#include "model/learn/trainer_internal.h"

void trainer_call(struct trainer *t, struct trainer_call *call)
{
    pthread_mutex_lock(&t->calls_lock);
    bool ended = t->ended;
    if (!ended) {
        call->next = NULL;
        *t->calls_end = call;
        t->calls_end = &call->next;
    }
    pthread_mutex_unlock(&t->calls_lock);
    if (ended)
        call->fn(call->arg);
    else
        queue_kick(t->in);
}

void trainer_run_calls(struct trainer *t, bool last)
{
    pthread_mutex_lock(&t->calls_lock);
    struct trainer_call *call = t->calls;
    t->calls = NULL;
    t->calls_end = &t->calls;
    t->ended = last;
    pthread_mutex_unlock(&t->calls_lock);
    while (call) {
        struct trainer_call *next = call->next; // fn may free the call
        call->fn(call->arg);
        call = next;
    }
}

struct waiting {
    void (*fn)(void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ran;
    bool done;                   /* guarded by lock */
};

static void run_waiting(void *arg)
{
    struct waiting *w = arg;
    w->fn(w->arg);
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->ran); // under the lock: the waiter frees it
    pthread_mutex_unlock(&w->lock);
}

void trainer_run(struct trainer *t, void (*fn)(void *arg), void *arg)
{
    struct waiting w = {fn, arg, PTHREAD_MUTEX_INITIALIZER,
                        PTHREAD_COND_INITIALIZER, false};
    struct trainer_call call = {run_waiting, &w, NULL};
    trainer_call(t, &call);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.ran, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.ran);
    pthread_mutex_destroy(&w.lock);
}
