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

struct export {
    struct keeper *k;
    struct job *job;
    uint32_t n;
    bool no_memory;
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

/* On the trainer's thread, whose the history is. */
static void copy_history(void *arg)
{
    struct export *x = arg;
    struct model *m = x->k->opt.model;
    struct live *live = model_live(m);
    const struct history *h = model_history(m);
    struct id user = {x->job->user, x->job->user_len};
    uint32_t row = ids_find(live_user_ids(live), user, UINT32_MAX), n = 0;
    if (!h || row == ROW_NONE)
        return;
    const struct history_entry *e = history_entries(h);
    for (uint32_t i = 0; i < history_count(h); i++)
        n += e[i].user == row;
    x->job->history = n ? malloc(n * sizeof *e) : NULL;
    if (!x->job->history)
        return;
    for (uint32_t i = 0; i < history_count(h); i++)
        if (e[i].user == row)
            x->job->history[x->job->nhistory++] = e[i];
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
        trainer_run(k->opt.trainer, copy_history, &x);
}
