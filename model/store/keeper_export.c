/* keeper_export.c -- everything that is held about a person.  See keeper.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/learn/history.h"
#include "model/store/keeper_internal.h"
#include "model/store/person.h"

/* Bytes of frames in one answer, whatever their number. */
#define EXPORT_BYTES (8u * 1024 * 1024)
/* Places of the history that are looked at in one go. */
#define EXPORT_PLACES 32768u

struct export {
    struct keeper *k;
    struct job *job;
    uint32_t n;
    bool no_memory;
    /* the history */
    uint32_t row;              /* of the user */
    uint32_t at;               /* the next place to look at */
    uint32_t cap;              /* entries allocated in job->history */
    bool done;
};

static bool note_frame(void *arg, const struct event *e,
                       const struct redo_place *at, const unsigned char *frame)
{
    struct export *x = arg;
    struct job *job = x->job;
    size_t need = job->frames_bytes + 8 + at->bytes;
    (void)e;
    if (x->n == job->max_events || need > EXPORT_BYTES) {
        job->next_seq = at->seq;
        return false;
    }
    if (need > job->frames_cap) {
        size_t cap = 2 * need;
        unsigned char *more = realloc(job->frames, cap);
        if (!more) {
            x->no_memory = true;
            return false;
        }
        job->frames = more;
        job->frames_cap = cap;
    }
    put_u64(job->frames + job->frames_bytes, at->seq);
    memcpy(job->frames + job->frames_bytes + 8, frame, at->bytes);
    job->frames_bytes = need;
    x->n++;
    return true;
}

/* On the trainer's thread, whose the history is: the places from x->at on, as many
 * as do not hold it up.  An entry never changes its place while somebody is not
 * erased, and that is the keeper's work too. */
static void copy_some(void *arg)
{
    struct export *x = arg;
    struct job *job = x->job;
    const struct history *h = model_history(x->k->opt.model);
    const struct history_entry *e = h ? history_entries(h) : NULL;
    uint32_t n = h ? history_count(h) : 0, end = n;
    if (n > x->at && n - x->at > EXPORT_PLACES)
        end = x->at + EXPORT_PLACES;
    for (; x->at < end && !x->no_memory; x->at++) {
        if (e[x->at].user != x->row)
            continue;
        if (job->nhistory == x->cap) {
            x->cap = x->cap ? 2 * x->cap : 64;
            struct history_entry *more = realloc(job->history,
                                                 x->cap * sizeof *more);
            x->no_memory = !more;
            if (!more)
                return;
            job->history = more;
        }
        job->history[job->nhistory++] = e[x->at];
    }
    x->done = x->at >= n;
}

static void copy_history(struct export *x)
{
    struct live *live = model_live(x->k->opt.model);
    struct id user = {x->job->user, x->job->user_len};
    const struct table *t = live_pin(live, x->k->opt.slot);
    x->row = ids_find(live_user_ids(live), user, t->users.n);
    live_unpin(live, x->k->opt.slot);
    while (x->row != ROW_NONE && !x->done && !x->no_memory)
        trainer_run(x->k->opt.trainer, copy_some, x);
}

void keeper_export(struct keeper *k, struct job *job)
{
    struct export x = {.k = k, .job = job};
    struct person who = {.user = {job->user, job->user_len}};
    uint64_t last = journal_last(k->opt.journal);
    errno = 0;
    job->err = ERR_OK;
    if (k->opt.log) {
        uint64_t from = job->from_seq, first = log_first(k->opt.log);
        job->err = person_find(k->opt.log, &who, from > first ? from : first,
                               last, note_frame, &x);
        if (x.no_memory)
            job->err = ERR_NOMEM;
    }
    job->error = errno;
    if (job->err != ERR_OK)
        return;
    if (!keeper_wait_applied(k, last))
        job->err = ERR_FULL;
    else
        copy_history(&x);
    if (x.no_memory)
        job->err = ERR_NOMEM;
}
