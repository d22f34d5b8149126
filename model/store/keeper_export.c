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
    uint32_t row;              /* of the user in the model */
};

/* A history on its way. */
struct copying {
    struct export *x;
    enum history_kind kind;
    uint32_t at;               /* the next place to look at */
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

static bool keep_entry(struct history_copy *to, const struct history_entry *e)
{
    if (to->n == to->cap) {
        uint32_t cap = to->cap ? 2 * to->cap : 64;
        struct history_entry *more = realloc(to->entry, cap * sizeof *more);
        if (!more)
            return false;
        to->entry = more;
        to->cap = cap;
    }
    to->entry[to->n++] = *e;
    return true;
}

/* On the trainer's thread, whose the history is: the places from c->at on, as many
 * as do not hold it up.  An entry never changes its place while somebody is not
 * erased, and that is the keeper's work too. */
static void copy_some(void *arg)
{
    struct copying *c = arg;
    struct export *x = c->x;
    bool ratings = c->kind == HISTORY_RATINGS;
    const struct history *h = ratings ? model_history(x->k->opt.model)
                                      : model_positives(x->k->opt.model);
    const struct history_entry *e = h ? history_entries(h) : NULL;
    uint32_t n = h ? history_count(h) : 0, end = n;
    if (n > c->at && n - c->at > EXPORT_PLACES)
        end = c->at + EXPORT_PLACES;
    for (; c->at < end && !x->no_memory; c->at++)
        if (e[c->at].user == x->row)
            x->no_memory = !keep_entry(ratings ? &x->job->history
                                               : &x->job->positives, &e[c->at]);
    c->done = c->at >= n;
}

static void copy_histories(struct export *x)
{
    struct live *live = model_live(x->k->opt.model);
    struct id user = {x->job->user, x->job->user_len};
    const struct table *t = live_pin(live, x->k->opt.slot);
    x->row = ids_find(live_user_ids(live), user, t->users.n);
    live_unpin(live, x->k->opt.slot);
    for (int kind = HISTORY_RATINGS; kind <= HISTORY_POSITIVES; kind++) {
        struct copying c = {.x = x, .kind = (enum history_kind)kind};
        while (x->row != ROW_NONE && !c.done && !x->no_memory)
            trainer_run(x->k->opt.trainer, copy_some, &c);
    }
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
        copy_histories(&x);
    if (x.no_memory)
        job->err = ERR_NOMEM;
}
